"""Pitch angles of galaxies from those of their arms, which differ from each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from scipy.special import log_ndtr, ndtri_exp
from scipy.stats import invgamma

from galseg.errors import ConfigError, ShapeError

__all__ = ["PitchHierarchy", "PosteriorSummary", "pitch_hierarchy", "summarise_samples"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEEPEST_DEG = 90.0
_N_SCATTERS, _N_FINE_SCATTERS = 64, 4096
_N_MEANS = 97
_REACH = 8.0  # standard deviations that the grid of means goes to
_PRIOR_TAIL = 1e-6


class PosteriorSummary(NamedTuple):
    """What posterior samples say, in the unit of the samples.

    Attributes
    ----------
    mean, err : ndarray
        Mean and standard deviation.
    p16, p84 : ndarray
        Percentiles: 68% lie between them.
    """

    mean: Floats
    err: Floats
    p16: Floats
    p84: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class PitchHierarchy:
    """Posterior samples of pitch angles, drawn together.

    Attributes
    ----------
    arm_scatter_deg : ndarray, shape (S,)
        How much the arms of a galaxy differ: the width of their distribution before it is cut
        off at 0 and 90 degrees.
    galaxy_pitch_deg : ndarray, shape (S, G)
        Centre of that distribution.
    arm_pitch_deg : ndarray, shape (S, A)
        In the order in which the arms were given.
    galaxies : ndarray, shape (G,)
        Which galaxy a column of `galaxy_pitch_deg` belongs to.
    """

    arm_scatter_deg: Floats
    galaxy_pitch_deg: Floats
    arm_pitch_deg: Floats
    galaxies: NDArray[np.generic]


def summarise_samples(samples: ArrayLike) -> PosteriorSummary:
    """Mean, standard deviation and percentiles over the first axis.

    Parameters
    ----------
    samples : array_like, shape (S, ...)

    Returns
    -------
    PosteriorSummary
        Arrays of shape ``(...)``.

    Raises
    ------
    ShapeError
        If there is no sample.

    Examples
    --------
    >>> summarise_samples([[1.0, 5.0], [3.0, 5.0]]).mean
    array([2., 5.])
    """
    values = np.asarray(samples, dtype=float)
    if values.ndim < 1 or len(values) < 1:
        raise ShapeError(f"samples must have shape (S, ...) with S > 0, got {values.shape}")
    p16, p84 = np.percentile(values, [16, 84], axis=0)
    return PosteriorSummary(values.mean(axis=0), values.std(axis=0), p16, p84)


def pitch_hierarchy(
    pitch_deg: ArrayLike,
    err_deg: ArrayLike,
    galaxy_index: ArrayLike | None = None,
    *,
    scatter_prior: tuple[float, float] = (2.0, 20.0),
    n_samples: int = 2000,
    seed: int = 0,
) -> PitchHierarchy:
    """Estimate galaxies' pitch angles, the scatter between their arms, and the arms' own.

    The arms of a galaxy are normally distributed about its pitch angle, cut off at 0 and 90
    degrees, with one scatter for all galaxies; what was measured is normally distributed about
    the arms' true values. Galaxies' pitch angles are a priori uniform, the scatter follows an
    inverse gamma distribution. The samples are independent of each other: arms and means are
    integrated out and the scatter is drawn from its own posterior first, then the means, then
    the arms. There is no chain and nothing to tune.

    Parameters
    ----------
    pitch_deg : array_like, shape (A,)
        Measured, -90 to 90; negative for an arm that winds against its galaxy.
    err_deg : array_like, shape (A,)
        Standard deviations, above 0.
    galaxy_index : array_like, shape (A,), optional
        Number or name of each arm's galaxy; all arms are of one galaxy if left out.
    scatter_prior : tuple of float, optional
        Shape, and scale in degrees, of the inverse gamma distribution of the scatter.
    n_samples : int, optional
    seed : int, optional

    Returns
    -------
    PitchHierarchy

    Raises
    ------
    ShapeError
        If the arrays do not have one and the same length above 0.
    ConfigError
        If a number is outside its range.

    References
    ----------
    Lingard, T. et al. (2021), MNRAS 504, 3364, doi:10.1093/mnras/stab1072: the model.

    Examples
    --------
    >>> posterior = pitch_hierarchy([14.0, 22.0, 20.0], [1.0, 2.0, 1.5])
    >>> galaxy = summarise_samples(posterior.galaxy_pitch_deg)
    >>> bool(15 < galaxy.mean[0] < 23), bool(3 < galaxy.err[0] < 10)
    (True, True)
    """
    pitch, err, galaxy, galaxies = _checked(pitch_deg, err_deg, galaxy_index)
    if n_samples < 1:
        raise ConfigError(f"n_samples must be at least 1, got {n_samples}")
    prior = _prior(scatter_prior)
    first, last = np.log(prior.ppf([_PRIOR_TAIL, 1 - _PRIOR_TAIL])).tolist()
    log_scatter = np.linspace(first, last, _N_SCATTERS)
    scatters = np.exp(log_scatter)
    members = [np.flatnonzero(galaxy == number) for number in range(len(galaxies))]
    means = [_Means.given(scatters, pitch[arms], err[arms]) for arms in members]
    log_density = prior.logpdf(scatters) + log_scatter + sum(m.log_evidence for m in means)

    rng = np.random.default_rng(seed)
    drawn = _draw_on_line(log_scatter, log_density, rng.random(n_samples))
    galaxy_pitch = np.column_stack([m.draw(drawn, log_scatter, rng) for m in means])
    centre, width = _between(pitch, err, galaxy_pitch[:, galaxy], np.exp(drawn)[:, None])
    return PitchHierarchy(
        arm_scatter_deg=np.exp(drawn),
        galaxy_pitch_deg=galaxy_pitch,
        arm_pitch_deg=_draw_cut_off(centre, width, rng.random(centre.shape)),
        galaxies=galaxies,
    )


def _checked(
    pitch_deg: ArrayLike, err_deg: ArrayLike, galaxy_index: ArrayLike | None
) -> tuple[Floats, Floats, Ints, NDArray[np.generic]]:
    pitch, err = np.asarray(pitch_deg, dtype=float), np.asarray(err_deg, dtype=float)
    index = np.zeros(pitch.shape, dtype=int) if galaxy_index is None else np.asarray(galaxy_index)
    if pitch.ndim != 1 or not pitch.size or not pitch.shape == err.shape == index.shape:
        raise ShapeError(
            "pitch_deg, err_deg and galaxy_index must have one shape (A,) with A > 0, got "
            f"{pitch.shape}, {err.shape} and {index.shape}"
        )
    if not (np.abs(pitch) <= _STEEPEST_DEG).all():
        raise ConfigError(f"pitch_deg must be -90 to 90, got {pitch.min()} to {pitch.max()}")
    if not ((err > 0) & np.isfinite(err)).all():
        raise ConfigError(
            f"err_deg must be finite and above 0, got {err.min()} to {err.max()}; leave arms "
            "without an error out"
        )
    galaxies, number = np.unique(index, return_inverse=True)
    return pitch, err, number, galaxies


def _prior(scatter_prior: tuple[float, float]) -> invgamma:
    shape, scale = scatter_prior
    if not (0 < shape < math.inf and 0 < scale < math.inf):
        raise ConfigError(f"scatter_prior must be two finite numbers above 0, got {scatter_prior}")
    return invgamma(shape, scale=scale)


@dataclass(frozen=True, eq=False)
class _Means:
    """A galaxy's pitch angle given the scatter, shapes (scatters, means), and its evidence."""

    grid: Floats
    cumulated: Floats
    log_evidence: Floats

    @classmethod
    def given(cls, scatters: Floats, pitch: Floats, err: Floats) -> _Means:
        """Lay a grid over where the mean may be for every scatter, and integrate."""
        variance = scatters[:, None] ** 2 + err**2
        width = 1 / np.sqrt((1 / variance).sum(axis=1))
        middle = np.clip(width**2 * (pitch / variance).sum(axis=1), 0, _STEEPEST_DEG)
        low = np.maximum(middle - _REACH * width, 0)
        high = np.minimum(middle + _REACH * width, _STEEPEST_DEG)
        grid = np.linspace(low, high, _N_MEANS, axis=1)
        log_density = _log_likelihood(grid[:, :, None], scatters[:, None, None], pitch, err)
        peak = log_density.max(axis=1, keepdims=True)
        density = np.exp(log_density - peak)
        steps = np.diff(grid) * (density[:, 1:] + density[:, :-1]) / 2
        cumulated = np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))
        total = cumulated[:, -1:]
        return cls(grid, cumulated / total, (peak + np.log(total))[:, 0])

    def draw(self, log_scatter: Floats, nodes: Floats, rng: np.random.Generator) -> Floats:
        """One pitch angle for each scatter, between those of the two nodes beside it."""
        place = np.interp(log_scatter, nodes, np.arange(len(nodes)))
        below = np.minimum(place.astype(int), len(nodes) - 2)
        quantile = rng.random(len(place))
        low, high = (self._quantile(row, quantile) for row in (below, below + 1))
        return np.asarray(low + (place - below) * (high - low))

    def _quantile(self, row: Ints, quantile: Floats) -> Floats:
        rows = np.arange(len(self.cumulated))[:, None]
        right = np.searchsorted((self.cumulated + 2 * rows).ravel(), quantile + 2 * row)
        right = np.clip(right - row * _N_MEANS, 1, _N_MEANS - 1)
        x0, x1 = self.grid[row, right - 1], self.grid[row, right]
        y0, y1 = self.cumulated[row, right - 1], self.cumulated[row, right]
        share = (quantile - y0) / np.maximum(y1 - y0, np.finfo(float).tiny)
        return np.asarray(x0 + np.clip(share, 0, 1) * (x1 - x0))


