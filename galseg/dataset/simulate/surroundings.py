"""Foreground stars and faint galaxies behind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_surroundings"]

Floats = NDArray[np.float64]

_STARS_PER_PIXEL = 6e-5
_GALAXIES_PER_PIXEL = 1.5e-4
_STAMP = 10


def draw_surroundings(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Draw what else is in the picture.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        ``(ny, nx)``.

    Returns
    -------
    ndarray, shape (ny, nx)
        Light before the seeing, in units of the sky noise of a pixel. Numbers grow with falling
        brightness as of a homogeneous field, N(>f) ~ f^-1.5 for galaxies and f^-0.8 for stars.
    """
    image = np.zeros(shape)
    for _ in range(rng.poisson(_STARS_PER_PIXEL * image.size)):
        flux = min(60 * rng.random() ** (-1 / 0.8), 2e4)
        _add(image, rng.uniform(0, 1, 2), _point(rng) * flux)
    for _ in range(rng.poisson(_GALAXIES_PER_PIXEL * image.size)):
        flux = min(30 * rng.random() ** (-1 / 1.5), 2e3)
        _add(image, rng.uniform(0, 1, 2), _small_galaxy(rng) * flux)
    return image


def _add(image: Floats, place: Floats, stamp: Floats) -> None:
    """Add a stamp, centred at a place given as fractions of the image, cut at its edges."""
    top, left = (place * image.shape).astype(int) - np.array(stamp.shape) // 2
    rows = slice(max(-top, 0), max(image.shape[0] - top, 0))
    columns = slice(max(-left, 0), max(image.shape[1] - left, 0))
    part = stamp[rows, columns]
    y, x = max(top, 0), max(left, 0)
    image[y : y + part.shape[0], x : x + part.shape[1]] += part


def _point(rng: np.random.Generator) -> Floats:
    """Draw a point of unit flux anywhere between four pixels."""
    right, up = rng.random(2)
    return np.outer([1 - up, up], [1 - right, right])


def _small_galaxy(rng: np.random.Generator) -> Floats:
    """Draw an exponential of unit flux and a pixel or two."""
    scale, ratio, angle = rng.uniform(0.5, 2.0), rng.uniform(0.35, 1), rng.uniform(0, np.pi)
    y, x = np.mgrid[-_STAMP : _STAMP + 1, -_STAMP : _STAMP + 1].astype(float)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = (y * np.cos(angle) - x * np.sin(angle)) / ratio
    light = np.exp(-np.hypot(along, across) / scale)
    return np.asarray(light / light.sum())
