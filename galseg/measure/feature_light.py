"""The light of an image inside the structures of a galaxy's maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ShapeError
from galseg.frame import ImageFrame
from galseg.measure.flags import MeasureFlag
from galseg.measure.galaxy_light import GalaxyLight
from galseg.measure.host import pixel_of
from galseg.measure.photometry import RegionLight, measure_light
from galseg.measure.regrid import covered_share
from galseg.measure.task import MEASURED, GalaxyPixels, Task

__all__ = ["galaxy_image", "measure_feature_light"]

Floats = NDArray[np.float64]


def galaxy_image(task: Task, seen: GalaxyPixels) -> Floats:
    """Average the bands of an image and subtract the sky of its outermost quarter of pixels.

    Returns
    -------
    ndarray, shape (ny, nx)
        NaN where a band is missing.

    Raises
    ------
    ShapeError
        If no pixel is seen in all bands.
    """
    image = np.asarray(seen.pixels.mean(axis=0), dtype=float)
    if not np.isfinite(image).any():
        raise ShapeError("the image has no finite pixel, so there is no light in it to measure")
    centre = task.centre_on(seen.frame)
    origin_xy = seen.frame.centre_xy if centre is None else pixel_of(centre, seen.frame)
    return image - GalaxyLight.of(image, seen.frame, origin_xy).sky_beyond(None).level


def measure_feature_light(task: Task, image: Floats, frame: ImageFrame) -> dict[str, RegionLight]:
    """Measure the share of the light in each feature, and its contrast with what lies beside it.

    The share is of all the light of the image, so neighbours that are not masked count as the
    galaxy's; the contrast is with the pixels at the same radii.

    Parameters
    ----------
    task : Task
    image : ndarray, shape (ny, nx)
        Of `galaxy_image`.
    frame : ImageFrame
        Its grid; if it is not that of the maps, both need a WCS.

    Returns
    -------
    dict of str to RegionLight
        By feature; NaN with EMPTY where no pixel reaches the threshold, with NO_DATA where
        nothing is known of the feature.

    Raises
    ------
    FrameError
        If the grids differ and one has no WCS.
    MissingDependencyError
        If the grids differ and reproject is not installed.
    """
    found = {}
    for feature in filter(task.has, MEASURED):
        region = _region_of(task, feature, frame)
        if not np.nansum(region) > 0:
            is_known = np.isfinite(region).any()
            flag = MeasureFlag.EMPTY if is_known else MeasureFlag.NO_DATA
            found[feature] = RegionLight(flags=flag)
            continue
        found[feature] = measure_light(
            region,
            image,
            frame=frame,
            total=np.ones(image.shape),
            centre=task.centre_on(frame),
            **task.disc_of(task.host, frame=frame),
        )
    return found


def _region_of(task: Task, feature: str, onto: ImageFrame) -> Floats:
    """Share of each pixel that a feature covers."""
    map_, frame = task.maps.of(feature), task.maps.frame
    region = np.where(np.isnan(map_), np.nan, map_ >= task.threshold_of(feature))
    if frame.shape == onto.shape and _lie_alike(frame, onto):
        return region
    return covered_share(region, frame=frame, onto=onto)


def _lie_alike(one: ImageFrame, other: ImageFrame) -> bool:
    """Whether the pixels of two grids of the same shape lie on one another."""
    if not (one.has_sky and other.has_sky):
        return True
    ny, nx = one.shape
    corners = np.array([[0, 0], [nx - 1, 0], [0, ny - 1], [nx - 1, ny - 1]], dtype=float)
    return bool(np.abs(one.to_pixel(other.to_sky(corners)) - corners).max() < 0.01)
