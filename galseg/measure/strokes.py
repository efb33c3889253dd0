"""Freehand lines of volunteers, cut so that each stroke follows one arm at most."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import find_peaks

from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.measure.plane import as_seen

__all__ = ["LineRules", "Stroke", "cut_strokes", "read_lines"]

Floats = NDArray[np.float64]

_STEP = 0.06  # of the galaxy's drawn size, between the points of a stroke
_MIN_LENGTH = 0.3
_CORE = 0.1  # radius in which azimuths say nothing
_TURN = 0.35  # radians, or in ln r, that a stroke must go back before it is cut
_CLOSED = 0.1  # of a line's length, from its end back to its start


@dataclass(frozen=True)
class LineRules:
    """Which lines are left out at once.

    Attributes
    ----------
    max_jump : float
        Longest step between two points, as a share of the image's longer side.
    min_points : int
    """

    max_jump: float = 0.3
    min_points: int = 4

    def __post_init__(self) -> None:
        if not (self.max_jump > 0 and self.min_points >= 2):
            raise ConfigError(
                "max_jump must be above 0 and min_points at least 2, got "
                f"{self.max_jump} and {self.min_points}"
            )

    def why_not(self, xy: Floats, side: int) -> str:
        """Reason to leave a line out, empty if there is none."""
        if not np.isfinite(xy).all():
            return "a coordinate is not finite"
        xy = _without_repeats(xy)
        if len(xy) < self.min_points:
            return f"too few points: {len(xy)}, an arm needs {self.min_points}"
        steps = np.hypot(*np.diff(xy, axis=0).T)
        if steps.max() > self.max_jump * side:
            return (
                f"jumps over {steps.max() / side:.2f} of the image side, more than "
                f"{self.max_jump:g}"
            )
        if math.dist(xy[0], xy[-1]) < _CLOSED * steps.sum():
            return "closes on itself"
        return ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Stroke:
    """What became of a drawn line, or of a part of it.

    Attributes
    ----------
    line : int
        Number of the line that it is cut from, from 0.
    annotator_id : hashable
        Who drew it.
    arm_id : int
        The arm that it was counted for, 0 for none.
    reason : str
        Why it was counted for none; empty otherwise.
    xy : ndarray, shape (N, 2)
        In pixels.
    points : ndarray, shape (N, 2)
        Right and up of the galaxy's centre, in the disc if it is known, in arcsec, or in pixels
        without a WCS; empty where the whole line was left out.
    """

    line: int
    annotator_id: Hashable
    arm_id: int = 0
    reason: str = ""
    xy: Floats = field(repr=False)
    points: Floats = field(repr=False)


def read_lines(
    lines: Sequence[ArrayLike], annotator_ids: Sequence[Hashable] | None
) -> tuple[list[Floats], list[Hashable]]:
    """Check the lines and who drew them; without names, every line has its own volunteer.

    Raises
    ------
    ShapeError
        If a line is not of shape (N, 2), or there is not one name a line.
    """
    arrays = [np.asarray(line, dtype=float) for line in lines]
    for number, xy in enumerate(arrays):
        if xy.ndim != 2 or xy.shape[1] != 2:
            raise ShapeError(f"line {number} must have shape (N, 2) holding x, y, got {xy.shape}")
    names: list[Hashable] = list(range(len(arrays)) if annotator_ids is None else annotator_ids)
    if len(names) != len(arrays):
        raise ShapeError(
            f"annotator_ids must name who drew each line: {len(arrays)} lines, {len(names)} names"
        )
    return arrays, names


def cut_strokes(
    lines: Sequence[Floats],
    names: Sequence[Hashable],
    *,
    frame: ImageFrame,
    centre_xy: Floats,
    disc: Floats | None,
    rules: LineRules,
) -> tuple[list[Stroke], float]:
    """Clean lines, carry them to the plane of the galaxy, and cut them where they turn back.

    A line is cut where it goes on the other way round, where it comes back inwards or outwards,
    and where it passes the centre, so that several arms in one line come apart.

    Parameters
    ----------
    lines : sequence of ndarray, shape (N_i, 2)
        In pixels.
    names : sequence of hashable
        Who drew each.
    frame : ImageFrame
    centre_xy : ndarray, shape (2,)
        Pixel of the galaxy's centre.
    disc : ndarray, shape (2, 2), or None
        See `galseg.measure.host.disc_stretch`.
    rules : LineRules

    Returns
    -------
    strokes : list of Stroke
        All of every line; those of use have no `reason` yet. Their points are evenly spaced.
    size : float
        Median of how far out the lines reach, NaN if none is left.
    """
    reasons = [rules.why_not(xy, max(frame.shape)) for xy in lines]
    kept = [line for line, reason in enumerate(reasons) if not reason]
    in_plane = _in_plane([_without_repeats(lines[line]) for line in kept], frame, centre_xy, disc)
    for line, path in zip(kept, in_plane, strict=True):
        if not np.isfinite(path).all():
            reasons[line] = "lies beside the sky of the image"
    usable = [(line, path) for line, path in zip(kept, in_plane, strict=True) if not reasons[line]]
    strokes = [
        Stroke(line=line, annotator_id=names[line], reason=reason, xy=lines[line],
               points=np.empty((0, 2)))
        for line, reason in enumerate(reasons) if reason
    ]  # fmt: skip
    if not usable:
        return strokes, math.nan
    size = float(np.median([np.hypot(*path[:, :2].T).max() for _, path in usable]))
    for line, path in usable:
        for part, reason in _cut(_evenly_spaced(path, _STEP * size), size):
            strokes.append(
                Stroke(line=line, annotator_id=names[line], reason=reason, xy=part[:, 2:],
                       points=part[:, :2])
            )  # fmt: skip
    return strokes, size


def _in_plane(
    lines: Sequence[Floats], frame: ImageFrame, centre_xy: Floats, disc: Floats | None
) -> list[Floats]:
    """Lines in the plane of the galaxy and in pixels, four columns."""
    if not lines:
        return []
    xy = np.concatenate(lines)
    seen = as_seen(frame, xy, centre_xy)
    points = seen if disc is None else seen @ disc.T
    return np.split(np.hstack([points, xy]), np.cumsum([len(line) for line in lines])[:-1])


def _without_repeats(xy: Floats) -> Floats:
    """Leave out points that repeat the one before."""
    moved = (np.diff(xy, axis=0) != 0).any(axis=1)
    return xy[np.append(True, moved)] if len(xy) else xy


def _evenly_spaced(path: Floats, step: float) -> Floats:
    """Place points along a path, whose first two columns are where it runs."""
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(path[:, :2], axis=0).T)))
    places = np.linspace(0, along[-1], max(round(along[-1] / step), 1) + 1)
    return np.column_stack([np.interp(places, along, column) for column in path.T])


def _cut(path: Floats, size: float) -> list[tuple[Floats, str]]:
    """Cut an evenly spaced path, and say which parts are of no use."""
    radius = np.hypot(*path[:, :2].T)
    is_outside = radius > _CORE * size
    borders = np.flatnonzero(np.diff(is_outside)) + 1
    parts: list[tuple[Floats, str]] = []
    for start, stop in pairwise([0, *borders, len(path)]):
        if not is_outside[start]:
            parts.append((path[start:stop], "in the centre, where no arm can be told"))
            continue
        x, y = path[start:stop, :2].T
        turns = [*_turns(np.unwrap(np.arctan2(y, x))), *_turns(np.log(radius[start:stop]))]
        for first, last in pairwise(sorted({0, *turns, stop - start})):
            part = path[start + first : start + last]
            too_short = (len(part) - 1) * _STEP < _MIN_LENGTH
            parts.append((part, "too short to be an arm" if too_short else ""))
    return parts


def _turns(course: Floats) -> list[int]:
    """Where a course turns back for more than a tremble of the hand."""
    return [int(n) for sign in (1, -1) for n in find_peaks(sign * course, prominence=_TURN)[0]]
