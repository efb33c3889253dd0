"""Images to what a model takes, and samples to their mirror images."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from galseg.dataset.grid import ModelGrid
from galseg.imaging.stretch import asinh_stretch

__all__ = ["HALF_KNOWN", "STRETCH", "model_input", "random_orientation"]

Maps = NDArray[np.float32]

STRETCH = "asinh"
"""Name of the scaling of `model_input`, kept in model cards."""

HALF_KNOWN = 0.5
"""Coverage from which a pixel of the model's grid counts as observed."""


def model_input(pixels: Maps, *, side: int) -> tuple[Maps, NDArray[np.bool_]]:
    """Stretch an image and fit it into the square that a model sees.

    Parameters
    ----------
    pixels : ndarray, shape (bands, ny, nx)
        In any linear unit; NaN where nothing was observed.
    side : int
        Of the square, in pixels.

    Returns
    -------
    values : ndarray of float32, shape (bands, side, side)
        0 to 1; 0 where nothing was observed; off the image, its mirror image.
    observed : ndarray of bool, shape (side, side)
        Whether at least half of the pixel was, in all bands.
    """
    known = np.isfinite(pixels)
    stretched = np.where(known, asinh_stretch(pixels), np.float32(np.nan))
    values, coverage = ModelGrid(pixels.shape[1:], side).to_model(stretched)
    return values, np.asarray((coverage >= HALF_KNOWN).all(axis=0))


def random_orientation(
    maps: list[Tensor], *, generator: torch.Generator | None = None
) -> list[Tensor]:
    """Turn and mirror maps of one galaxy together, by one of the eight ways a square allows.

    Parameters
    ----------
    maps : list of Tensor, shapes (..., side, side)
    generator : torch.Generator, optional
        Torch's own where left out.

    Returns
    -------
    list of Tensor
        The maps, all alike.
    """
    way = int(torch.randint(8, (), generator=generator))
    turned = [torch.rot90(plane, way % 4, (-2, -1)) for plane in maps]
    return [plane.flip(-1) for plane in turned] if way >= 4 else turned
