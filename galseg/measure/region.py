"""Size, shape and light of any region."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import astropy.units as u
import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ShapeError
from galseg.frame import ImageFrame
from galseg.measure.evidence import Evidence
from galseg.measure.flags import MeasureFlag
from galseg.measure.footprint import box_of, convex_hull, n_pixels_inside
from galseg.measure.light_map import LightMap, Measured, with_unit
from galseg.measure.perimeter import crofton_perimeter
from galseg.measure.plane import LocalPlane, as_seen, position_angle_deg, separation_arcsec
from galseg.measure.solid_angle import solid_angle_arcsec2

__all__ = [
    "Figure",
    "RegionMeasurement",
    "describe_shape",
    "longest_chord_arcsec",
    "measure_region",
]

Floats = NDArray[np.float64]

_ROUND = 0.95  # minor over major axis above which there is no direction
_TO_EDGES = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])  # in half pixels


@dataclass(frozen=True, kw_only=True)
class RegionMeasurement:
    """A region on the sky, all its pieces together, and the light in it.

    What is undefined is NaN and `flags` says why.

    Attributes
    ----------
    ra_deg, dec_deg : float
        Mean of its pixels, ICRS.
    n_pixels, n_components : int
        Pixels, and pieces that do not touch even at a corner.
    area_arcsec2 : float
        Solid angle, with the size that each of its pixels has on the sky.
    perimeter_arcsec : float
        Of its outlines, those of holes too, with the shape that pixels have at its middle.
    length_arcsec : float
        Between the two points of it that lie farthest apart.
    elongation : float
        Major over minor axis of its second moments.
    position_angle_deg : float
        Of the major axis, north through east, [0, 180).
    solidity : float
        Share of the pixels in its convex hull that it fills.
    sum, mean : float or Quantity
        Of the image's observed pixels in it, in the image's unit.
    n_nan : int
        Pixels of it that are NaN in the image.
    flags : MeasureFlag
    """

    ra_deg: float = math.nan
    dec_deg: float = math.nan
    n_pixels: int = 0
    n_components: int = 0
    area_arcsec2: float = math.nan
    perimeter_arcsec: float = math.nan
    length_arcsec: float = math.nan
    elongation: float = math.nan
    position_angle_deg: float = math.nan
    solidity: float = math.nan
    sum: Measured = math.nan
    mean: Measured = math.nan
    n_nan: int = 0
    flags: MeasureFlag = MeasureFlag.NONE


def measure_region(
    mask: ArrayLike, *, frame: ImageFrame, image: ArrayLike | u.Quantity | None = None
) -> RegionMeasurement:
    """Measure the size and the shape of a mask, and an image inside it.

    Parameters
    ----------
    mask : array_like, shape (ny, nx)
        Bools, or zeros and ones; NaN where nothing is known.
    frame : ImageFrame
        The grid of the mask. Without a WCS only shape and pixels are measured.
    image : array_like or Quantity, shape (ny, nx), optional
        On the same grid; NaN where missing. For errors, surface brightness and contrast see
        `measure_light`.

    Returns
    -------
    RegionMeasurement
        Elongation and direction take a pixel as a square and not as a point, so that a line of
        pixels is finitely long.

    Raises
    ------
    ShapeError
        If the mask or the image does not fit the frame, or the mask holds anything but zeros and
        ones.
    FrameError
        If the WCS has no finite pixel size at the region.

    Examples
    --------
    >>> mask = np.zeros((40, 60), dtype=bool)
    >>> mask[10:20, 10:50] = True
    >>> region = measure_region(mask, frame=ImageFrame(mask.shape), image=np.ones(mask.shape))
    >>> region.n_pixels, region.sum, round(region.elongation, 6), region.solidity
    (400, 400.0, 4.0, 1.0)
    """
    evidence = Evidence.of(mask, frame, 0.5)
    if not evidence.is_mask:
        raise ShapeError(
            "measure_region needs a mask of zeros and ones, got values between; "
            "give `probability >= threshold` or Prediction.mask(feature)"
        )
    light_map = None if image is None else LightMap.of(image, frame, name="image")
    flags = evidence.flags | (MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS)
    inside = evidence.mask
    if not inside.any():
        return RegionMeasurement(flags=flags)
    box = box_of(inside)
    region = describe_shape(inside[box], frame=frame, origin_xy=(box[1].start, box[0].start))
    if evidence.missing.any() and evidence.is_near_missing(
        np.argwhere(inside)[:, ::-1].astype(float)
    ):
        flags |= MeasureFlag.NAN_PIXELS
    region = replace(region, flags=region.flags | flags)
    if light_map is None:
        return region
    light = light_map.sum_over(inside)
    return replace(
        region,
        sum=with_unit(light.sum, light_map.sum_unit),
        mean=with_unit(light.mean, light_map.unit),
        n_nan=light.n_nan,
    )


@dataclass(frozen=True, eq=False)
class Figure:
    """The moments and the hull of a mask, in the plane of the sky round its middle.

    Attributes
    ----------
    n_pixels : int
    middle_xy : ndarray, shape (2,)
        Mean of its pixels, in the frame's pixels.
    plane : LocalPlane
        About the middle.
    elongation : float
        Major over minor axis of its second moments.
    position_angle_deg : float
        Of the major axis; NaN without a WCS and where there is no direction.
    solidity : float
        Share of the pixels in its convex hull that it fills.
    hull : ndarray of int, shape (N, 2)
        Corners, in the frame's pixels.
    flags : MeasureFlag
    """

    n_pixels: int
    middle_xy: Floats
    plane: LocalPlane
    elongation: float
    position_angle_deg: float
    solidity: float
    hull: NDArray[np.int64]
    flags: MeasureFlag

    @classmethod
    def of(
        cls, mask: NDArray[np.bool_], *, frame: ImageFrame, origin_xy: tuple[int, int]
    ) -> Figure:
        """Find them; see `describe_shape`."""
        moments = cv2.moments(mask.view(np.uint8), binaryImage=True)
        n_pixels = int(moments["m00"])
        middle = np.add(origin_xy, (moments["m10"] / n_pixels, moments["m01"] / n_pixels))
        plane = LocalPlane.at(frame, middle)
        covariance = np.array(
            [[moments["mu20"], moments["mu11"]], [moments["mu11"], moments["mu02"]]]
        )
        covariance = covariance / n_pixels + np.eye(2) / 12
        (minor, major), directions = np.linalg.eigh(plane.matrix @ covariance @ plane.matrix.T)
        flags = _flags(mask.shape, frame.shape, origin_xy, roundness=math.sqrt(minor / major))
        has_direction = frame.has_sky and MeasureFlag.ROUND not in flags
        hull = convex_hull(mask)
        return cls(
            n_pixels,
            middle,
            plane,
            elongation=math.sqrt(major / minor),
            position_angle_deg=position_angle_deg(directions[:, 1]) if has_direction else math.nan,
            solidity=n_pixels / n_pixels_inside(hull),
            hull=hull + np.array(origin_xy),
            flags=flags,
        )


def describe_shape(
    mask: NDArray[np.bool_], *, frame: ImageFrame, origin_xy: tuple[int, int]
) -> RegionMeasurement:
    """Measure the shape of a mask that was cut out of its frame.

    Parameters
    ----------
    mask : ndarray of bool, shape (h, w)
        With a pixel in its first and last row and column.
    frame : ImageFrame
    origin_xy : tuple of int
        Pixel of the frame on which the mask's first one lies.
    """
    figure = Figure.of(mask, frame=frame, origin_xy=origin_xy)
    region = RegionMeasurement(
        n_pixels=figure.n_pixels,
        n_components=cv2.connectedComponents(mask.view(np.uint8))[0] - 1,
        elongation=figure.elongation,
        solidity=figure.solidity,
        flags=figure.flags,
    )
    if not frame.has_sky:
        return region
    ra, dec = frame.to_radec_deg(figure.middle_xy[None])[0]
    return replace(
        region,
        ra_deg=float(ra),
        dec_deg=float(dec),
        area_arcsec2=solid_angle_arcsec2(mask, frame=frame, origin_xy=origin_xy),
        perimeter_arcsec=crofton_perimeter(mask, figure.plane.matrix) * figure.plane.unit_arcsec,
        length_arcsec=longest_chord_arcsec(figure, frame),
        position_angle_deg=figure.position_angle_deg,
    )


def longest_chord_arcsec(figure: Figure, frame: ImageFrame) -> float:
    """Distance of the two farthest middles of edges of pixels; NaN without a WCS."""
    if not frame.has_sky:
        return math.nan
    edges = (2 * figure.hull[:, None] + _TO_EDGES).reshape(-1, 2)
    corners = cv2.convexHull(edges.astype(np.int32)).reshape(-1, 2) / 2
    seen = as_seen(frame, corners, figure.middle_xy)
    distances = np.hypot(*(seen[:, None] - seen).T)
    start, end = np.unravel_index(np.argmax(distances), distances.shape)
    return separation_arcsec(seen[start], seen[end])


def _flags(
    shape: tuple[int, int], image: tuple[int, int], origin_xy: tuple[int, int], *, roundness: float
) -> MeasureFlag:
    (height, width), (ny, nx), (x, y) = shape, image, origin_xy
    flags = MeasureFlag.ROUND if roundness > _ROUND else MeasureFlag.NONE
    if x == 0 or y == 0 or x + width == nx or y + height == ny:
        flags |= MeasureFlag.TOUCHES_EDGE
    return flags
