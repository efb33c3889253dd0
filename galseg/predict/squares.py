"""Images to the squares that a model sees, and its maps back onto the images."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from galseg.dataset.grid import ModelGrid
from galseg.dataset.transforms import match_bands, model_input
from galseg.errors import ShapeError
from galseg.frame import ImageFrame
from galseg.imaging.pixels import as_pixels
from galseg.io.images import GalaxyImage
from galseg.limits import MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE
from galseg.models import ModelCard
from galseg.prediction import Prediction

__all__ = ["Answer", "Image", "Square", "as_galaxy", "on_image", "to_square"]

Maps = NDArray[np.float32]
Image: TypeAlias = "GalaxyImage | NDArray[np.generic]"


class Square(NamedTuple):
    """A galaxy as a model sees it.

    Attributes
    ----------
    galaxy : GalaxyImage
    values : ndarray of float32, shape (bands, side, side)
        0 to 1.
    grid : ModelGrid
        The way back.
    """

    galaxy: GalaxyImage
    values: Maps
    grid: ModelGrid


class Answer(NamedTuple):
    """What a model says of a square, not yet on the grid of its image.

    Attributes
    ----------
    square : Square
    probability : ndarray of float32, shape (C, side, side)
    samples : ndarray of float32, shape (S, C, side, side), or None
    """

    square: Square
    probability: Maps
    samples: Maps | None


def as_galaxy(image: Image, frame: ImageFrame | None) -> GalaxyImage:
    """Return an image as a record, whatever it came as.

    Raises
    ------
    ShapeError
        If it is no image, or does not fit its frame.
    """
    if isinstance(image, GalaxyImage):
        return image if frame is None else replace(image, frame=frame)
    pixels = _as_bands(image)
    return GalaxyImage("", pixels, frame or ImageFrame(pixels.shape[1:]))


def to_square(galaxy: GalaxyImage, card: ModelCard) -> Square:
    """Fit a galaxy into the square of a model.

    Raises
    ------
    ShapeError
        If it is too large, has other bands than the model takes, or nothing was observed of what
        the model sees.
    FrameError
        If the model sees so many arcsec, and the image has no WCS.
    """
    _check_size(galaxy.frame.shape)
    galaxy = match_bands(galaxy, card.in_channels)
    values, _, grid = model_input(galaxy, side=card.side, field_of_view=card.field_of_view)
    ny, nx = (max(0, math.ceil((n - 1 - grid.field) / 2)) for n in galaxy.frame.shape)
    seen = galaxy.pixels[:, ny : galaxy.frame.shape[0] - ny, nx : galaxy.frame.shape[1] - nx]
    if not np.isfinite(seen).all(axis=0).any():
        raise ShapeError(
            "the image has no finite pixel in all bands, so there is nothing to predict on, within "
            f"the {grid.field:.0f} pixels about its centre that the model sees"
        )
    return Square(galaxy, values, grid)


def on_image(
    square: Square, probability: Maps, samples: Maps | None, *, card: ModelCard, source: str
) -> Prediction:
    """Put maps of a square onto the grid of its image.

    Parameters
    ----------
    square : Square
    probability : ndarray, shape (C, side, side)
    samples : ndarray, shape (S, C, side, side), or None
    card : ModelCard
        Of the model that made them.
    source : str
        Its name, for the record.

    Returns
    -------
    Prediction
        NaN where a band is missing, and beyond the square.
    """
    galaxy = square.galaxy
    missing = ~np.isfinite(galaxy.pixels).all(axis=0)

    def placed(maps: Maps) -> Maps:
        on_grid = square.grid.to_image(maps).clip(0, 1)
        on_grid[..., missing] = np.nan
        return on_grid

    return Prediction(
        galaxy_id=galaxy.galaxy_id,
        features=card.features,
        probability=placed(probability),
        frame=galaxy.frame,
        samples=None if samples is None else placed(samples),
        thresholds=card.thresholds,
        source=source,
    )


def _as_bands(image: NDArray[np.generic]) -> Maps:
    values = np.asanyarray(image)
    if values.dtype.kind in "OSU":
        raise ShapeError(
            f"an image is an array of real numbers, got {type(image).__name__}; "
            "read_image reads one from a file"
        )
    if values.ndim not in (2, 3) or 0 in values.shape:
        raise ShapeError(
            f"an image has shape (ny, nx) or (bands, ny, nx), got {values.shape}; "
            "several images go in as a list"
        )
    _check_size(values.shape[-2:])
    return as_pixels(values).reshape(-1, *values.shape[-2:])


def _check_size(shape: tuple[int, ...]) -> None:
    ny, nx = shape
    if ny * nx > MAX_IMAGE_PIXELS or max(ny, nx) > MAX_IMAGE_SIDE:
        raise ShapeError(
            f"the image has {ny} x {nx} pixels, over the limit of {MAX_IMAGE_PIXELS}, or "
            f"of {MAX_IMAGE_SIDE} a side; cut out the galaxy"
        )
