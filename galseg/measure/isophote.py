"""Ellipses through the light of a galaxy at given levels, robust to stars and missing pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galseg.measure.ellipse import Ellipse

__all__ = ["Isophote", "fit_isophote", "isophotes_along"]

Floats = NDArray[np.float64]

_N_SECTORS = 36
_MIN_SECTORS = 18  # with a radius, for a fit
_MAX_STEPS = 12
_SETTLED = 2e-3  # of the radius
_FIRST_REACH, _REACH = 2.5, 1.7  # in radii of the ellipse
_FINEST = 0.03  # cell
_CLIP, _LEAST_CLIP, _MAX_CLIPS = 3.0, 0.02, 5
_TURN = (np.arange(_N_SECTORS) + 0.5) * 2 * np.pi / _N_SECTORS
_BASIS = np.stack(
    [np.ones(_N_SECTORS), *(wave(k * _TURN) for k in (1, 2, 3, 4) for wave in (np.cos, np.sin))]
)


@dataclass(frozen=True, eq=False)
class Isophote:
    """An ellipse through the light at one level.

    Attributes
    ----------
    level : float
    ellipse : Ellipse
    waves : ndarray, shape (5,)
        That bent the ellipse before into this one, see `Ellipse.bent`.
    wave_err : float
        Error of each of them, in units of the radius.
    scatter : float
        Of the isophote about the ellipse, in units of the radius.
    """

    level: float
    ellipse: Ellipse
    waves: Floats
    wave_err: float
    scatter: float

    @property
    def is_at_rest(self) -> bool:
        """Whether the ellipse before was the same, but for noise."""
        change = np.abs(self.waves - (1, 0, 0, 0, 0)).max()
        return bool(change < max(_SETTLED, 2 * self.wave_err))


def fit_isophote(
    points: Floats, light: Floats, *, level: float, start: Ellipse, pixel: float
) -> Isophote | None:
    """Fit the ellipse at which light falls below a level.

    The plane is divided into 36 sectors of the ellipse found last. Going outwards in a sector,
    the isophote lies where the medians of the light change most clearly from above the level to
    below it. The waves in its radius then move and deform the ellipse until it rests.

    Parameters
    ----------
    points : ndarray, shape (N, 2)
        Places of pixels.
    light : ndarray, shape (N,)
        Above the sky; no NaN.
    level : float
        Above zero.
    start : Ellipse
    pixel : float
        Size of a pixel, in units of the points.

    Returns
    -------
    Isophote or None
        None where fewer than half of the sectors reach below the level, or the ellipse does not
        come to rest.

    References
    ----------
    Jedrzejewski, R. I. (1987), MNRAS 226, 747, doi:10.1093/mnras/226.4.747: corrections to an
    ellipse from harmonics along it.
    """
    ellipse, reach = start, _FIRST_REACH
    for _ in range(_MAX_STEPS):
        sectors = _Sectors.of(points, light, ellipse, reach=reach, pixel=pixel)
        found = sectors.isophote_at(level)
        if found is None or found.ellipse.semi_axes[1] < pixel:
            return None
        if found.is_at_rest:
            return found
        ellipse = found.ellipse
        reach = _REACH if abs(found.waves[0] - 1) < 0.3 else _FIRST_REACH
    return None


def isophotes_along(
    points: Floats, light: Floats, *, levels: Floats, ellipse: Ellipse, pixel: float
) -> tuple[Isophote, ...]:
    """Fit the isophotes at several levels from the sectors of one ellipse close to them all."""
    sectors = _Sectors.of(points, light, ellipse, reach=_REACH, pixel=pixel)
    found = (sectors.isophote_at(level) for level in levels)
    return tuple(isophote for isophote in found if isophote is not None)


@dataclass(frozen=True, eq=False)
class _Sectors:
    """Medians of the light in cells of azimuth and radius about an ellipse.

    Both arrays have shape (sectors, cells); NaN where a cell has no pixel. The radius is in units
    of the ellipse.
    """

    ellipse: Ellipse
    radius: Floats
    light: Floats

    @classmethod
    def of(
        cls, points: Floats, light: Floats, ellipse: Ellipse, *, reach: float, pixel: float
    ) -> _Sectors:
        x, y = ellipse.to_circle(points).T
        radius = np.hypot(x, y)
        step = max(_FINEST, pixel / np.sqrt(np.prod(ellipse.semi_axes)))
        n_cells = max(int(reach / step), 1)
        near = radius < n_cells * step
        turn = (np.arctan2(y[near], x[near]) / (2 * np.pi)) % 1.0
        sector = np.minimum((turn * _N_SECTORS).astype(int), _N_SECTORS - 1)
        cell = sector * n_cells + (radius[near] / step).astype(int)
        cells = pd.DataFrame({"radius": radius[near], "light": light[near]}).groupby(cell)
        medians = np.full((2, _N_SECTORS * n_cells), np.nan)
        table = cells.median()
        medians[:, table.index] = table.to_numpy().T
        return cls(ellipse, *medians.reshape(2, _N_SECTORS, n_cells))

    def isophote_at(self, level: float) -> Isophote | None:
        """Bend the ellipse until it follows the isophote; None for too few sectors that show it.

        Waves of three and four periods are no part of an ellipse: arms, neighbours and noise make
        them, and make as much of those that are. Their size is the error.
        """
        radii = np.array(
            [_fall_below(*cells, level) for cells in zip(self.radius, self.light, strict=True)]
        )
        fitted = _waves(radii)
        if fitted is None:
            return None
        waves, good = fitted
        scatter = float(np.std((radii - waves[:5] @ _BASIS[:5])[good], ddof=5))
        of_no_ellipse = float(np.sqrt(np.mean(waves[5:] ** 2)))
        err = max(of_no_ellipse, scatter * float(np.sqrt(2 / good.sum())))
        size = float(waves[0])
        return Isophote(level, self.ellipse.bent(waves[:5]), waves[:5], err / size, scatter / size)


def _fall_below(radius: Floats, light: Floats, level: float) -> float:
    """Where light falls below a level for good, between cells."""
    seen = ~np.isnan(light)
    radius, light = radius[seen], light[seen]
    # The sum rises while the light is above; a star far out cannot make up for the dark before.
    above = np.cumsum(((light - level) / level).clip(-1, 1))
    last = int(np.argmax(above)) if len(above) else 0
    if last + 1 >= len(above) or not above[last] > 0:
        return float("nan")
    inner, outer = light[last], light[last + 1]
    return float(
        radius[last] + (inner - level) / (inner - outer) * (radius[last + 1] - radius[last])
    )


def _waves(radii: Floats) -> tuple[Floats, NDArray[np.bool_]] | None:
    """Fit waves to the radii of the sectors, and tell which sectors are no outliers."""
    found = ~np.isnan(radii)
    good = found
    for _ in range(_MAX_CLIPS):
        if good.sum() < _MIN_SECTORS:
            return None
        waves = np.asarray(np.linalg.lstsq(_BASIS.T[good], radii[good], rcond=None)[0], float)
        away = np.abs(radii - waves[:5] @ _BASIS[:5])
        spread = 1.4826 * np.median(away[good])
        kept = found & (away <= max(_CLIP * spread, _LEAST_CLIP * waves[0]))
        if (kept == good).all():
            break
        good = kept
    return (waves, good) if waves[0] > 0 and good.any() else None
