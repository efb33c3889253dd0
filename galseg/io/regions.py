"""Outlines of a consensus as ds9 regions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import shapely

from galseg.consensus.record import Consensus, Instance
from galseg.extras import extra
from galseg.features import feature_colour
from galseg.frame import ImageFrame
from galseg.io.atomic import write_whole

__all__ = ["write_regions"]


def write_regions(path: str | os.PathLike[str], consensus: Consensus) -> None:
    """Write the outlines of all instances for ds9 and the `regions` package.

    They are polygons in ICRS, or in pixels without a WCS, with the feature's colour and the text
    ``bar 12/15``: 12 of 15 volunteers drew it. A ds9 polygon has no holes, so those of an outline
    are left out.

    Parameters
    ----------
    path : path-like
        ``.reg`` file to make; it appears whole or not at all.
    consensus : Consensus

    Raises
    ------
    MissingDependencyError
        If the package regions is not installed.
    OutputError
        If the file cannot be written.

    References
    ----------
    Joye, W. A. & Mandel, E. (2003), ASP Conf. Ser. 295, 489: ds9.
    """
    with extra("regions", "ds9 regions need the package regions"):
        from regions import Regions
    outlines = [
        outline
        for instance in consensus.instances
        for outline in _outlines(instance, consensus.frame)
    ]
    with write_whole(path) as temporary:
        Regions(outlines).write(temporary, format="ds9", overwrite=True, precision=10)


def _outlines(instance: Instance, frame: ImageFrame) -> Iterator[Any]:
    from regions import PixCoord, PolygonPixelRegion, PolygonSkyRegion, RegionMeta, RegionVisual

    meta = RegionMeta({"text": f"{instance.feature} {instance.n_marked}/{instance.n_asked}"})
    visual = RegionVisual(
        {"color": "#{:02x}{:02x}{:02x}".format(*feature_colour(instance.feature))}
    )
    for part in shapely.get_parts(instance.outline):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        xy = shapely.get_coordinates(part.exterior)[:-1]
        if frame.has_sky:
            yield PolygonSkyRegion(vertices=frame.to_sky(xy), meta=meta, visual=visual)
        else:
            yield PolygonPixelRegion(vertices=PixCoord(*xy.T), meta=meta, visual=visual)
