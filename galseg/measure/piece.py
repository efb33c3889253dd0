"""Numbers of one elongated piece of a map beside a galaxy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.frame import ImageFrame
from galseg.measure.evidence import Component
from galseg.measure.flags import MeasureFlag
from galseg.measure.footprint import box_of
from galseg.measure.medial import MedialAxis, find_medial_axis, tangents
from galseg.measure.perimeter import crofton_perimeter
from galseg.measure.plane import LocalPlane, as_seen
from galseg.measure.region import Figure, longest_chord_arcsec
from galseg.measure.solid_angle import solid_angle_arcsec2

__all__ = ["Piece", "at_level", "describe_piece"]

Floats = NDArray[np.float64]

# Errors from the pixel grid, in pixels where they have a dimension, found on exact masks.
_AREA_ERR = 0.3  # times the square root of the perimeter
_PERIMETER_ERR = 0.02  # relative, on square pixels
_SOLIDITY_ERR = 2.0  # relative, over that of the area
_POSITION_ANGLE_ERR = 0.25  # over the longest chord
_ORIENTATION_ERR = 0.5  # over the length
_CURVATURE_ERR = 2.0, 0.2  # pixels and widths, over the length


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece and its medial axis.

    Attributes
    ----------
    numbers : dict of str to float
        By the names of `TidalMeasurement`; angles are in degrees, the rest in arcsec or, without
        a WCS, in pixels.
    medial_xy : ndarray, shape (N, 2)
    flags : MeasureFlag
    frame : ImageFrame
    figure : Figure
    axis : MedialAxis
    plane : LocalPlane
        Of the axis.
    """

    numbers: dict[str, float]
    medial_xy: Floats
    flags: MeasureFlag
    frame: ImageFrame
    figure: Figure
    axis: MedialAxis
    plane: LocalPlane

    @property
    def pixel_errs(self) -> dict[str, float]:
        """Errors of the numbers from the pixel grid."""
        return _pixel_errs(
            self.numbers,
            chord=longest_chord_arcsec(self.figure, self.frame),
            end_err=_end_err(self.axis, self.plane),
            oblongness=float(np.linalg.cond(self.plane.matrix)),
            unit=_unit(self.plane, self.frame),
        )


def at_level(component: Component, level: float) -> Component | None:
    """Outline a component of a map at another level; None if no pixel reaches it."""
    _, labels = cv2.connectedComponents((component.values >= level).astype(np.uint8))
    overlap = np.bincount(labels[component.mask])
    overlap[0] = 0
    if not overlap.any():
        return None
    return replace(component, mask=labels == np.argmax(overlap))


def describe_piece(
    component: Component, *, frame: ImageFrame, centre_xy: Floats, threshold: float
) -> Piece:
    """Measure a piece.

    Parameters
    ----------
    component : Component
    frame : ImageFrame
    centre_xy : ndarray, shape (2,)
        Of the galaxy.
    threshold : float
        Level of the map that outlines the piece.
    """
    box = box_of(component.mask)
    mask = component.mask[box]
    x, y = np.add(component.origin_xy, (box[1].start, box[0].start)).tolist()
    figure = Figure.of(mask, frame=frame, origin_xy=(x, y))
    area = float(figure.n_pixels)
    if frame.has_sky:
        area = solid_angle_arcsec2(mask, frame=frame, origin_xy=(x, y))
    plane = LocalPlane.at(frame, component.centroid_xy)
    axis = find_medial_axis(component, plane, threshold=threshold)
    medial_xy = plane.to_pixel(axis.points)
    perimeter = crofton_perimeter(mask, plane.matrix) * _unit(plane, frame)
    length = perimeter / 2 if axis.is_closed else _length(medial_xy, frame)
    numbers = {
        "area_arcsec2": area,
        "perimeter_arcsec": perimeter,
        "length_arcsec": length,
        "width_arcsec": area / length,
        "curvature": 2 * math.pi if axis.is_closed else axis.turning,
        "elongation": figure.elongation,
        "position_angle_deg": figure.position_angle_deg,
        "solidity": figure.solidity,
        **_lie(as_seen(frame, medial_xy, centre_xy), is_closed=axis.is_closed),
    }
    flags = figure.flags | (MeasureFlag.RING if axis.is_closed else MeasureFlag.NONE)
    return Piece(numbers, medial_xy, flags, frame, figure, axis, plane)


