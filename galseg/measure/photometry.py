"""Light inside a region of any map: sum, surface brightness, share and contrast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import astropy.units as u
import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.measure.flags import MeasureFlag
from galseg.measure.host import Centre, disc_stretch, pixel_of
from galseg.measure.inter_region import Comparison
from galseg.measure.light_map import LightMap, LightSum, Measured, with_unit
from galseg.measure.plane import LocalPlane

__all__ = ["Image", "RegionLight", "light_flags", "measure_light", "shares_of", "with_noise"]

Floats = NDArray[np.float64]
Image: TypeAlias = ArrayLike | u.Quantity

_ROUNDING = 1e-6  # of a share


@dataclass(frozen=True, kw_only=True)
class RegionLight:
    """The light of a region; a `Quantity` where the image has a unit.

    What is undefined is NaN and `flags` says why. Every ``_err`` is one standard deviation.

    Attributes
    ----------
    sum : float or Quantity
        Over the observed pixels, each by its share in the region. Of an image per solid angle,
        such as MJy / sr, the integral over the region.
    mean : float or Quantity
        In the unit of the image.
    surface_brightness : float or Quantity
        Light per arcsec2.
    total_share : float
        Share of the galaxy's light.
    contrast : float
        Mean in the region over mean in what it is compared with.
    n_pixels : float
        Shares of the observed pixels, added up.
    n_nan : int
        Pixels of the region that are missing in the image or its noise.
    solid_angle_arcsec2 : float
        Of the observed pixels.
    flags : MeasureFlag
    """

    sum: Measured = math.nan
    sum_err: Measured = math.nan
    mean: Measured = math.nan
    mean_err: Measured = math.nan
    surface_brightness: Measured = math.nan
    surface_brightness_err: Measured = math.nan
    total_share: float = math.nan
    total_share_err: float = math.nan
    contrast: float = math.nan
    contrast_err: float = math.nan
    n_pixels: float = 0.0
    n_nan: int = 0
    solid_angle_arcsec2: float = math.nan
    flags: MeasureFlag = MeasureFlag.NONE


def measure_light(
    region: ArrayLike,
    image: Image,
    *,
    frame: ImageFrame,
    noise: Image | None = None,
    total: Measured | ArrayLike | None = None,
    comparison: ArrayLike | None = None,
    centre: Centre | None = None,
    inclination_deg: float | None = None,
    line_of_nodes_deg: float | None = None,
) -> RegionLight:
    """Measure the light of an image in a region.

    Parameters
    ----------
    region : array_like, shape (ny, nx)
        A mask, or the share of each pixel that belongs to the region, 0 to 1, as from
        `covered_share`; NaN where nothing is known, which counts as outside and is flagged.
    image : array_like or Quantity, shape (ny, nx)
        On the grid of the region, its sky subtracted; NaN where missing.
    frame : ImageFrame
        Of both.
    noise : array_like or Quantity, shape (ny, nx), optional
        One standard deviation of each pixel, independent of the others; a pixel without one
        counts as missing. If left out, the noise is the robust scatter of the pixels that the
        region is compared with, about the mean of each ring.
    total : float, Quantity or array_like, optional
        Light of the galaxy, or the region of the galaxy (as `region`) whose light it is.
    comparison : array_like, shape (ny, nx), optional
        Region to compare with, as `region`. If left out, the region is compared with all pixels
        at the same radii of which no part is in it, ring by ring.
    centre : tuple of float (x, y) or SkyCoord, optional
        From which radii count; the middle of the image if left out, and flagged.
    inclination_deg, line_of_nodes_deg : float, optional
        Of the disc, for radii in its plane; give both.

    Returns
    -------
    RegionLight

    Raises
    ------
    ShapeError
        If an array does not fit the frame, or a region is not 0 to 1.
    ConfigError
        If units do not convert, or an option is outside its range.
    FrameError
        If the WCS has no finite pixel size at the region.

    Examples
    --------
    >>> mask = np.zeros((20, 20), dtype=bool)
    >>> mask[5:10, 5:15] = True
    >>> image = np.where(mask, 3.0, 1.0) * u.mJy
    >>> light = measure_light(mask, image, frame=ImageFrame(mask.shape), total=200 * u.mJy)
    >>> light.sum, light.total_share, light.contrast
    (<Quantity 150. mJy>, 0.75, 3.0)
    """
    light_map = LightMap.of(image, frame, name="image")
    shares, flags = shares_of(region, frame, "region")
    disc, disc_flags = disc_stretch(frame, inclination_deg, line_of_nodes_deg)
    if comparison is None:
        beside, beside_flags = _at_same_radii(shares, frame, centre, disc)
    else:
        beside_shares, beside_flags = shares_of(comparison, frame, "comparison")
        beside = Comparison.with_region(beside_shares)
    flags |= disc_flags | beside_flags
    light_map, sigma = with_noise(light_map, noise, beside)
    whole = None if total is None else _total_of(total, light_map, sigma)
    light = light_map.sum_over(shares, noise=sigma)
    contrast = _ratio(*beside.means(light_map.values, shares, sigma))
    share = (math.nan, math.nan) if whole is None else _share(light, whole)
    if math.isnan(contrast[0]) or (whole is not None and math.isnan(share[0])):
        flags |= MeasureFlag.NO_LIGHT
    per_arcsec2 = None if light_map.unit is None else light_map.sum_unit / u.arcsec**2
    return RegionLight(
        sum=with_unit(light.sum, light_map.sum_unit),
        sum_err=with_unit(light.sum_err, light_map.sum_unit),
        mean=with_unit(light.mean, light_map.unit),
        mean_err=with_unit(light.mean_err, light_map.unit),
        surface_brightness=with_unit(light.sum / light.solid_angle_arcsec2, per_arcsec2),
        surface_brightness_err=with_unit(light.sum_err / light.solid_angle_arcsec2, per_arcsec2),
        total_share=share[0],
        total_share_err=share[1],
        contrast=contrast[0],
        contrast_err=contrast[1],
        n_pixels=light.n_pixels,
        n_nan=light.n_nan,
        solid_angle_arcsec2=light.solid_angle_arcsec2,
        flags=flags | light_flags(shares, light, frame),
    )


def shares_of(region: ArrayLike, frame: ImageFrame, name: str) -> tuple[Floats, MeasureFlag]:
    """Check a region; what is not known of it is outside."""
    shares = np.asarray(region, dtype=float)
    if shares.shape != frame.shape:
        raise ShapeError(
            f"the {name} has shape {shares.shape} and the frame {frame.shape}; "
            "bring it onto the image's grid with galseg.measure.covered_share"
        )
    missing = np.isnan(shares)
    shares = np.where(missing, 0.0, shares)
    if shares.min() < 0 or shares.max() > 1 + _ROUNDING:
        raise ShapeError(
            f"the {name} must be a mask or shares of 0 to 1, got {shares.min():g} to "
            f"{shares.max():g}"
        )
    return shares, MeasureFlag.NAN_PIXELS if missing.any() else MeasureFlag.NONE


def _at_same_radii(
    shares: Floats, frame: ImageFrame, centre: Centre | None, disc: Floats | None
) -> tuple[Comparison, MeasureFlag]:
    flags = MeasureFlag.CENTRE_ASSUMED if centre is None else MeasureFlag.NONE
    plane = LocalPlane.at(frame, frame.centre_xy if centre is None else pixel_of(centre, frame))
    if disc is not None:
        plane = plane.stretched(disc)
    elif frame.has_sky:
        flags |= MeasureFlag.AS_SEEN
    return Comparison.at_same_radii(shares, plane), flags


def with_noise(
    light_map: LightMap, noise: Image | None, beside: Comparison
) -> tuple[LightMap, Floats]:
    """Take pixels without noise as missing, or the scatter beside the region as the noise."""
    if noise is None:
        scatter = beside.scatter(light_map.values)
        return light_map, np.full(light_map.frame.shape, scatter)
    sigma = LightMap.of(noise, light_map.frame, name="noise").in_unit_of(light_map, name="noise")
    return light_map.where(np.isfinite(sigma)), sigma


def _total_of(
    total: Measured | ArrayLike, light_map: LightMap, sigma: Floats
) -> tuple[float, float]:
    """Light of the galaxy and its error, given or summed over its region."""
    if np.ndim(total) > 0:
        shares, _ = shares_of(total, light_map.frame, "total")
        light = light_map.sum_over(shares, noise=sigma)
        return light.sum, light.sum_err
    given, unit = u.Quantity(total), light_map.sum_unit
    try:
        return float(given.to_value(unit or u.dimensionless_unscaled)), 0.0
    except u.UnitConversionError as error:
        raise ConfigError(
            f"total has the unit {given.unit or 'none'} and a sum over the image {unit or 'none'}; "
            "give it in a unit that converts"
        ) from error


def _share(light: LightSum, whole: tuple[float, float]) -> tuple[float, float]:
    """Part of a whole with its error; a whole with an error is a sum that holds the part."""
    total, total_err = whole
    if not total > 0:
        return math.nan, math.nan
    share = light.sum / total
    weight = 1 - 2 * share if total_err > 0 else 1.0
    variance = weight * light.sum_err**2 + (share * total_err) ** 2
    return share, math.sqrt(max(variance, 0.0)) / total


def _ratio(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Ratio of two independent numbers and its error; NaN unless the second is above zero."""
    if not other[0] > 0:
        return math.nan, math.nan
    ratio = one[0] / other[0]
    return ratio, math.hypot(one[1], ratio * other[1]) / other[0]


def light_flags(shares: Floats, light: LightSum, frame: ImageFrame) -> MeasureFlag:
    """Say what to know of the light of a region."""
    flags = MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS
    if light.n_nan:
        flags |= MeasureFlag.NAN_PIXELS
    if light.n_pixels == 0:
        flags |= MeasureFlag.NO_DATA if light.n_nan else MeasureFlag.EMPTY
    if shares[[0, -1]].any() or shares[:, [0, -1]].any():
        flags |= MeasureFlag.TOUCHES_EDGE
    return flags
