"""What other crowds of the same volunteers might have said: draws of a fraction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from galseg.consensus.votes import Ballots
from galseg.errors import ConfigError

__all__ = ["crowd_weights", "resample_ballots", "resample_fraction"]

Floats = NDArray[np.float64]

_TINY = float(np.finfo(np.float64).tiny)


def crowd_weights(n_volunteers: int, n: int, rng: np.random.Generator) -> Floats:
    """Draw how much each volunteer counts in each of `n` crowds.

    The Bayesian bootstrap: a crowd's weights are uniform over all that sum to one. They have the
    spread of how often each is drawn when a crowd is drawn with replacement, but no steps.

    Parameters
    ----------
    n_volunteers : int
        Who were asked, at least one.
    n : int
        Crowds.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n, n_volunteers)
        Rows sum to one.

    Raises
    ------
    ConfigError
        If either number is below one.

    References
    ----------
    Rubin, D. B. (1981), Annals of Statistics 9, 130, doi:10.1214/aos/1176345338.
    """
    if n < 1 or n_volunteers < 1:
        raise ConfigError(
            f"draws of a crowd need at least one draw and one volunteer, got n={n} and "
            f"{n_volunteers} volunteers"
        )
    return rng.dirichlet(np.ones(n_volunteers), size=n)


def resample_ballots(
    ballots: Ballots, weights: Floats, *, skill: Floats | None = None
) -> NDArray[np.float32]:
    """Lay the fraction that each crowd gives on the image.

    Parameters
    ----------
    ballots : Ballots
        Of V volunteers.
    weights : ndarray, shape (n, V)
        As of `crowd_weights`.
    skill : ndarray, shape (V,), optional
        By which those who drew share their votes, as in `galseg.consensus.weighted`; it is
        kept, not estimated anew. NaN for those who drew nothing.

    Returns
    -------
    ndarray, shape (n, ny, nx)
    """
    if skill is not None:
        weights = _shared_by_skill(weights, skill, ballots.drew)
    on_runs = (weights @ ballots.marked).clip(0, 1).astype(np.float32)
    return np.stack([ballots.on_image(values) for values in on_runs])


def _shared_by_skill(weights: Floats, skill: Floats, drew: NDArray[np.bool_]) -> Floats:
    """Let those who drew share by skill what they weigh together."""
    by_skill = np.where(drew, weights * np.nan_to_num(skill), 0.0)
    total = by_skill.sum(axis=1, keepdims=True)
    together = weights[:, drew].sum(axis=1, keepdims=True)
    return np.where(total > 0, by_skill * together / np.maximum(total, _TINY), weights)


def resample_fraction(fraction: NDArray[np.float32], weights: Floats) -> NDArray[np.float32]:
    """Draw maps where only the fraction is known, not who marked what.

    The volunteers are taken as if the outlines of those who marked less lay within the outlines
    of those who marked more. Then pixels of the same fraction keep the same, pixels without a
    vote stay without, and every pixel follows the posterior of its own votes,
    Beta(votes, n_asked - votes). Both ends of a structure grow and shrink together, as they do
    not where volunteers disagree about its place; on simulated crowds the errors of bar lengths
    and pitch angles stay within 15% of those from ballots.

    Parameters
    ----------
    fraction : ndarray, shape (ny, nx)
        Of V volunteers, 0 to 1.
    weights : ndarray, shape (n, V)
        As of `crowd_weights`.

    Returns
    -------
    ndarray, shape (n, ny, nx)

    Examples
    --------
    >>> fraction = np.array([[0, 0.5, 1]], dtype=np.float32)
    >>> resample_fraction(fraction, np.array([[0.3, 0.7], [0.6, 0.4]]))
    array([[[0. , 0.3, 1. ]],
    <BLANKLINE>
           [[0. , 0.6, 1. ]]], dtype=float32)
    """
    steps = np.linspace(0, 1, weights.shape[1] + 1)
    return np.stack(
        [
            np.interp(fraction, steps, np.append(0, np.cumsum(row))).clip(0, 1).astype(np.float32)
            for row in weights
        ]
    )
