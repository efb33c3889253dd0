"""Size, shape and light of any region."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import Polygon

from galseg.errors import ShapeError
from galseg.frame import ImageFrame
from galseg.geometry import polygon_mask
from galseg.measure.axes import second_moments
from galseg.measure.evidence import Evidence
from galseg.measure.flags import MeasureFlag
from galseg.measure.perimeter import crofton_perimeter
from galseg.measure.plane import LocalPlane, as_seen, position_angle_deg

__all__ = ["RegionMeasurement", "measure_region"]

Floats = NDArray[np.float64]

_ROUND = 0.95  # minor over major axis above which there is no direction


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
        Solid angle, with the size that pixels have at the region's middle.
    perimeter_arcsec : float
        Of its outlines, those of holes too.
    length_arcsec : float
        Between the two points of it that lie farthest apart.
    elongation : float
        Major over minor axis of its second moments.
    position_angle_deg : float
        Of the major axis, north through east, [0, 180).
    solidity : float
        Share of its convex hull that it fills.
    sum, mean : float
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
    sum: float = math.nan
    mean: float = math.nan
    n_nan: int = 0
    flags: MeasureFlag = MeasureFlag.NONE


def measure_region(
    mask: ArrayLike, *, frame: ImageFrame, image: ArrayLike | None = None
) -> RegionMeasurement:
    """Measure the size and the shape of a mask, and an image inside it.

    Parameters
    ----------
    mask : array_like, shape (ny, nx)
        Bools, or zeros and ones; NaN where nothing is known.
    frame : ImageFrame
        The grid of the mask. Without a WCS only shape and pixels are measured.
    image : array_like, shape (ny, nx), optional
        Of any unit, on the same grid; NaN where missing.

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
    pixels = None if image is None else np.asarray(image, dtype=float)
    if pixels is not None and pixels.shape != frame.shape:
        raise ShapeError(f"the image has shape {pixels.shape} and its mask {frame.shape}")
    flags = evidence.flags | (MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS)
    if not evidence.mask.any():
        return RegionMeasurement(flags=flags)
    region = _shape(evidence, frame)
    region = replace(region, flags=region.flags | flags)
    return region if pixels is None else _with_light(region, pixels[evidence.mask])


def _shape(evidence: Evidence, frame: ImageFrame) -> RegionMeasurement:
    row, column = np.nonzero(evidence.mask)
    points = np.column_stack([column, row]).astype(float)
    plane = LocalPlane.at(frame, points.mean(axis=0))
    moments = second_moments(plane, points, np.ones(len(points)))
    moments += plane.matrix @ plane.matrix.T / 12
    (minor, major), directions = np.linalg.eigh(moments)
    hull = _hull(points)
    region = RegionMeasurement(
        n_pixels=len(points),
        n_components=cv2.connectedComponents(evidence.mask.astype(np.uint8))[0] - 1,
        elongation=math.sqrt(major / minor),
        solidity=len(points) / int(polygon_mask(Polygon(hull), frame.shape).sum()),
        flags=_flags(evidence, math.sqrt(minor / major)),
    )
    if not frame.has_sky:
        return region
    middle = frame.to_sky(plane.origin_xy[None])[0]
    corners = as_seen(frame, hull, plane.origin_xy)
    is_round = MeasureFlag.ROUND in region.flags
    return replace(
        region,
        ra_deg=float(middle.ra.deg),
        dec_deg=float(middle.dec.deg),
        area_arcsec2=len(points) * plane.unit_arcsec**2,
        perimeter_arcsec=crofton_perimeter(evidence.mask, plane.matrix) * plane.unit_arcsec,
        length_arcsec=float(np.hypot(*(corners[:, None] - corners).T).max()),
        position_angle_deg=math.nan if is_round else position_angle_deg(directions[:, 1]),
    )


def _hull(points: Floats) -> Floats:
    """Corners of the convex hull of the middles of the pixels' edges, shape (N, 2)."""
    middles = (2 * points[:, None] + [[1, 0], [-1, 0], [0, 1], [0, -1]]).reshape(-1, 2)
    corners = cv2.convexHull(middles.astype(np.int32))
    return np.asarray(corners.reshape(-1, 2) / 2, dtype=float)


def _with_light(region: RegionMeasurement, inside: Floats) -> RegionMeasurement:
    observed = inside[~np.isnan(inside)]
    n_nan = len(inside) - len(observed)
    if len(observed) == 0:
        return replace(region, n_nan=n_nan)
    return replace(region, sum=float(observed.sum()), mean=float(observed.mean()), n_nan=n_nan)


def _flags(evidence: Evidence, roundness: float) -> MeasureFlag:
    mask = evidence.mask
    flags = MeasureFlag.NONE
    if mask[[0, -1]].any() or mask[:, [0, -1]].any():
        flags |= MeasureFlag.TOUCHES_EDGE
    y, x = np.nonzero(mask)
    if evidence.is_near_missing(np.column_stack([x, y]).astype(float)):
        flags |= MeasureFlag.NAN_PIXELS
    return flags | (MeasureFlag.ROUND if roundness > _ROUND else MeasureFlag.NONE)