def _log_likelihood(mean: Floats, scatter: Floats, pitch: Floats, err: Floats) -> Floats:
    """Of all arms, the last axis; their true values, cut off at both ends, are integrated out."""
    variance = scatter**2 + err**2
    whole = -((pitch - mean) ** 2) / variance / 2 - np.log(variance) / 2
    inside = _log_share(*_between(pitch, err, mean, scatter))
    return np.asarray((whole + inside - _log_share(mean, scatter)).sum(axis=-1))


def _between(pitch: Floats, err: Floats, mean: Floats, scatter: Floats) -> tuple[Floats, Floats]:
    """Centre and width of an arm's true pitch angle, by its measurement and its galaxy."""
    weight = scatter**2 / (scatter**2 + err**2)
    return mean + weight * (pitch - mean), np.sqrt(weight) * err


def _log_share(centre: Floats, width: Floats) -> Floats:
    """Logarithm of how much of a normal distribution lies between 0 and 90 degrees."""
    _, low, high = _log_tails(centre, width)
    return np.asarray(high + np.log1p(-np.exp(low - high)))


def _draw_cut_off(centre: Floats, width: Floats, quantile: Floats) -> Floats:
    """Quantiles of normal distributions that are cut off at 0 and 90 degrees."""
    side, low, high = _log_tails(centre, width)
    quantile = np.where(side > 0, quantile, 1 - quantile)
    tail = np.logaddexp(low, np.log(quantile) + high + np.log1p(-np.exp(low - high)))
    return np.asarray(np.clip(centre + side * width * ndtri_exp(tail), 0, _STEEPEST_DEG))


def _log_tails(centre: Floats, width: Floats) -> tuple[Floats, Floats, Floats]:
    """Logarithms of the shares below the two ends, on the side where they are not near 1."""
    low, high = -centre / width, (_STEEPEST_DEG - centre) / width
    side = np.where(low > 0, -1.0, 1.0)
    ends = np.where(low > 0, -high, low), np.where(low > 0, -low, high)
    return side, log_ndtr(ends[0]), log_ndtr(ends[1])


def _draw_on_line(x: Floats, log_density: Floats, quantile: Floats) -> Floats:
    """Quantiles of a density that is smooth between the places at which it is known."""
    fine = np.linspace(x[0], x[-1], _N_FINE_SCATTERS)
    log_fine = CubicSpline(x, log_density)(fine)
    density = np.exp(log_fine - log_fine.max())
    cumulated = np.append(0.0, np.cumsum((density[1:] + density[:-1]) / 2))
    return np.interp(quantile, cumulated / cumulated[-1], fine)
