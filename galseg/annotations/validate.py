"""Which drawings can be used, which can be repaired, and why the others cannot.

A mark that lies partly outside the image is kept whole: rasterising cuts it off. One that lies
wholly outside, or reaches much further than the image is large, is rejected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from galseg.errors import ConfigError
from galseg.geometry import enclosed_by_stroke
from galseg.limits import MAX_MARK_VERTICES

__all__ = ["Checked", "MarkLimits", "check_area", "check_line", "check_point", "check_shape"]

Floats = NDArray[np.float64]

_SELF_CROSSING = "self-crossing: kept what the stroke winds round"


@dataclass(frozen=True, kw_only=True)
class MarkLimits:
    """What a drawing must keep to, to count as one.

    "Side" is the longer side of the image.

    Attributes
    ----------
    max_outside : float
        How far beyond the image a vertex may lie, as a share of the side.
    min_points : int
        Vertices of an area, at least three; repeats of the one before do not count.
    min_line_points : int
        Vertices of a line, at least two.
    min_area_pix2 : float
        Smallest area in square pixels.
    min_length_pix : float
        Shortest line in pixels.
    max_image_share : float
        Largest share of the image that an area may cover: one drawn round everything says
        nothing.
    max_jump : float
        Longest step between two vertices of a stroke, as a share of the side.
    jump_ratio : float
        A step counts as a jump only if it is also this many times as long as the stroke's median
        step, so that polygons clicked corner by corner are not taken for torn strokes. Zero
        counts every long step.
    max_points : int
        Most vertices.

    Raises
    ------
    ConfigError
        If a limit is negative or no number, or asks for fewer points than a shape has.
    """

    max_outside: float = 1.0
    min_points: int = 3
    min_line_points: int = 2
    min_area_pix2: float = 1.0
    min_length_pix: float = 1.0
    max_image_share: float = 0.9
    max_jump: float = 0.3
    jump_ratio: float = 10.0
    max_points: int = MAX_MARK_VERTICES

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (isinstance(value, int | float) and value >= 0):
                raise ConfigError(f"{name} must be a number that is not negative, got {value!r}")
        if self.min_points < 3 or self.min_line_points < 2:
            raise ConfigError(
                "an area has at least 3 points and a line 2, got "
                f"min_points={self.min_points}, min_line_points={self.min_line_points}"
            )


@dataclass(frozen=True)
class Checked:
    """What became of a drawing.

    Attributes
    ----------
    geometry : shapely geometry or None
        Valid, in image pixels; None if the drawing is rejected.
    reason : str or None
        Why it was rejected or how it was repaired; None if it is kept as it came.
    """

    geometry: BaseGeometry | None
    reason: str | None = None


def check_area(xy: ArrayLike, shape: tuple[int, int], limits: MarkLimits) -> Checked:
    """Check a closed stroke or polygon.

    Parameters
    ----------
    xy : array_like, shape (N, 2)
        Vertices in image pixels; the last is joined to the first.
    shape : tuple of int
        ``(ny, nx)`` of the image.
    limits : MarkLimits

    Returns
    -------
    Checked
        A polygon or multipolygon. A stroke that crosses itself becomes what it winds round.

    Examples
    --------
    >>> check_area([(0, 0), (9, 9), (9, 0), (0, 9)], (20, 20), MarkLimits()).reason
    'self-crossing: kept what the stroke winds round'
    >>> check_area([(0, 0), (9, 9)], (20, 20), MarkLimits())
    Checked(geometry=None, reason='too few points: 2, an area needs 3')
    """
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    reason = (
        _bad_points(points, shape, limits)
        or _too_few(points, limits.min_points, "an area")
        or _jump(points, shape, limits)
    )
    if reason:
        return Checked(None, reason)
    drawn = Polygon(points)
    if drawn.is_valid:
        return _checked_area(drawn, None, shape, limits)
    return _checked_area(enclosed_by_stroke(points), _SELF_CROSSING, shape, limits)


def check_shape(geometry: BaseGeometry, shape: tuple[int, int], limits: MarkLimits) -> Checked:
    """Check a ready polygon or multipolygon.

    Parameters
    ----------
    geometry : shapely geometry
        In image pixels.
    shape : tuple of int
        ``(ny, nx)`` of the image.
    limits : MarkLimits

    Returns
    -------
    Checked
        A polygon or multipolygon. A ring that crosses itself becomes what it winds round.

    Examples
    --------
    >>> check_shape(shapely.box(-1, -1, 20, 20), (20, 20), MarkLimits()).reason
    'as large as the image: covers 100%, at most 90% is allowed'
    """
    if not isinstance(geometry, Polygon | MultiPolygon):
        return Checked(None, f"not an area: a {geometry.geom_type}")
    points = shapely.get_coordinates(geometry)
    reason = _bad_points(points, shape, limits) or _too_few(points, limits.min_points, "an area")
    if reason:
        return Checked(None, reason)
    if geometry.is_valid:
        return _checked_area(geometry, None, shape, limits)
    return _checked_area(_unwound(geometry), _SELF_CROSSING, shape, limits)


def check_line(xy: ArrayLike, shape: tuple[int, int], limits: MarkLimits) -> Checked:
    """Check an open stroke.

    Parameters
    ----------
    xy : array_like, shape (N, 2)
        Vertices in image pixels.
    shape : tuple of int
        ``(ny, nx)`` of the image.
    limits : MarkLimits

    Returns
    -------
    Checked
        A line string.

    Examples
    --------
    >>> check_line([(25, 25), (30, 30)], (20, 20), MarkLimits()).reason
    'outside the image'
    """
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    reason = (
        _bad_points(points, shape, limits)
        or _too_few(points, limits.min_line_points, "a line")
        or _jump(points, shape, limits)
    )
    if reason:
        return Checked(None, reason)
    line = LineString(points)
    if not line.intersects(_image_box(shape)):
        return Checked(None, "outside the image")
    if line.length < limits.min_length_pix:
        return Checked(
            None, f"too short: {line.length:.2g} px, at least {limits.min_length_pix:g} is needed"
        )
    return Checked(line)


def check_point(xy: ArrayLike, shape: tuple[int, int], limits: MarkLimits) -> Checked:
    """Check a point, shape (2,), in image pixels.

    Examples
    --------
    >>> check_point((19.4, 0), (20, 20), MarkLimits()).geometry
    <POINT (19.4 0)>
    """
    point = np.asarray(xy, dtype=float).reshape(1, 2)
    if reason := _bad_points(point, shape, limits):
        return Checked(None, reason)
    place = Point(point[0])
    inside = place.intersects(_image_box(shape))
    return Checked(place) if inside else Checked(None, "outside the image")


def _bad_points(points: Floats, shape: tuple[int, int], limits: MarkLimits) -> str | None:
    if len(points) > limits.max_points:
        return f"too many points: {len(points)}, at most {limits.max_points} are allowed"
    if not np.isfinite(points).all():
        return "not finite: a coordinate is NaN or infinite"
    ny, nx = shape
    margin = limits.max_outside * max(shape) + 0.5
    low, high = np.array([-margin, -margin]), np.array([nx - 1, ny - 1]) + margin
    if ((points < low) | (points > high)).any():
        return f"far outside the image: beyond its edge by over {limits.max_outside:g} sides"
    return None


def _too_few(points: Floats, needed: int, what: str) -> str | None:
    n_points = len(points) and 1 + int((points[1:] != points[:-1]).any(axis=1).sum())
    if n_points < needed:
        return f"too few points: {n_points}, {what} needs {needed}"
    return None


def _jump(points: Floats, shape: tuple[int, int], limits: MarkLimits) -> str | None:
    steps = np.hypot(*np.diff(points, axis=0).T)
    longest = steps.max() / max(shape)
    if longest > limits.max_jump and steps.max() > limits.jump_ratio * np.median(steps):
        return f"jumps across the image: a step of {longest:.2f} sides, over {limits.max_jump:g}"
    return None


def _bad_area(area: BaseGeometry, shape: tuple[int, int], limits: MarkLimits) -> str | None:
    if area.area == 0 or area.area < limits.min_area_pix2:
        return f"no area: {area.area:.2g} square px, at least {limits.min_area_pix2:g} are needed"
    image = _image_box(shape)
    if not area.intersects(image):
        return "outside the image"
    if area.area > limits.max_image_share * image.area:
        share = area.intersection(image).area / image.area
        if share > limits.max_image_share:
            return (
                f"as large as the image: covers {share:.0%}, "
                f"at most {limits.max_image_share:.0%} is allowed"
            )
    return None


def _checked_area(
    area: BaseGeometry, repair: str | None, shape: tuple[int, int], limits: MarkLimits
) -> Checked:
    reason = _bad_area(area, shape, limits)
    return Checked(None, reason) if reason else Checked(area, repair)


def _unwound(geometry: Polygon | MultiPolygon) -> BaseGeometry:
    """Return what the outer rings wind round, less what the rings of the holes do."""
    parts = [
        enclosed_by_stroke(shapely.get_coordinates(part.exterior)).difference(
            shapely.union_all(
                [enclosed_by_stroke(shapely.get_coordinates(hole)) for hole in part.interiors]
            )
        )
        for part in shapely.get_parts(geometry)
        if not part.is_empty
    ]
    return shapely.union_all(parts)


def _image_box(shape: tuple[int, int]) -> Polygon:
    ny, nx = shape
    return shapely.box(-0.5, -0.5, nx - 0.5, ny - 0.5)
