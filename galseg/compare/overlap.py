"""Masks without a WCS that are mirrored or turned, told by how they lie on the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from galseg.errors import FrameError

__all__ = ["OverlapTally"]

Mask = NDArray[np.bool_]

_LEAST_MASKS = 8
_LEAST_GAIN = 0.1  # in IoU
_LEAST_SIGNIFICANCE = 5.0  # standard errors of the gain

_TURNS: Mapping[str, Callable[[Mask], Mask]] = MappingProxyType(
    {
        "turned upside down": lambda mask: mask[::-1],
        "mirrored left to right": lambda mask: mask[:, ::-1],
        "turned by 180 degrees": lambda mask: mask[::-1, ::-1],
        "transposed, x and y swapped": lambda mask: mask.T,
        "turned by 90 degrees": lambda mask: np.rot90(mask, -1),  # anticlockwise with y up
        "turned by 270 degrees": lambda mask: np.rot90(mask),
        "transposed and turned by 180 degrees": lambda mask: mask[::-1, ::-1].T,
    }
)


@dataclass
class OverlapTally:
    """How well the masks of each two methods overlap, as they are and turned.

    Attributes
    ----------
    overlaps : mapping of (method, method) to list of ndarray, shape (8,)
        IoU as they are, and with the second turned in each way; NaN for a way that another shape
        would come of.

    Examples
    --------
    >>> tally = OverlapTally()
    >>> bar = np.eye(5, dtype=bool)
    >>> tally.add({"a": bar, "b": bar[::-1]})
    >>> tally.overlaps["a", "b"][0][:2].round(2).tolist()
    [0.11, 1.0]
    """

    overlaps: defaultdict[tuple[str, str], list[NDArray[np.float64]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, masks: Mapping[str, Mask]) -> None:
        """Count in the masks of a galaxy and feature, by method; empty ones tell nothing."""
        drawn = {method: mask for method, mask in masks.items() if mask.any()}
        for first, second in combinations(drawn, 2):
            turned = (turn(drawn[second]) for turn in _TURNS.values())
            overlaps = [_iou(drawn[first], mask) for mask in (drawn[second], *turned)]
            self.overlaps[first, second].append(np.array(overlaps))

    def check(self) -> None:
        """Check that no method's masks would lie better on another's if they were turned.

        Raises
        ------
        FrameError
            If over eight masks or more the IoU rises by 0.1 and five standard errors.
        """
        for (first, second), rows in self.overlaps.items():
            overlaps = np.array(rows)
            if len(overlaps) < _LEAST_MASKS:
                continue
            gains = overlaps[:, 1:] - overlaps[:, :1]
            gain = gains.mean(axis=0)
            error = gains.std(axis=0, ddof=1) / np.sqrt(len(gains))
            is_clear = (gain >= _LEAST_GAIN) & (gain >= _LEAST_SIGNIFICANCE * error)
            if is_clear.any():
                best = int(np.argmax(np.where(is_clear, gain, -np.inf)))
                before, after = overlaps[:, [0, best + 1]].mean(axis=0)
                raise FrameError(
                    f"the masks of {first!r} and {second!r} lie better on each other when those of "
                    f"{second!r} are {list(_TURNS)[best]}: over {len(rows)} masks, the mean IoU is "
                    f"then {after:.2f} instead of {before:.2f}; look which are wrong, and turn them"
                )


def _iou(first: Mask, second: Mask) -> float:
    if first.shape != second.shape:
        return np.nan
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union
