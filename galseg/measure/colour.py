"""Colour of a region between two bands."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from galseg.frame import ImageFrame
from galseg.measure.flags import MeasureFlag
from galseg.measure.inter_region import Comparison
from galseg.measure.light_map import LightMap
from galseg.measure.photometry import Image, light_flags, shares_of, with_noise

__all__ = ["Colour", "measure_colour"]


@dataclass(frozen=True, kw_only=True)
class Colour:
    """A colour between two bands in a region.

    Attributes
    ----------
    magnitude, magnitude_err : float
        First band minus second; NaN with NO_LIGHT where the light of one is not above zero.
    n_pixels : float
        Shares of the pixels observed in both bands, added up.
    n_nan : int
        Pixels of the region that are missing in one of them.
    flags : MeasureFlag
    """

    magnitude: float = math.nan
    magnitude_err: float = math.nan
    n_pixels: float = 0.0
    n_nan: int = 0
    flags: MeasureFlag = MeasureFlag.NONE


def measure_colour(
    region: ArrayLike,
    first: Image,
    second: Image,
    *,
    frame: ImageFrame,
    noise: tuple[Image, Image] | None = None,
    zero_points: tuple[float, float] = (0.0, 0.0),
) -> Colour:
    """Measure the colour of a region between two bands, from the pixels observed in both.

    Parameters
    ----------
    region : array_like, shape (ny, nx)
        As for `measure_light`.
    first, second : array_like or Quantity, shape (ny, nx)
        Light in the two bands, linear and not in magnitudes; seen with the same sharpness, if
        the region is not much larger than that.
    frame : ImageFrame
        Of all.
    noise : tuple of two array_like or Quantity, optional
        As for `measure_light`; if left out, the scatter of all pixels of which no part is in the
        region.
    zero_points : tuple of float, optional
        Magnitude of a light of 1 in each band. Flux densities per frequency in one unit have
        the same, so that the colour is in AB magnitudes.

    Returns
    -------
    Colour

    Raises
    ------
    ShapeError
        If an array does not fit the frame, or the region is not 0 to 1.
    ConfigError
        If units do not convert.

    Examples
    --------
    >>> g, r = np.full((2, 8, 8), [[[1.0]], [[2.0]]])
    >>> round(measure_colour(np.ones((8, 8)), g, r, frame=ImageFrame((8, 8))).magnitude, 3)
    0.753
    """
    shares, flags = shares_of(region, frame, "region")
    one, other = LightMap.of(first, frame, name="first"), LightMap.of(second, frame, name="second")
    other = replace(other, values=other.in_unit_of(one, name="second image"), unit=one.unit)
    beside = Comparison.with_region((shares == 0).astype(float))
    noises = (None, None) if noise is None else noise
    ready = [with_noise(band, own, beside) for band, own in zip((one, other), noises, strict=True)]
    in_both = np.isfinite(ready[0][0].values) & np.isfinite(ready[1][0].values)
    lights = [band.where(in_both).sum_over(shares, noise=sigma) for band, sigma in ready]
    flags |= light_flags(shares, lights[0], frame)
    sums, errs = np.array([(light.sum, light.sum_err) for light in lights]).T
    colour = Colour(n_pixels=lights[0].n_pixels, n_nan=lights[0].n_nan, flags=flags)
    if not (sums > 0).all():
        return replace(colour, flags=flags | MeasureFlag.NO_LIGHT)
    magnitudes = np.array(zero_points) - 2.5 * np.log10(sums)
    return replace(
        colour,
        magnitude=float(magnitudes[0] - magnitudes[1]),
        magnitude_err=2.5 / math.log(10) * math.hypot(*(errs / sums)),
    )
