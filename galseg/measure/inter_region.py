"""What a region is compared with: other pixels, ring by ring at the same radii."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galseg.measure.plane import LocalPlane

__all__ = ["Comparison"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MAD_TO_SIGMA = 1.4826
_MIN_PIXELS = 10


@dataclass(frozen=True, eq=False)
class Comparison:
    """Pixels beside a region, and rings within which both are compared.

    Attributes
    ----------
    shares : ndarray, shape (ny, nx)
        Of each pixel that belongs to what the region is compared with, 0 to 1.
    ring : ndarray of int, shape (ny, nx)
        From 0.
    """

    shares: Floats
    ring: Ints

    @classmethod
    def with_region(cls, shares: Floats) -> Comparison:
        """Compare with a given region, wherever it lies."""
        return cls(shares, np.zeros(shares.shape, dtype=np.int64))

    @classmethod
    def at_same_radii(cls, region: Floats, plane: LocalPlane) -> Comparison:
        """Compare with the pixels of which no part is in the region, at the region's radii.

        Parameters
        ----------
        region : ndarray, shape (ny, nx)
            Its shares.
        plane : LocalPlane
            Round the galaxy's centre; rings are one mean pixel wide in it.
        """
        y, x = np.indices(region.shape)
        points = np.column_stack([x.ravel(), y.ravel()])
        radius = np.hypot(*plane.to_plane(points).T).reshape(region.shape)
        ring = np.floor(radius).astype(np.int64)
        is_beside = (region == 0) & np.isin(ring, np.unique(ring[region > 0]))
        return cls(is_beside.astype(float), ring)

    def scatter(self, values: Floats) -> float:
        """Robust standard deviation about the mean of each ring; NaN from fewer than 10 pixels."""
        beside = (self.shares > 0) & np.isfinite(values)
        if np.count_nonzero(beside) < _MIN_PIXELS:
            return math.nan
        _, mean = self._of_rings(values, beside)
        residual = values[beside] - mean[self.ring[beside]]
        return float(_MAD_TO_SIGMA * np.median(np.abs(residual - np.median(residual))))

    def means(
        self, values: Floats, region: Floats, noise: Floats
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Mean of a region and of what it is compared with, each with its error.

        A ring counts in the comparison for as much as it does in the region; rings in which there
        is nothing to compare with are left out of both.

        Parameters
        ----------
        values : ndarray, shape (ny, nx)
            Not finite where missing.
        region : ndarray, shape (ny, nx)
            Its shares.
        noise : ndarray, shape (ny, nx)
            One standard deviation of each pixel.
        """
        observed = np.isfinite(values)
        beside = observed & (self.shares > 0)
        weight, mean = self._of_rings(values, beside)
        inside = observed & (region > 0)
        inside &= (weight > 0)[self.ring]
        if not inside.any():
            return (math.nan, math.nan), (math.nan, math.nan)
        w, ring = region[inside] / region[inside].sum(), self.ring[inside]
        of_ring = np.bincount(ring, w, len(mean))[self.ring[beside]]
        w_beside = of_ring * self.shares[beside] / weight[self.ring[beside]]
        return (
            (float(w @ values[inside]), float(np.linalg.norm(w * noise[inside]))),
            (float(w @ mean[ring]), float(np.linalg.norm(w_beside * noise[beside]))),
        )

    def _of_rings(self, values: Floats, here: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Shares of some pixels added up, and their mean, in each ring; zero where there are none.

        Both have one entry for every ring of the image.
        """
        n_rings = int(self.ring.max()) + 1
        ring, shares = self.ring[here], self.shares[here]
        weight: Floats = np.bincount(ring, shares, n_rings).astype(float)
        light = np.bincount(ring, shares * values[here], n_rings)
        return weight, light / np.where(weight > 0, weight, 1)
