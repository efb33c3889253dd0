"""What one drawing in a Zooniverse export looks like, in pixels of the image.

Both front ends draw in an SVG whose user units are the natural pixels of the picture that is
shown, y downwards. They differ in where a rectangle's x and y lie (a corner, or ``x_center``)
and in the sense of an ellipse's angle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.annotations.mapping import PixelOrigin

__all__ = ["BadDrawing", "Drawing", "Picture", "drawing_of"]

Floats = NDArray[np.float64]

_ELLIPSE_POINTS = 128  # area low by 0.04%
_CURVE_POINTS = 16  # of each Bezier segment


class BadDrawing(ValueError):  # noqa: N818 - caught by the reader, which notes the reason
    """A drawing without the numbers that its tool writes; the message is the reason."""


class Drawing(NamedTuple):
    """A drawing in pixels of the picture.

    Attributes
    ----------
    kind : {"stroke", "segment", "outline", "point"}
        A stroke may be meant as a line or as the area it encloses; a segment is a straight
        line, an outline an area.
    xy : ndarray, shape (N, 2)
        Vertices; one of a point.
    """

    kind: Literal["stroke", "segment", "outline", "point"]
    xy: Floats


@dataclass(frozen=True)
class Picture:
    """How the picture that was drawn on lies on the image that is measured.

    Attributes
    ----------
    size, image_size : tuple of int
        Width and height of the picture and of the image.
    flip_y : bool
        Whether row 0 of the image is at the bottom of the picture.
    pixel_origin : {"edge", "centre"}
        Where the drawing's (0, 0) lies on the picture's first pixel.
    """

    size: tuple[int, int]
    image_size: tuple[int, int]
    flip_y: bool
    pixel_origin: PixelOrigin

    @np.errstate(over="ignore")  # what overflows is not finite, which the checks reject
    def to_image(self, xy: Floats) -> Floats:
        """Transform drawn coordinates, shape (N, 2), to pixels of the image.

        Examples
        --------
        >>> picture = Picture((400, 400), (200, 100), flip_y=True, pixel_origin="edge")
        >>> picture.to_image(np.array([[0.0, 0.0], [400.0, 400.0]]))
        array([[ -0.5,  99.5],
               [199.5,  -0.5]])
        """
        from_edge = xy + (0.5 if self.pixel_origin == "centre" else 0.0)
        x, y = (from_edge * np.divide(self.image_size, self.size) - 0.5).T
        return np.column_stack([x, self.image_size[1] - 1 - y if self.flip_y else y])


@np.errstate(over="ignore", invalid="ignore")
def drawing_of(mark: Mapping[str, Any], *, bezier: bool = False) -> Drawing:
    """Turn a mark into vertices in pixels of the picture.

    Parameters
    ----------
    mark : mapping
        One entry of a drawing task's ``value``, from either front end.
    bezier : bool, optional
        Whether its points alternate between anchors and controls of quadratic curves.

    Returns
    -------
    Drawing

    Raises
    ------
    BadDrawing
        If its numbers are missing or no known tool writes them.

    References
    ----------
    Zooniverse, Panoptes-Front-End ``app/classifier/drawing-tools`` and front-end-monorepo
    ``packages/lib-classifier/src/plugins/drawingTools``.

    Examples
    --------
    >>> drawing_of({"x": 10, "y": 20, "width": 4, "height": 2}).xy.tolist()
    [[10.0, 20.0], [14.0, 20.0], [14.0, 22.0], [10.0, 22.0]]
    >>> drawing_of({"pathX": [1, 2, 3], "pathY": [5, 6, 5]}).kind
    'stroke'
    """
    if "pathX" in mark or "pathY" in mark:
        return Drawing("stroke", _path(mark))
    if "points" in mark:
        xy = _points(mark["points"])
        return Drawing("stroke", _curve(xy) if bezier else xy)
    if "x1" in mark:
        ends = _numbers(mark, "x1", "y1", "x2", "y2")
        return Drawing("segment", np.reshape(ends, (2, 2)))
    if "rx" in mark:
        return Drawing("outline", _ellipse(mark))
    if "r" in mark or "radius" in mark:
        return Drawing("outline", _circle(mark))
    if "width" in mark or "height" in mark:
        return Drawing("outline", _rectangle(mark))
    if mark.keys() & {"angle", "rotation", "spread"} or "x" not in mark:
        raise BadDrawing(f"not a drawing that can be read: it has {sorted(mark)}")
    return Drawing("point", np.reshape(_numbers(mark, "x", "y"), (1, 2)))


def _numbers(mark: Mapping[str, Any], *names: str) -> list[float]:
    missing = [name for name in names if name not in mark]
    if missing:
        raise BadDrawing(f"lacks {', '.join(missing)}")
    values = _floats([mark[name] for name in names], ", ".join(names))
    if values.shape != (len(names),) or not np.isfinite(values).all():
        raise BadDrawing(f"{', '.join(names)} are not all finite numbers")
    return [float(value) for value in values]


def _floats(values: Any, name: str) -> Floats:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadDrawing(f"{name} are not all numbers") from error


def _path(mark: Mapping[str, Any]) -> Floats:
    x, y = _floats(mark.get("pathX", []), "pathX"), _floats(mark.get("pathY", []), "pathY")
    if x.ndim != 1 or x.shape != y.shape:
        raise BadDrawing(f"pathX and pathY do not pair up: {x.size} and {y.size} numbers")
    return np.column_stack([x, y])


def _points(points: Any) -> Floats:
    if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
        raise BadDrawing("points is not a list of {x, y}")
    xy = [(point.get("x"), point.get("y")) for point in points]
    return _floats(xy, "points").reshape(-1, 2)


def _centre(mark: Mapping[str, Any]) -> tuple[float, float]:
    x, y = _numbers(mark, *(("x_center", "y_center") if "x_center" in mark else ("x", "y")))
    return x, y


def _rectangle(mark: Mapping[str, Any]) -> Floats:
    """Return the corners; both front ends turn a rectangle about its centre, clockwise as seen."""
    width, height = _numbers(mark, "width", "height")
    x, y = _centre(mark)
    if "x_center" not in mark:
        x, y = x + width / 2, y + height / 2
    angle = _numbers(mark, "angle")[0] if mark.get("angle") is not None else 0.0
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
    return _placed(corners, angle, (x, y))


def _ellipse(mark: Mapping[str, Any]) -> Floats:
    """Return the outline; the older front end's angle runs anticlockwise as seen."""
    rx, ry, angle = _numbers(mark, "rx", "ry", "angle")
    clockwise = angle if "x_center" in mark else -angle
    return _placed(_unit_circle() * (rx, ry), clockwise, _centre(mark))


