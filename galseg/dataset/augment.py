"""The same galaxy as another night, another telescope and another sky would show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.dataset.transforms import SOFTENING, GridImage, fill_unobserved, stretched
from galseg.errors import ConfigError
from galseg.imaging.stretch import sky_and_noise

__all__ = ["SkyAugmentation", "View"]

Maps = NDArray[np.float32]
Bools = NDArray[np.bool_]

_LEAST_BLUR = 0.2  # standard deviation in pixels, below which a Gaussian is a point
_HOLE_RADIUS = (0.01, 0.05)  # of the side


class View(NamedTuple):
    """One view of a galaxy.

    Attributes
    ----------
    values : ndarray of float32, shape (bands, side, side)
        Stretched, 0 to 1.
    observed : ndarray of bool, shape (side, side)
    maps : ndarray of float32, shape (C, side, side)
        What was drawn on it, moved with it.
    """

    values: Maps
    observed: Bools
    maps: Maps


@dataclass(frozen=True)
class SkyAugmentation:
    """Turns, mirrors, moves and degrades a galaxy, as nature or a telescope could.

    Attributes
    ----------
    rotate : bool
        By any angle, and mirrored half of the time: the sky has no up, and galaxies no side.
    zoom : float
        Largest factor by which the galaxy gets larger or smaller.
    shift : float
        Largest shift along each axis, as a share of the side; not by whole pixels.
    blur : float
        Largest standard deviation of the Gaussian that the image is convolved with, in pixels.
    noise : float
        Largest standard deviation of added noise, in those of the sky.
    softening : float
        Largest factor by which the stretch turns logarithmic earlier or later.
    star_masks : int
        Most round holes that are cut, as stars are masked.

    Raises
    ------
    ConfigError
        If a number is out of its range.

    Examples
    --------
    >>> from galseg.dataset.grid import ModelGrid
    >>> y, x = np.mgrid[-16:16, -16:16]
    >>> light = np.exp(-np.hypot(x, y) / 4).astype(np.float32)[np.newaxis]
    >>> image = GridImage(light, np.ones((32, 32), dtype=bool), ModelGrid((32, 32), 32), False)
    >>> view = SkyAugmentation()(image, light > 0.5, rng=np.random.default_rng(0))
    >>> view.values.shape, view.maps.shape
    ((1, 32, 32), (1, 32, 32))
    """

    rotate: bool = True
    zoom: float = 1.25
    shift: float = 0.05
    blur: float = 1.0
    noise: float = 1.5
    softening: float = 2.0
    star_masks: int = 3

    def __post_init__(self) -> None:
        for name in ("zoom", "softening"):
            if not 1 <= getattr(self, name) < np.inf:
                raise ConfigError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in ("shift", "blur", "noise", "star_masks"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ConfigError(f"{name} must be at least 0, got {getattr(self, name)}")

    def __call__(self, image: GridImage, maps: Maps, *, rng: np.random.Generator) -> View:
        """Draw one view.

        Parameters
        ----------
        image : GridImage
        maps : ndarray, shape (C, side, side)
            On the same grid, without NaN; C may be 0.
        rng : numpy.random.Generator

        Returns
        -------
        View
        """
        side = image.pixels.shape[-1]
        matrix = self._draw_matrix(side, rng)
        pixels = _warped(image.pixels, matrix, border=cv2.BORDER_REFLECT)
        observed = _warped(image.observed[np.newaxis].astype(np.float32), matrix)[0] > 0.5
        pixels = self._degraded(pixels, rng)
        holes = self._draw_holes(side, rng)
        if holes.any():
            pixels = np.stack([fill_unobserved(np.where(holes, np.nan, band)) for band in pixels])
        softening = SOFTENING * self.softening ** rng.uniform(-1, 1)
        return View(
            values=stretched(pixels, display=image.display, softening=softening),
            observed=observed & ~holes,
            maps=_warped(np.asarray(maps, dtype=np.float32), matrix),
        )

    def _draw_matrix(self, side: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """From the view's pixels to the image's, shape (2, 3)."""
        angle = rng.uniform(0, 2 * np.pi) if self.rotate else 0.0
        mirror = rng.choice([-1.0, 1.0]) if self.rotate else 1.0
        size = self.zoom ** rng.uniform(-1, 1)
        shift = rng.uniform(-self.shift, self.shift, 2) * side
        cos, sin = np.cos(angle) / size, np.sin(angle) / size
        linear = np.array([[cos * mirror, -sin], [sin * mirror, cos]])
        middle = np.full(2, (side - 1) / 2)
        return np.column_stack([linear, middle + shift - linear @ middle])

    def _degraded(self, pixels: Maps, rng: np.random.Generator) -> Maps:
        """Blur, and add noise that no longer depends on the first exposure's."""
        blur, noise = rng.uniform(0, self.blur), rng.uniform(0, self.noise)
        grain = rng.standard_normal(pixels.shape, dtype=np.float32)
        everywhere = np.ones(pixels.shape[1:], dtype=bool)
        out = np.empty_like(pixels)
        for band, values in enumerate(pixels):
            _, sigma = sky_and_noise(values, everywhere)
            blurred = cv2.GaussianBlur(values, (0, 0), blur) if blur > _LEAST_BLUR else values
            out[band] = blurred + np.float32(noise * sigma) * grain[band]
        return out

    def _draw_holes(self, side: int, rng: np.random.Generator) -> Bools:
        holes = np.zeros((side, side), dtype=np.uint8)
        for _ in range(rng.integers(self.star_masks + 1)):
            x, y = rng.integers(side, size=2).tolist()
            radius = rng.uniform(*_HOLE_RADIUS) * side
            cv2.circle(holes, (x, y), max(1, round(radius)), 1, thickness=cv2.FILLED)
        return holes.astype(bool)


def _warped(
    planes: Maps, matrix: NDArray[np.float64], *, border: int = cv2.BORDER_CONSTANT
) -> Maps:
    """Sample planes (C, side, side) where a matrix (2, 3) sends the pixels of the view."""
    side = planes.shape[-1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = [
        cv2.warpAffine(plane, matrix, (side, side), flags=flags, borderMode=border)
        for plane in planes
    ]
    return np.stack(moved) if moved else planes
