"""Middle lines of arms, followed round the centre of a galaxy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from galseg.measure.polar import Cuts, PolarMap

__all__ = ["Ridge", "median", "trace_ridges"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEEPEST = math.tan(math.radians(70))
_SLACK = 1.5  # samples that a middle may jump beyond the steepest arm
_LOOSENESS = 0.25  # of the thickness, that it may jump if that is more
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

    @cached_property
    def azimuth_span(self) -> float:
        """Angle that it covers, in radians."""
        return float(self.azimuth[-1] - self.azimuth[0])

    @cached_property
    def points(self) -> Floats:
        """In the plane, shape (N, 2)."""
        rays = np.column_stack([np.cos(self.azimuth), np.sin(self.azimuth)])
        return np.asarray(self.radius[:, None] * rays)

    @cached_property
    def length(self) -> float:
        """Along it, in the unit of the plane."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())

    @cached_property
    def log_radius(self) -> Floats:
        """Natural logarithm of `radius`."""
        return np.log(self.radius)

    @cached_property
    def relative_thickness(self) -> float:
        """Median of thickness over radius."""
        return median(self.thickness / self.radius)

    def trimmed(self) -> Ridge:
        """Let it end where the cuts have half of their usual length, between samples.

        Where an arm ends bluntly, the cuts shorten over its corner and pass half their length
        at its end.
        """
        half = median(self.thickness) / 2
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


def median(values: Floats) -> float:
    """Median of finite numbers, without the checks that make NumPy's slow for a few."""
    low, high = (len(values) - 1) // 2, len(values) // 2
    ordered = np.partition(values, (low, high))
    return float(ordered[low] + ordered[high]) / 2


def trace_ridges(polar: PolarMap) -> tuple[list[Ridge], bool]:
    """Follow the structures of a map round the centre.

    The cuts along each ray are joined from one azimuth to the next where each is the other's
    best overlap and the middle does not jump, so that arms that touch come apart where they
    meet, and a thick one runs on where a thin one meets it.

    Parameters
    ----------
    polar : PolarMap

    Returns
    -------
    ridges : list of Ridge
    has_ring : bool
        Whether something was left out because it closes on itself.
    """
    cuts, has_ring = polar.cuts()
    chains, closed = _chains(_link(cuts, polar))
    ridges = []
    for chain in chains:
        azimuth = (cuts.row[chain[0]] + np.arange(len(chain))) * polar.azimuth_step
        ridges.append(Ridge(azimuth, cuts.radius[chain], cuts.thickness[chain]))
    return ridges, has_ring or closed


def _link(cuts: Cuts, polar: PolarMap) -> Ints:
    """Index of the cut that follows each at the next azimuth, -1 where none does."""
    n_rows, n_radii = polar.values.shape
    forward = _best_overlap(cuts, (cuts.row + 1) % n_rows, n_radii)
    backward = _best_overlap(cuts, (cuts.row - 1) % n_rows, n_radii)
    is_mutual = (forward >= 0) & (backward[forward] == np.arange(len(cuts)))
    thinner = np.minimum(cuts.thickness, cuts.thickness[forward])
    largest_step = cuts.radius * (polar.azimuth_step * _STEEPEST)
    largest_step += np.maximum(_SLACK * polar.radius_step, _LOOSENESS * thinner)
    is_smooth = np.abs(cuts.radius[forward] - cuts.radius) <= largest_step
    return np.where(is_mutual & is_smooth, forward, -1)


def _best_overlap(cuts: Cuts, other_row: Ints, n_radii: int) -> Ints:
    """Index of the cut in another row that shares most radii with each, -1 where none does."""
    width = n_radii + 1
    first_key, last_key = cuts.row * width + cuts.start, cuts.row * width + cuts.stop
    low, high = other_row * width + cuts.start, other_row * width + cuts.stop
    first = np.searchsorted(last_key, low, side="right")
    beyond = np.searchsorted(first_key, high, side="left")
    best, most = np.full(len(cuts), -1), np.zeros(len(cuts), dtype=np.int64)
    for k in range(int((beyond - first).max(initial=0))):
        candidate = np.minimum(first + k, len(cuts) - 1)
        shared = np.minimum(high, last_key[candidate]) - np.maximum(low, first_key[candidate])
        better = (first + k < beyond) & (shared > most)
        best[better], most[better] = candidate[better], shared[better]
    return best


def _chains(following: Ints) -> tuple[list[Ints], bool]:
    """Follow the links from every cut that nothing leads to; what is left over is closed."""
    after = following.tolist()
    is_head = np.ones(len(after), dtype=bool)
    is_head[following[following >= 0]] = False
    chains, n_followed = [], 0
    for head in np.flatnonzero(is_head).tolist():
        chain = [head]
        while after[chain[-1]] >= 0:
            chain.append(after[chain[-1]])
        n_followed += len(chain)
        if len(chain) >= _MIN_STEPS:
            chains.append(np.array(chain))
    return chains, n_followed < len(after)