def _circle(mark: Mapping[str, Any]) -> Floats:
    if mark.keys() & {"angle", "spread", "rotation"}:
        raise BadDrawing("a triangle or fan, which no feature is drawn with")
    radius = _numbers(mark, "r" if "r" in mark else "radius")[0]
    return _placed(_unit_circle() * radius, 0.0, _centre(mark))


def _unit_circle() -> Floats:
    angle = np.arange(_ELLIPSE_POINTS) * (2 * math.pi / _ELLIPSE_POINTS)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _placed(xy: Floats, angle_deg: float, centre: tuple[float, float]) -> Floats:
    """Turn from x towards y, which with y downwards is clockwise as seen, and shift."""
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.asarray(xy @ np.array([[cos, sin], [-sin, cos]]) + centre)


def _curve(points: Floats) -> Floats:
    """Follow quadratic Bezier curves; an even number of points ends with the closing control."""
    if len(points) < 3:
        return points
    closed = points if len(points) % 2 else np.vstack([points, points[:1]])
    t = np.arange(_CURVE_POINTS)[:, None, None] / _CURVE_POINTS
    start, control, end = closed[:-2:2], closed[1:-1:2], closed[2::2]
    curves = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
    return np.vstack([curves.transpose(1, 0, 2).reshape(-1, 2), closed[-1:]])
