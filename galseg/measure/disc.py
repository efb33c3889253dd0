"""How a galaxy's disc lies in space: from the shape of its outer isophotes, or from drawings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.measure.deprojection import (
    DISC_THICKNESS,
    HIGH_INCLINATION_DEG,
    inclination_from_axis_ratio,
)
from galseg.measure.disc_outline import MIN_FOR_SCATTER, DiscOutline
from galseg.measure.ellipse import Ellipse
from galseg.measure.flags import MeasureFlag
from galseg.measure.galaxy_light import GOOD_SCATTER, GalaxyLight
from galseg.measure.host import Centre, Host, pixel_of
from galseg.measure.plane import LocalPlane, as_seen, pixels_of

__all__ = ["DiscGeometry", "disc_from_drawings", "fit_disc"]

Floats = NDArray[np.float64]

_ROUND = 0.95  # axis ratio above which there is no direction
_WORST_TURN_ERR_DEG = 20.0
_MIN_ISOPHOTES = 3
_FLATTEST = 1e-6


@dataclass(frozen=True, kw_only=True)
class DiscGeometry:
    """The outline of a disc and the inclination that it tells.

    What is undefined is NaN and `flags` says why. Every ``_err`` is one standard deviation.

    Attributes
    ----------
    inclination_deg : float
        0 face-on, 90 edge-on.
    line_of_nodes_deg : float
        Position angle of the major axis, north through east, [0, 180); NaN where the disc is too
        round for it.
    axis_ratio : float
        Minor over major axis, as seen.
    radius_arcsec : float
        Semi-major axis.
    centre_xy : tuple of float
        In pixels.
    centre_err_pix, centre_arcsec_err : float
        Along each axis.
    flags : MeasureFlag
    """

    inclination_deg: float = math.nan
    inclination_deg_err: float = math.nan
    line_of_nodes_deg: float = math.nan
    line_of_nodes_deg_err: float = math.nan
    axis_ratio: float = math.nan
    axis_ratio_err: float = math.nan
    radius_arcsec: float = math.nan
    radius_arcsec_err: float = math.nan
    centre_xy: tuple[float, float] = (math.nan, math.nan)
    centre_err_pix: float = math.nan
    centre_arcsec_err: float = math.nan
    flags: MeasureFlag = MeasureFlag.NONE

    def as_host(self, **known: Any) -> Host:
        """Hand the geometry to the measurements of bars and arms.

        Parameters
        ----------
        **known
            Other fields of `Host`, or better values of these.

        Returns
        -------
        Host
            Without a disc where the line of nodes is unknown, and without what is NaN.

        Examples
        --------
        >>> disc = DiscGeometry(inclination_deg=40.0, line_of_nodes_deg=15.0, radius_arcsec=30.0)
        >>> disc.as_host(redshift=0.03).inclination_deg
        40.0
        """
        fields: dict[str, Any] = {}
        if math.isfinite(self.line_of_nodes_deg):
            for name in ("inclination_deg", "line_of_nodes_deg"):
                fields[name] = getattr(self, name)
                fields[f"{name}_err"] = _or_zero(getattr(self, f"{name}_err"))
        if math.isfinite(self.radius_arcsec):
            fields["disc_radius_arcsec"] = self.radius_arcsec
            fields["disc_radius_arcsec_err"] = _or_zero(self.radius_arcsec_err)
        if all(map(math.isfinite, self.centre_xy)):
            fields["centre"] = self.centre_xy
            fields["centre_arcsec_err"] = _or_zero(self.centre_arcsec_err)
        return Host(**(fields | known))


def _or_zero(err: float) -> float:
    """Error as `Host` states it, zero where none is known."""
    return 0.0 if math.isnan(err) else err


def fit_disc(
    image: ArrayLike,
    *,
    frame: ImageFrame,
    centre: Centre | None = None,
    sky: float | None = None,
    level: float | None = None,
    disc_thickness: float = DISC_THICKNESS,
) -> DiscGeometry:
    """Fit a disc's inclination, line of nodes, centre and radius to its outer isophotes.

    The sky and its noise are estimated around the galaxy. The faintest isophote that closes
    within the image and keeps close to an ellipse, from the noise of a pixel upwards, and four up
    to four times as bright are fitted with ellipses on the sky. Shape and centre are the means of
    the five, the radius is that of the faintest.

    Parameters
    ----------
    image : array_like, shape (ny, nx)
        In any linear unit; NaN where a star was masked.
    frame : ImageFrame
        The grid of the image. Without a WCS the axis ratio is that of the pixels, and there is
        no line of nodes.
    centre : tuple of float (x, y) or SkyCoord, optional
        Where to look for the galaxy; the middle of the image if left out.
    sky : float, optional
        Level of the sky in the image, if it is known better.
    level : float, optional
        Of the faintest isophote above the sky, in the image's unit, to compare radii between
        galaxies.
    disc_thickness : float, optional
        q0, the axis ratio of a disc seen edge-on: ``cos^2 i = (q^2 - q0^2) / (1 - q0^2)``.

    Returns
    -------
    DiscGeometry
        Errors hold the waves along each isophote that are no part of an ellipse, and the scatter
        between the isophotes; the seeing, the true thickness and the true roundness of a disc
        (0.10 to 0.16 in axis ratio) are not in them.

    Raises
    ------
    ShapeError
        If the image does not fit the frame.
    ConfigError
        If an option is outside its range.

    References
    ----------
    Hubble, E. (1926), ApJ 64, 321, doi:10.1086/143018. Ryden, B. S. (2004), ApJ 601, 214,
    doi:10.1086/380437: how round discs are.

    Examples
    --------
    >>> y, x = np.mgrid[:101, :101] - 50.0
    >>> noise = np.random.default_rng(0).normal(0, 1, x.shape)
    >>> image = 200 * np.exp(-np.hypot(x / 6, y / 3)) + noise
    >>> round(fit_disc(image, frame=ImageFrame(image.shape)).axis_ratio, 1)
    0.5
    """
    values = np.asarray(image, dtype=float)
    if values.shape != frame.shape:
        raise ShapeError(f"the image has shape {values.shape} and its frame {frame.shape}")
    if level is not None and not (math.isfinite(level) and level > 0):
        raise ConfigError(f"level must be above 0, counted from the sky, got {level}")
    inclination_from_axis_ratio(1.0, disc_thickness=disc_thickness)  # refuses a bad thickness
    start_xy = frame.centre_xy if centre is None else pixel_of(centre, frame)
    galaxy = GalaxyLight.of(values, frame, start_xy)
    flags = MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS
    if not galaxy.seen.any():
        return DiscGeometry(flags=flags | MeasureFlag.NO_DATA)
    isophotes, more = galaxy.outer_isophotes(sky=sky, level=level)
    flags |= more
    if not isophotes:
        return DiscGeometry(flags=flags)
    if len(isophotes) < _MIN_ISOPHOTES or isophotes[0].scatter > GOOD_SCATTER:
        flags |= MeasureFlag.POOR_FIT
    if centre is not None and np.hypot(*isophotes[0].ellipse.to_circle([(0, 0)])[0]) > 1:
        flags |= MeasureFlag.OFF_CENTRE
    outline = DiscOutline.from_isophotes(isophotes)
    return _geometry(outline, frame, start_xy, disc_thickness, flags)


def disc_from_drawings(
    outlines: Sequence[Polygon | MultiPolygon],
    *,
    frame: ImageFrame,
    disc_thickness: float = DISC_THICKNESS,
) -> DiscGeometry:
    """Take a disc's geometry from the outlines that volunteers drew around it.

    Every outline becomes the ellipse with its moments on the sky, so that a ragged line and a
    missing corner matter little; shape, centre and radius are the medians of the ellipses.

    Parameters
    ----------
    outlines : sequence of shapely.Polygon or shapely.MultiPolygon
        In pixels, one a volunteer. Holes are filled, and of several parts the largest counts.
    frame : ImageFrame
        The grid they were drawn on.
    disc_thickness : float, optional
        As in `fit_disc`.

    Returns
    -------
    DiscGeometry
        Errors are those of the medians from the scatter between the volunteers; NaN with fewer
        than three. What all of them see wrong is not in them.

    Raises
    ------
    ShapeError
        If an outline is not a polygon that encloses something.
    ConfigError
        If the thickness is outside its range.

    Examples
    --------
    >>> drawn = [shapely.box(20, 30, 60 + n, 50) for n in (-1, 0, 1)]
    >>> round(disc_from_drawings(drawn, frame=ImageFrame((80, 80))).axis_ratio, 2)
    0.5
    """
    inclination_from_axis_ratio(1.0, disc_thickness=disc_thickness)  # refuses a bad thickness
    flags = MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS
    if not outlines:
        return DiscGeometry(flags=flags | MeasureFlag.EMPTY)
    rings = [_ring(index, outline) for index, outline in enumerate(outlines)]
    origin_xy = np.median([ring.mean(axis=0) for ring in rings], axis=0)
    ellipses = [Ellipse.from_outline(as_seen(frame, ring, origin_xy)) for ring in rings]
    ny, nx = frame.shape
    inside = [((ring > -0.5) & (ring < (nx - 0.5, ny - 0.5))).all() for ring in rings]
    if np.mean(inside) < 0.5:
        flags |= MeasureFlag.TOUCHES_EDGE
    if len(rings) < MIN_FOR_SCATTER:
        flags |= MeasureFlag.FEW_VOLUNTEERS
    outline = DiscOutline.from_drawings(ellipses)
    return _geometry(outline, frame, origin_xy, disc_thickness, flags)


def _ring(index: int, outline: Polygon | MultiPolygon) -> Floats:
    """Corners of the largest part of a drawing, shape (N, 2)."""
    parts = shapely.get_parts(outline) if isinstance(outline, Polygon | MultiPolygon) else []
    largest = max(parts, key=shapely.area, default=None)
    if largest is None or not largest.area > 0:
        raise ShapeError(
            f"outline {index} must be a polygon that encloses something, got {outline!r:.80}; "
            "leave it out"
        )
    return np.asarray(shapely.get_coordinates(largest.exterior)[:-1])


def _geometry(
    outline: DiscOutline,
    frame: ImageFrame,
    origin_xy: Floats,
    disc_thickness: float,
    flags: MeasureFlag,
) -> DiscGeometry:
    axis_ratio, axis_ratio_err = 1 - outline.flatness, float(outline.shape_errs[0])
    ratios = [axis_ratio + axis_ratio_err, axis_ratio, axis_ratio - axis_ratio_err]
    low, here, high = inclination_from_axis_ratio(
        np.clip(ratios, _FLATTEST, 1), disc_thickness=disc_thickness
    )
    places = outline.centre + np.array([[0, 0], -outline.ray, outline.ray]) / 2
    centre_xy, start_xy, end_xy = pixels_of(frame, places, origin_xy)
    if here > HIGH_INCLINATION_DEG:
        flags |= MeasureFlag.HIGH_INCLINATION
    disc = DiscGeometry(
        inclination_deg=float(here),
        inclination_deg_err=float(high - low) / 2,
        axis_ratio=axis_ratio,
        axis_ratio_err=axis_ratio_err,
        centre_xy=(float(centre_xy[0]), float(centre_xy[1])),
        centre_err_pix=outline.centre_err,
        flags=flags,
    )
    if axis_ratio > _ROUND or outline.turn_err_deg > _WORST_TURN_ERR_DEG:
        disc = replace(disc, flags=flags | MeasureFlag.ROUND)
    elif frame.has_sky:
        disc = replace(
            disc,
            line_of_nodes_deg=float(frame.position_angle_deg([start_xy], [end_xy])[0]),
            line_of_nodes_deg_err=outline.turn_err_deg,
        )
    if not frame.has_sky:
        return disc
    return replace(
        disc,
        radius_arcsec=outline.radius,
        radius_arcsec_err=outline.radius_err,
        centre_err_pix=outline.centre_err / LocalPlane.at(frame, centre_xy).unit_arcsec,
        centre_arcsec_err=outline.centre_err,
    )
