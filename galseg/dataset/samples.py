"""One galaxy with the votes on it, as a model trains on it."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from galseg.dataset.grid import ModelGrid
from galseg.dataset.transforms import model_input, random_orientation

__all__ = ["Oriented", "Sample", "make_sample"]

Maps = NDArray[np.float32]


class Sample(TypedDict):
    """One galaxy on the model's grid; a batch adds an axis in front.

    Attributes
    ----------
    image : Tensor of float32, shape (bands, side, side)
    votes, fraction : Tensor of float32, shape (C, side, side)
        Volunteers who marked the pixel, and their share; means over the pixel's area, so votes
        need not be whole. 0 where unknown.
    n_asked : Tensor of float32, shape (C,)
        0: nobody was asked about this feature.
    valid : Tensor of bool, shape (C, side, side)
        Where the fraction is known: somebody was asked, and the image was observed.
    galaxy_id : str
    """

    image: Tensor
    votes: Tensor
    fraction: Tensor
    n_asked: Tensor
    valid: Tensor
    galaxy_id: str


def make_sample(
    pixels: Maps,
    fraction: Maps,
    n_asked: NDArray[np.int64],
    *,
    galaxy_id: str,
    side: int,
) -> Sample:
    """Put an image and the votes on it on the model's grid.

    Parameters
    ----------
    pixels : ndarray, shape (bands, ny, nx)
    fraction : ndarray, shape (C, ny, nx)
        Any value for a feature that nobody was asked about.
    n_asked : ndarray of int, shape (C,)
    galaxy_id : str
    side : int
        Of the grid.

    Returns
    -------
    Sample
    """
    image, observed = model_input(pixels, side=side)
    asked = (n_asked > 0)[:, np.newaxis, np.newaxis]
    on_grid, _ = ModelGrid(pixels.shape[1:], side).to_model(np.where(asked, fraction, 0))
    valid = observed & asked
    on_grid = np.where(valid, on_grid, np.float32(0))
    return Sample(
        image=torch.from_numpy(image),
        votes=torch.from_numpy(on_grid * n_asked[:, np.newaxis, np.newaxis].astype(np.float32)),
        fraction=torch.from_numpy(on_grid),
        n_asked=torch.from_numpy(n_asked.astype(np.float32)),
        valid=torch.from_numpy(valid),
        galaxy_id=galaxy_id,
    )


class Oriented(Dataset[Sample]):
    """Another dataset, every sample turned and mirrored at random each time it is asked for."""

    def __init__(self, samples: Dataset[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)  # type: ignore[arg-type]  # Dataset does not promise a length

    def __getitem__(self, index: int) -> Sample:
        sample = self._samples[index]
        maps = [sample["image"], sample["votes"], sample["fraction"], sample["valid"]]
        image, votes, fraction, valid = random_orientation(maps)
        return Sample(
            image=image,
            votes=votes,
            fraction=fraction,
            n_asked=sample["n_asked"],
            valid=valid,
            galaxy_id=sample["galaxy_id"],
        )
