"""The square grid that a model sees, and the way back to the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ConfigError

__all__ = ["ModelGrid"]

Floats = NDArray[np.float64]
Maps = NDArray[np.float32]


@dataclass(frozen=True)
class ModelGrid:
    """An image fitted whole into a square, its centre in the centre of the square.

    Pixel u of the square lies at ``x = (u - (side - 1) / 2) * scale + (nx - 1) / 2`` of the image,
    and likewise in y. Both ways interpolate linearly, over an area where pixels get larger.

    Parameters
    ----------
    shape : tuple of int
        ``(ny, nx)`` of the image.
    side : int
        Of the square, in its own pixels.

    Raises
    ------
    ConfigError
        If the side is not positive.

    Examples
    --------
    >>> grid = ModelGrid((2, 4), 4)
    >>> values, coverage = grid.to_model(np.ones((1, 2, 4), dtype=np.float32))
    >>> coverage[0].astype(int)
    array([[0, 0, 0, 0],
           [1, 1, 1, 1],
           [1, 1, 1, 1],
           [0, 0, 0, 0]])
    """

    shape: tuple[int, int]
    side: int

    def __post_init__(self) -> None:
        if self.side < 1:
            raise ConfigError(f"side must be at least 1 pixel, got {self.side}")

    @property
    def scale(self) -> float:
        """Size of a pixel of the square, in pixels of the image."""
        return max(self.shape) / self.side

    def to_model(self, planes: Maps) -> tuple[Maps, Maps]:
        """Resample planes of the image to the square.

        Parameters
        ----------
        planes : ndarray, shape (C, ny, nx)
            NaN where unknown.

        Returns
        -------
        values : ndarray of float32, shape (C, side, side)
            Mean of the known pixels; 0 where there is none. Off the image, those of its mirror
            image: a network that sees a dark border instead finds structure along it.
        coverage : ndarray of float32, shape (C, side, side)
            Share of the pixel that is known, 0 to 1; 0 where its centre is off the image.
        """
        known = np.isfinite(planes)
        down, across = (self._weights_to_model(n) for n in self.shape)
        total = down @ np.where(known, planes, 0) @ across.T
        share = down @ known @ across.T
        values = np.divide(total, share, out=np.zeros_like(total), where=share > 1e-6)
        rows, columns = (np.abs(self._centres(n) - (n - 1) / 2) < n / 2 for n in self.shape)
        coverage = np.minimum(share, 1) * np.outer(rows, columns)
        return values.astype(np.float32), coverage.astype(np.float32)

    def to_image(self, maps: Maps) -> Maps:
        """Resample maps of the square to the image.

        Parameters
        ----------
        maps : ndarray, shape (..., side, side)
            Without NaN.

        Returns
        -------
        ndarray of float32, shape (..., ny, nx)
        """
        down, across = (self._weights_to_image(n) for n in self.shape)
        return (down @ maps @ across.T).astype(np.float32)

    def _centres(self, n: int) -> Floats:
        """Places of the square's pixels along an axis of n pixels of the image, shape (side,)."""
        from_middle = np.arange(self.side) - (self.side - 1) / 2
        return np.asarray(from_middle * self.scale + (n - 1) / 2)

    def _weights_to_model(self, n: int) -> Floats:
        """Weights (side, n) over the image, which goes on as its mirror image; rows sum to one."""
        width = max(self.scale, 1.0)
        margin = int(np.ceil((max(self.shape) - n) / 2 + width))
        pixels = np.arange(-margin, n + margin)
        weights = _tent((pixels - self._centres(n)[:, np.newaxis]) / width)
        weights /= weights.sum(axis=1, keepdims=True)
        mirrored = np.minimum(pixels % (2 * n), (-1 - pixels) % (2 * n))
        folded = np.zeros((self.side, n))
        np.add.at(folded.T, mirrored, weights.T)
        return folded

    def _weights_to_image(self, n: int) -> Floats:
        """Weights (n, side); every row sums to one."""
        centres = (np.arange(n) - (n - 1) / 2) / self.scale + (self.side - 1) / 2
        width = max(1 / self.scale, 1.0)
        clipped = np.clip(centres, 0, self.side - 1)
        weights = _tent((np.arange(self.side) - clipped[:, np.newaxis]) / width)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _tent(distance: Floats) -> Floats:
    return np.asarray(np.maximum(1 - np.abs(distance), 0))
