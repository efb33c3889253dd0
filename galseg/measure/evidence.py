"""The map that is measured, checked: a mask, or probabilities and the level that outlines them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.measure.flags import MeasureFlag

__all__ = ["Component", "Evidence"]

_SIZEABLE = 0.1


@dataclass(frozen=True, eq=False)
class Component:
    """One connected piece of a structure, corners touching.

    Attributes
    ----------
    mask : ndarray of bool, shape (h, w)
        Its pixels, cut out.
    values : ndarray of float32, shape (h, w)
        The map with every other piece set to zero.
    origin_xy : ndarray of int, shape (2,)
        x and y of the cut-out's first pixel.
    flags : MeasureFlag
    """

    mask: NDArray[np.bool_]
    values: NDArray[np.float32]
    origin_xy: NDArray[np.int64]
    flags: MeasureFlag

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Pixel centres x, y in the image, shape (N, 2)."""
        y, x = np.nonzero(self.mask)
        return np.asarray(np.column_stack([x, y]) + self.origin_xy, dtype=float)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Values of the map at `points`, shape (N,)."""
        return self.values[self.mask].astype(float)

    @cached_property
    def centroid_xy(self) -> NDArray[np.float64]:
        """Mean of `points`, weighted by the map, shape (2,)."""
        return np.asarray(np.average(self.points, axis=0, weights=self.weights))


@dataclass(frozen=True, eq=False)
class Evidence:
    """A map on its frame, ready to be measured.

    Attributes
    ----------
    values : ndarray of float32, shape (ny, nx)
        0 to 1; zero where missing.
    missing : ndarray of bool, shape (ny, nx)
        Pixels that were NaN.
    threshold : float
        A pixel belongs to the structure from here on.
    is_mask : bool
        Whether the map is all zeros and ones, so that the threshold says nothing.
    """

    values: NDArray[np.float32]
    missing: NDArray[np.bool_]
    threshold: float
    is_mask: bool

    @classmethod
    def of(cls, mask_or_probability: ArrayLike, frame: ImageFrame, threshold: float) -> Evidence:
        """Check a mask or a map of probabilities.

        Raises
        ------
        ShapeError
            If it is not of the frame's shape, or holds anything but 0 to 1 and NaN.
        ConfigError
            If the threshold is not above 0 and at most 1.
        """
        if not 0 < threshold <= 1:
            raise ConfigError(f"threshold must be above 0 and at most 1, got {threshold}")
        array = np.asarray(mask_or_probability)
        if array.shape != frame.shape:
            raise ShapeError(
                f"the mask has shape {array.shape} and its frame {frame.shape}; "
                "give the frame of the image that the mask was made on"
            )
        if array.dtype.kind not in "biuf":
            raise ShapeError(f"a mask or probability must be bool or a number, got {array.dtype}")
        values = array.astype(np.float32)
        missing = np.isnan(values)
        values[missing] = 0
        if values.min() < 0 or values.max() > 1:
            raise ShapeError(
                f"values must be 0 to 1, got {values.min():g} to {values.max():g}; give a mask "
                "as `image > 0`, votes as votes / n_asked"
            )
        is_mask = bool(((values == 0) | (values == 1)).all())
        return cls(values, missing, 0.5 if is_mask else float(threshold), is_mask)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Pixels that belong to the structure, shape (ny, nx)."""
        return self.values >= np.float32(self.threshold)

    def nearest(self, xy: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns of the pixels nearest to points x, y, for use as an index."""
        column, row = np.rint(xy).astype(np.int64).T
        ny, nx = self.values.shape
        return row.clip(0, ny - 1), column.clip(0, nx - 1)

    def is_near_missing(self, xy: NDArray[np.float64]) -> bool:
        """Whether a pixel nearest to any of the points, or one beside it, is missing."""
        return bool(self.missing.any() and _grown(self.missing)[self.nearest(xy)].any())

    @property
    def flags(self) -> MeasureFlag:
        """EMPTY or NO_DATA, or neither."""
        if self.missing.all():
            return MeasureFlag.NO_DATA
        return MeasureFlag.NONE if self.mask.any() else MeasureFlag.EMPTY

    def components(self, *, min_pixels: int, min_share: float) -> tuple[list[Component], int]:
        """Cut out the pieces, those with most pixels first; call only where `mask` has any.

        Parameters
        ----------
        min_pixels : int
        min_share : float
            Of the largest piece's pixels. That piece is there whatever its size.

        Returns
        -------
        components : list of Component
        n_left_out : int
            Pieces too small.
        """
        labels, stats = self._labelled()
        area = stats[1:, cv2.CC_STAT_AREA]
        order = np.argsort(-area, kind="stable")
        least = min(max(min_pixels, min_share * area.max()), area.max())
        kept = order[area[order] >= least] + 1
        return [self._cut_out(labels, int(k), stats[k]) for k in kept], len(area) - len(kept)

    def largest_component(self) -> Component:
        """Cut out the piece with most pixels; call only where `mask` has any."""
        labels, stats = self._labelled()
        area = stats[1:, cv2.CC_STAT_AREA]
        label = int(np.argmax(area)) + 1
        component = self._cut_out(labels, label, stats[label])
        if len(area) > 1 and np.sort(area)[-2] >= _SIZEABLE * area.max():
            flags = component.flags | MeasureFlag.SEVERAL_COMPONENTS
            return replace(component, flags=flags)
        return component

    def _labelled(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Label the pieces, looking only in the box that holds them all."""
        y, x = (np.flatnonzero(self.mask.any(axis=axis)) for axis in (1, 0))
        box = slice(y[0], y[-1] + 1), slice(x[0], x[-1] + 1)
        labels = np.zeros(self.mask.shape, dtype=np.int32)
        _, labels[box], stats, _ = cv2.connectedComponentsWithStats(
            self.mask[box].astype(np.uint8), connectivity=8
        )
        stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]] += (x[0], y[0])
        return labels, stats

    def _cut_out(
        self, labels: NDArray[np.int32], label: int, stats: NDArray[np.int32]
    ) -> Component:
        x, y, width, height = (int(n) for n in stats[:4])
        margin = 3 + max(width, height) // 4
        rows = slice(max(y - margin, 0), y + height + margin)
        columns = slice(max(x - margin, 0), x + width + margin)
        part = labels[rows, columns]
        mask = part == label
        values = np.where(mask | (part == 0), self.values[rows, columns], np.float32(0))
        missing = self.missing[rows, columns]
        is_beside = missing.any() and (missing & _grown(mask)).any()
        flags = MeasureFlag.NAN_PIXELS if is_beside else MeasureFlag.NONE
        ny, nx = labels.shape
        if x == 0 or y == 0 or x + width == nx or y + height == ny:
            flags |= MeasureFlag.TOUCHES_EDGE
        return Component(mask, values, np.array([columns.start, rows.start]), flags)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add the pixels beside a mask, corners included."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
