"""The average of several ellipses that outline the same disc."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from galseg.measure.ellipse import Ellipse
from galseg.measure.isophote import Isophote

__all__ = ["MIN_FOR_SCATTER", "DiscOutline"]

Floats = NDArray[np.float64]
_Average: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]

MIN_FOR_SCATTER = 3  # drawings, below which their scatter says nothing


@dataclass(frozen=True, eq=False)
class DiscOutline:
    """An ellipse with errors, as seen.

    Attributes
    ----------
    shape : ndarray, shape (2,)
        As of `Ellipse`.
    shape_errs : ndarray, shape (2,)
        Along the direction of `shape` and across it.
    radius, radius_err : float
        Semi-major axis.
    centre : ndarray, shape (2,)
    centre_err : float
        Along each axis.
    """

    shape: Floats
    shape_errs: Floats
    radius: float
    radius_err: float
    centre: Floats
    centre_err: float

    @property
    def flatness(self) -> float:
        """One minus the axis ratio."""
        return math.hypot(*self.shape)

    @property
    def ray(self) -> Floats:
        """From the centre to an end of the long axis, shape (2,)."""
        half = math.atan2(self.shape[1], self.shape[0]) / 2
        return self.radius * np.array([math.cos(half), math.sin(half)])

    @property
    def turn_err_deg(self) -> float:
        """Error of the long axis' direction; infinite for a circle."""
        flatness = self.flatness
        return math.degrees(self.shape_errs[1] / 2 / flatness) if flatness else math.inf

    @classmethod
    def from_drawings(cls, ellipses: Sequence[Ellipse]) -> DiscOutline:
        """Take medians, with their errors from the scatter; NaN for fewer than three."""
        return cls._average(ellipses, _median)

    @classmethod
    def from_isophotes(cls, isophotes: Sequence[Isophote]) -> DiscOutline:
        """Average shape and centre over isophotes, and take the radius of the first.

        Arms and neighbours bend all isophotes alike, so that their average errs as much as each
        of them: the errors are those of one, or the scatter where it is larger.
        """
        mean = cls._average([isophote.ellipse for isophote in isophotes], _mean)
        wave_err = float(np.sqrt(np.mean([isophote.wave_err**2 for isophote in isophotes])))
        outer = isophotes[0]
        major, minor = (float(axis) for axis in outer.ellipse.semi_axes)
        return replace(
            mean,
            shape_errs=np.maximum(mean.shape_errs, 2 * (1 - mean.flatness) * wave_err),
            radius=major,
            radius_err=major * outer.wave_err * math.sqrt(1.5),  # of waves 0 and 2 together
            centre_err=max(mean.centre_err, wave_err * math.hypot(major, minor) / math.sqrt(2)),
        )

    @classmethod
    def _average(cls, ellipses: Sequence[Ellipse], average: _Average) -> DiscOutline:
        shapes = np.array([ellipse.shape for ellipse in ellipses])
        shape, _ = average(shapes)
        cos2, sin2 = shape / (math.hypot(*shape) or 1.0)
        _, shape_errs = average(shapes @ np.array([[cos2, -sin2], [sin2, cos2]]))
        radius, radius_err = average(np.array([ellipse.semi_axes[0] for ellipse in ellipses]))
        centre, centre_errs = average(np.array([ellipse.centre for ellipse in ellipses]))
        return cls(
            shape,
            shape_errs,
            float(radius),
            float(radius_err),
            centre,
            float(np.sqrt(np.mean(centre_errs**2))),
        )


def _mean(rows: Floats) -> tuple[Floats, Floats]:
    """Mean and scatter."""
    return rows.mean(axis=0), rows.std(axis=0)


def _median(rows: Floats) -> tuple[Floats, Floats]:
    """Median and its error, from the scatter that half of the rows keep to."""
    middle = np.median(rows, axis=0)
    if len(rows) < MIN_FOR_SCATTER:
        return middle, np.full(np.shape(middle), np.nan)
    scatter = 1.4826 * np.median(np.abs(rows - middle), axis=0)
    return middle, np.asarray(1.2533 * scatter / np.sqrt(len(rows)))