def _unit(plane: LocalPlane, frame: ImageFrame) -> float:
    """Size of a pixel in arcsec, or in pixels without a WCS."""
    return plane.unit_arcsec if frame.has_sky else 1.0


def _length(xy: Floats, frame: ImageFrame) -> float:
    """Length of a line of pixels, in arcsec, or in pixels without a WCS."""
    if frame.has_sky:
        return float(frame.separation_arcsec(xy[:-1], xy[1:]).sum())
    return float(np.hypot(*np.diff(xy, axis=0).T).sum())


def _lie(seen: Floats, *, is_closed: bool) -> dict[str, float]:
    """How a line of points, as seen from the galaxy's centre, lies to it."""
    line = seen @ np.array([1, 1j])
    radius = np.abs(line)
    to_line = tangents(line) * line.conj()
    angle = np.arctan2(np.abs(to_line.imag), np.abs(to_line.real))
    turn = float(np.angle(line[1:] * line[:-1].conj()).sum())
    return {
        "orientation_deg": math.degrees(angle.mean()),
        "distance_arcsec": float(radius[len(radius) // 2]),
        "r_inner_arcsec": float(radius.min()),
        "r_outer_arcsec": float(radius.max()),
        "azimuth_deg": math.nan if is_closed else math.degrees(abs(turn)),
    }


def _end_err(axis: MedialAxis, plane: LocalPlane) -> float:
    """Error in pixels of where the axis ends, along it: an even spread over a pixel."""
    ends = axis.points[[0, -1]] - axis.points[[1, -2]]
    ends /= np.hypot(*ends.T)[:, None]
    return float(np.sqrt(((ends @ plane.matrix) ** 2).sum(axis=1).mean() / 12))


def _pixel_errs(
    numbers: dict[str, float], *, chord: float, end_err: float, oblongness: float, unit: float
) -> dict[str, float]:
    """Errors from the pixel grid, `unit` being the size of a pixel."""
    length = numbers["length_arcsec"]
    area_err = (
        _AREA_ERR * math.sqrt(numbers["perimeter_arcsec"] * unit**3) / numbers["area_arcsec2"]
    )
    length_err = math.sqrt(2) * end_err * unit / length
    width_err = math.hypot(area_err, length_err)
    pixels, widths = _CURVATURE_ERR
    place = end_err * unit
    is_round = math.isnan(numbers["position_angle_deg"])
    direction = math.nan if is_round else 1 - numbers["elongation"] ** -2
    return {
        "area_arcsec2": area_err * numbers["area_arcsec2"],
        "perimeter_arcsec": _PERIMETER_ERR * math.sqrt(oblongness) * numbers["perimeter_arcsec"],
        "length_arcsec": length_err * length,
        "width_arcsec": width_err * numbers["width_arcsec"],
        "curvature": math.hypot(pixels * unit, widths * numbers["width_arcsec"]) / length,
        "elongation": math.hypot(width_err, length_err) * numbers["elongation"],
        "position_angle_deg": math.degrees(_POSITION_ANGLE_ERR * unit / (chord * direction)),
        "solidity": _SOLIDITY_ERR * area_err * numbers["solidity"],
        "orientation_deg": math.degrees(_ORIENTATION_ERR * unit / length),
        "distance_arcsec": place,
        "r_inner_arcsec": place,
        "r_outer_arcsec": place,
        "azimuth_deg": math.degrees(math.sqrt(2) * place / max(numbers["r_inner_arcsec"], place)),
    }
