"""The square grid that a model sees, and the way back to the image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from galseg.errors import ConfigError

__all__ = ["ModelGrid"]

Floats = NDArray[np.float64]
Maps = NDArray[np.float32]

_KEPT_WEIGHTS = 64  # axes of one length share theirs
_KEPT_SHARES = 2  # as large as squares


@dataclass(frozen=True)
class ModelGrid:
    """A square about the centre of an image.

    Pixel u of the square lies at ``x = (u - (side - 1) / 2) * scale + (nx - 1) / 2`` of the image,
    and likewise in y. Both ways interpolate linearly, over an area where pixels get larger.

    Parameters
    ----------
    shape : tuple of int
        ``(ny, nx)`` of the image.
    side : int
        Of the square, in its own pixels.
    field_pix : float, optional
        Of the square, in pixels of the image; the whole image fits in if left out.

    Raises
    ------
    ConfigError
        If the side or the field is not positive.

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
    field_pix: float | None = None

    def __post_init__(self) -> None:
        if self.side < 1:
            raise ConfigError(f"side must be at least 1 pixel, got {self.side}")
        if self.field_pix is not None and not 0 < self.field_pix < np.inf:
            raise ConfigError(f"field_pix must be positive and finite, got {self.field_pix}")

    @property
    def field(self) -> float:
        """Side of the square, in pixels of the image."""
        return float(max(self.shape) if self.field_pix is None else self.field_pix)

    @property
    def scale(self) -> float:
        """Size of a pixel of the square, in pixels of the image."""
        return self.field / self.side

    def to_model(self, planes: Maps) -> tuple[Maps, Maps]:
        """Resample planes of the image to the square.

        Parameters
        ----------
        planes : ndarray, shape (C, ny, nx)
            NaN where unknown.

        Returns
        -------
        values : ndarray of float32, shape (C, side, side)
            Mean of the known pixels; NaN where there is none. Off the image, those of its mirror
            image: a network that sees a dark border instead finds structure along it.
        coverage : ndarray of float32, shape (C, side, side)
            Share of the pixel that is known, 0 to 1; 0 where its centre is off the image.
        """
        known = np.isfinite(planes)
        weights = [_weights_to_model(n, self.side, self.field) for n in self.shape]
        if known.all():
            total = _along_both(weights, planes)
            of_whole = _share_of_whole(self.shape, self.side, self.field)
            share, coverage = (np.broadcast_to(plane, total.shape) for plane in of_whole)
        else:
            total = _along_both(weights, np.where(known, planes, 0))
            share = _along_both(weights, known.astype(np.float32))
            coverage = _coverage(share, self.shape, self.side, self.field)
        values = np.divide(total, share, out=np.full_like(total, np.nan), where=share > 1e-6)
        return values.astype(np.float32, copy=False), coverage.astype(np.float32)

    def to_image(self, maps: Maps) -> Maps:
        """Resample maps of the square to the image.

        Parameters
        ----------
        maps : ndarray, shape (..., side, side)
            Without NaN.

        Returns
        -------
        ndarray of float32, shape (..., ny, nx)
            NaN beyond the square.
        """
        weights = [_weights_to_image(n, self.side, self.field) for n in self.shape]
        on_image = _along_both(weights, maps.reshape(-1, self.side, self.side))
        beyond = [np.abs(np.arange(n) - (n - 1) / 2) > self.field / 2 for n in self.shape]
        on_image[:, beyond[0]] = np.nan
        on_image[:, :, beyond[1]] = np.nan
        return on_image.reshape(*maps.shape[:-2], *self.shape).astype(np.float32, copy=False)


def _along_both(weights: list[sparse.csr_array], planes: Maps) -> Maps:
    """Apply the weights of the rows and of the columns to planes (C, ny, nx)."""
    down, across = weights
    return np.stack([(across @ (down @ plane).T).T for plane in planes])


def _centres(n: int, side: int, field: float) -> Floats:
    """Places of the square's pixels along an axis of n pixels of the image, shape (side,)."""
    from_middle = np.arange(side) - (side - 1) / 2
    return np.asarray(from_middle * (field / side) + (n - 1) / 2)


@lru_cache(maxsize=_KEPT_WEIGHTS)
def _weights_to_model(n: int, side: int, field: float) -> sparse.csr_array:
    """Weights (side, n) over the image, which goes on as its mirror image; rows sum to one."""
    width = max(field / side, 1.0)
    margin = int(np.ceil(max((field - n) / 2, 0) + width))
    pixels = np.arange(-margin, n + margin)
    weights = _tent((pixels - _centres(n, side, field)[:, np.newaxis]) / width)
    weights /= weights.sum(axis=1, keepdims=True)
    mirrored = np.minimum(pixels % (2 * n), (-1 - pixels) % (2 * n))
    folded = np.zeros((side, n))
    np.add.at(folded.T, mirrored, weights.T)
    return sparse.csr_array(folded.astype(np.float32))


@lru_cache(maxsize=_KEPT_SHARES)
def _share_of_whole(shape: tuple[int, int], side: int, field: float) -> tuple[Maps, Maps]:
    """Share and coverage, shape (1, side, side), where all of the image is known."""
    weights = [_weights_to_model(n, side, field) for n in shape]
    share = _along_both(weights, np.ones((1, *shape), dtype=np.float32))
    return share, _coverage(share, shape, side, field)


def _coverage(share: Maps, shape: tuple[int, int], side: int, field: float) -> Maps:
    rows, columns = (np.abs(_centres(n, side, field) - (n - 1) / 2) < n / 2 for n in shape)
    return np.minimum(share, 1) * np.outer(rows, columns)


@lru_cache(maxsize=_KEPT_WEIGHTS)
def _weights_to_image(n: int, side: int, field: float) -> sparse.csr_array:
    """Weights (n, side); every row sums to one."""
    scale = field / side
    centres = (np.arange(n) - (n - 1) / 2) / scale + (side - 1) / 2
    width = max(1 / scale, 1.0)
    clipped = np.clip(centres, 0, side - 1)
    weights = _tent((np.arange(side) - clipped[:, np.newaxis]) / width)
    weights /= weights.sum(axis=1, keepdims=True)
    return sparse.csr_array(weights.astype(np.float32))


def _tent(distance: Floats) -> Floats:
    return np.asarray(np.maximum(1 - np.abs(distance), 0))
