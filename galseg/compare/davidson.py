"""How strong each method is, from choices of the best among several, with ties."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, softmax

from galseg.errors import ConfigError, ShapeError

__all__ = ["DavidsonFit", "fit_davidson"]

Floats = NDArray[np.float64]

_MOST_STEPS = 100
_LONGEST_STEP = 2.0  # in log worth; keeps Newton's method from running away far from the maximum
_CLOSE = 1e-10


class DavidsonFit(NamedTuple):
    """Worths of M methods, fitted to one set of counts or to many.

    Attributes
    ----------
    worth : ndarray, shape (..., M)
        Adding up to one: the probability of being chosen from among all, given that one is.
    worth_err : ndarray, shape (..., M)
        One standard deviation, from the curvature of the likelihood.
    tie_ratio : ndarray, shape (...)
        Davidson's nu: n methods of equal worth tie with probability ``nu / (n + nu)``. NaN where
        ties were not allowed.
    tie_ratio_err : ndarray, shape (...)
    """

    worth: Floats
    worth_err: Floats
    tie_ratio: Floats
    tie_ratio_err: Floats


def fit_davidson(
    chosen: ArrayLike,
    tied: ArrayLike,
    shown: ArrayLike,
    *,
    ties: bool = True,
    n_pseudo: float = 0.5,
) -> DavidsonFit:
    r"""Fit Davidson's extension of the Bradley-Terry model by penalised maximum likelihood.

    Of a set S of n methods, method i is chosen with a probability proportional to its worth
    :math:`\pi_i`, and none, a tie, with one proportional to
    :math:`\nu\,(\prod_{j \in S} \pi_j)^{1/n}`. For two methods that is Davidson's model; for more
    the Davidson-Luce model with ties of all methods shown. It takes each choice as it was made,
    out of all that were shown, and not for several choices between two. Newton's method finds the
    one maximum. As if each parameter had won and lost `n_pseudo` times against a fixed one (for
    one half, a log-F(1, 1) prior), it exists even if a method was never or always chosen.

    Parameters
    ----------
    chosen : array_like, shape (..., C, M)
        How often each of M methods was chosen in each of C comparisons, that is, sets shown.
    tied : array_like, shape (..., C)
        How often none was.
    shown : array_like of bool, shape (C, M)
        Which methods there were to choose from; two or more in each comparison.
    ties : bool, optional
        Whether ties were allowed.
    n_pseudo : float, optional
        Above zero; nearly zero gives the maximum likelihood, where there is one.

    Returns
    -------
    DavidsonFit

    Raises
    ------
    ShapeError
        If the shapes do not fit, or something was chosen that was not shown.
    ConfigError
        If `n_pseudo` is not above zero.

    References
    ----------
    Davidson, R. R. (1970), J. Am. Stat. Assoc. 65, 317, doi:10.1080/01621459.1970.10481082.
    Firth, D., Kosmidis, I. & Turner, H. (2019), arXiv:1909.07123.
    Greenland, S. & Mansournia, M. A. (2015), Stat. Med. 34, 3133, doi:10.1002/sim.6537.

    Examples
    --------
    >>> fit = fit_davidson([[60, 30]], [10], [[True, True]])
    >>> fit.worth.round(2)
    array([0.67, 0.33])
    """
    if not n_pseudo > 0:
        raise ConfigError(f"n_pseudo must be above zero, got {n_pseudo}")
    n_chosen, is_shown = np.asarray(chosen, dtype=float), np.asarray(shown, dtype=bool)
    n_tied = np.asarray(tied, dtype=float)
    _check(n_chosen, n_tied, is_shown)
    counts = np.concatenate([n_chosen, n_tied[..., None] * ties], axis=-1)
    possible = np.column_stack([is_shown, np.full(len(is_shown), ties)])
    terms = _terms(is_shown)
    parameters, information = _maximise(counts, possible, terms, n_pseudo)
    return _fit(parameters, np.asarray(np.linalg.inv(information), dtype=float), ties=ties)


def _check(chosen: Floats, tied: Floats, shown: NDArray[np.bool_]) -> None:
    if shown.ndim != 2 or chosen.shape[-2:] != shown.shape or chosen.shape[:-1] != tied.shape:
        raise ShapeError(
            "chosen, tied and shown must have shapes (..., C, M), (..., C) and (C, M), got "
            f"{chosen.shape}, {tied.shape} and {shown.shape}"
        )
    if (shown.sum(axis=1) < 2).any() or chosen[..., ~shown].any():
        raise ShapeError("two or more methods must be shown, and only those shown be chosen")


def _terms(shown: NDArray[np.bool_]) -> Floats:
    """Which parameters the log weight of each outcome adds up, shape (C, M + 1, M + 1).

    The parameters are the log worths and the log of nu; the last outcome is the tie.
    """
    n_sets, n_methods = shown.shape
    terms = np.broadcast_to(np.eye(n_methods + 1), (n_sets, n_methods + 1, n_methods + 1)).copy()
    terms[:, -1, :-1] = shown / shown.sum(axis=1, keepdims=True)
    return terms


def _maximise(
    counts: Floats, possible: NDArray[np.bool_], terms: Floats, n_pseudo: float
) -> tuple[Floats, Floats]:
    """Return the parameters at the maximum, and the information there."""
    parameters = np.zeros((*counts.shape[:-2], counts.shape[-1]))
    total = counts.sum(axis=-1)
    diagonal = np.eye(parameters.shape[-1])
    for _ in range(_MOST_STEPS):
        weight = np.where(possible, np.einsum("cop,...p->...co", terms, parameters), -np.inf)
        probability = softmax(weight, axis=-1)
        mean = np.einsum("...co,cop->...cp", probability, terms)
        squares = np.einsum("...c,...co,cop,coq->...pq", total, probability, terms, terms)
        information = squares - np.einsum("...c,...cp,...cq->...pq", total, mean, mean)
        lead = expit(parameters)
        information += 2 * n_pseudo * (lead * (1 - lead))[..., None] * diagonal
        residual = counts - total[..., None] * probability
        slope = np.einsum("...co,cop->...p", residual, terms) + n_pseudo * (1 - 2 * lead)
        step = np.linalg.solve(information, slope[..., None])[..., 0]
        size = np.abs(step).max(axis=-1, keepdims=True)
        if not (size > _CLOSE).any():
            break
        parameters = parameters + step * np.minimum(1, _LONGEST_STEP / np.maximum(size, _CLOSE))
    return parameters, information


def _fit(parameters: Floats, covariance: Floats, *, ties: bool) -> DavidsonFit:
    worth = softmax(parameters[..., :-1], axis=-1)
    jacobian = worth[..., None] * (np.eye(worth.shape[-1]) - worth[..., None, :])
    of_worth = jacobian @ covariance[..., :-1, :-1] @ np.swapaxes(jacobian, -1, -2)
    tie_ratio = np.exp(parameters[..., -1]) if ties else np.full(parameters.shape[:-1], np.nan)
    return DavidsonFit(
        worth=worth,
        worth_err=np.sqrt(np.diagonal(of_worth, axis1=-2, axis2=-1)),
        tie_ratio=tie_ratio,
        tie_ratio_err=tie_ratio * np.sqrt(covariance[..., -1, -1]),
    )
