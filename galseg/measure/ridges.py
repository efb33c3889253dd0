"""Middle lines of arms, followed round the centre of a galaxy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.measure.evidence import Evidence
from galseg.measure.plane import LocalPlane

__all__ = ["Ridge", "trace_ridges"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_RADIUS_STEP = 0.5  # pixels
_ARC_STEP = 1.0  # pixels at the largest radius
_MIN_AZIMUTHS = 360
_STEEPEST = math.tan(math.radians(70))
_SLACK = 1.0  # pixels that a middle may jump beyond the steepest arm
_MIN_STEPS = 4


@dataclass(frozen=True, eq=False)
class Ridge:
    """The middle of an arm at every azimuth, in mean pixels.

    Attributes
    ----------
    azimuth : ndarray, shape (N,)
        Radians, anticlockwise in the plane, rising; beyond 2 pi for more than a turn.
    radius, thickness : ndarray, shape (N,)
        Middle and length of the arm's cut along the radius.
    """

    azimuth: Floats
    radius: Floats
    thickness: Floats

    def __len__(self) -> int:
        return len(self.azimuth)

    @property
    def azimuth_span(self) -> float:
        """Angle that it covers, in radians."""
        return float(np.ptp(self.azimuth))

    @property
    def points(self) -> Floats:
        """In the plane, shape (N, 2)."""
        rays = np.column_stack([np.cos(self.azimuth), np.sin(self.azimuth)])
        return np.asarray(self.radius[:, None] * rays)

    def trimmed(self) -> Ridge:
        """Let it end where the cuts have half of their usual length, between samples.

        Where an arm ends bluntly, the cuts shorten over its corner and pass half their length
        at its end.
        """
        half = float(np.median(self.thickness)) / 2
        index = np.arange(len(self), dtype=float)
        whole = np.flatnonzero(self.thickness >= half)
        kept = index[whole[0] : whole[-1] + 1]
        for inside, outside in ((whole[0], whole[0] - 1), (whole[-1], whole[-1] + 1)):
            if 0 <= outside < len(self):
                excess, step = (
                    self.thickness[inside] - half,
                    np.ptp(self.thickness[[inside, outside]]),
                )
                end = inside + (outside - inside) * excess / step
                kept = np.sort(np.append(kept, end))
        return Ridge(
            *(np.interp(kept, index, v) for v in (self.azimuth, self.radius, self.thickness))
        )


def trace_ridges(evidence: Evidence, plane: LocalPlane) -> tuple[list[Ridge], bool]:
    """Follow the structures of a map round the origin of a plane.

    The map is laid out in azimuth and radius. The cuts along each radius are joined from one
    azimuth to the next where each is the other's best overlap and the middle does not jump, so
    that arms that touch come apart where they meet. A cut that holds the centre belongs to no
    arm.

    Parameters
    ----------
    evidence : Evidence
    plane : LocalPlane
        The sky round the galaxy's centre, or the disc.

    Returns
    -------
    ridges : list of Ridge
    closed : bool
        Whether something was left out because it closes on itself, like a ring.
    """
    if not evidence.mask.any():
        return [], False
    filled, azimuth_step = _lay_out(evidence, plane)
    change = np.diff(filled.astype(np.int8), axis=1, prepend=0, append=0)
    row, start = np.nonzero(change == 1)
    stop = np.nonzero(change == -1)[1]
    off_centre = start > 0
    row, start, stop = row[off_centre], start[off_centre], stop[off_centre]
    radius = np.asarray((start + stop - 1) / 2 * _RADIUS_STEP, dtype=float)
    following = _link(row, start, stop, radius, filled.shape)
    chains, closed = _chains(following)
    thickness = np.asarray((stop - start) * _RADIUS_STEP, dtype=float)
    ridges = []
    for chain in chains:
        azimuth = np.asarray((row[chain[0]] + np.arange(len(chain))) * azimuth_step, dtype=float)
        ridges.append(Ridge(azimuth, radius[chain], thickness[chain]))
    return ridges, closed


def _lay_out(evidence: Evidence, plane: LocalPlane) -> tuple[NDArray[np.bool_], float]:
    y, x = np.nonzero(evidence.mask)
    reach = float(np.hypot(*plane.to_plane(np.column_stack([x, y])).T).max()) + 2
    n_azimuths = max(_MIN_AZIMUTHS, math.ceil(2 * math.pi * reach / _ARC_STEP))
    azimuth = np.arange(n_azimuths) * (2 * math.pi / n_azimuths)
    radius = np.arange(0, reach, _RADIUS_STEP)
    rays = np.column_stack([np.cos(azimuth), np.sin(azimuth)]) @ np.linalg.inv(plane.matrix).T
    map_x, map_y = (
        (plane.origin_xy[i] + rays[:, i, None] * radius).astype(np.float32) for i in (0, 1)
    )
    samples = cv2.remap(evidence.values, map_x, map_y, cv2.INTER_LINEAR)
    return np.asarray(samples >= evidence.threshold), 2 * math.pi / n_azimuths


def _link(row: Ints, start: Ints, stop: Ints, radius: Floats, shape: tuple[int, int]) -> Ints:
    """Index of the cut that follows each at the next azimuth, -1 where none does."""
    forward = _best_overlap(row, start, stop, (row + 1) % shape[0], shape[1])
    backward = _best_overlap(row, start, stop, (row - 1) % shape[0], shape[1])
    index = np.arange(len(row))
    is_mutual = (forward >= 0) & (backward[forward] == index)
    largest_step = radius * (2 * math.pi / shape[0]) * _STEEPEST + _SLACK
    is_smooth = np.abs(radius[forward] - radius) <= largest_step
    return np.where(is_mutual & is_smooth, forward, -1)


def _best_overlap(row: Ints, start: Ints, stop: Ints, other_row: Ints, n_radii: int) -> Ints:
    """Index of the cut in another row that shares most radii with each, -1 where none does."""
    width = n_radii + 1
    first_key, last_key = row * width + start, row * width + stop
    low, high = other_row * width + start, other_row * width + stop
    first = np.searchsorted(last_key, low, side="right")
    beyond = np.searchsorted(first_key, high, side="left")
    best, most = np.full(len(row), -1), np.zeros(len(row), dtype=np.int64)
    for k in range(int((beyond - first).max(initial=0))):
        candidate = np.minimum(first + k, len(row) - 1)
        shared = np.minimum(high, last_key[candidate]) - np.maximum(low, first_key[candidate])
        better = (first + k < beyond) & (shared > most)
        best[better], most[better] = candidate[better], shared[better]
    return best


def _chains(following: Ints) -> tuple[list[Ints], bool]:
    """Follow the links from every cut that nothing leads to; what is left over is closed."""
    after = following.tolist()
    heads = np.setdiff1d(np.arange(len(after)), following)
    chains, n_followed = [], 0
    for head in heads.tolist():
        chain = [head]
        while after[chain[-1]] >= 0:
            chain.append(after[chain[-1]])
        n_followed += len(chain)
        if len(chain) >= _MIN_STEPS:
            chains.append(np.array(chain))
    return chains, n_followed < len(after)
