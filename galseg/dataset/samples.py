"""One galaxy with the votes on it, as it is kept and as a model trains on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from galseg.dataset.augment import SkyAugmentation
from galseg.dataset.transforms import GridImage, stretched

__all__ = ["Galaxies", "GridGalaxy", "Sample", "Samples"]

Maps = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class GridGalaxy:
    """One galaxy on the model's grid, before its pixels are stretched.

    Attributes
    ----------
    galaxy_id : str
    image : GridImage
    fraction : ndarray of float32, shape (C, side, side)
        Share of the volunteers; means over the pixel's area. Any value for a feature that nobody
        was asked about.
    n_asked : ndarray of int, shape (C,)
    """

    galaxy_id: str
    image: GridImage
    fraction: Maps
    n_asked: NDArray[np.int64]


class Galaxies(Protocol):
    """Galaxies by number."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> GridGalaxy: ...


class Sample(TypedDict):
    """One galaxy on the model's grid; a batch adds an axis in front.

    Attributes
    ----------
    image : Tensor of float32, shape (bands, side, side)
        0 to 1.
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


class Samples(Dataset[Sample]):
    """Galaxies as a model trains on them, as they are or augmented.

    Parameters
    ----------
    galaxies : Galaxies
    augmentation : SkyAugmentation, optional
        None shows the galaxies as they are.
    seed : int, optional
        Of the augmentation.

    Notes
    -----
    Asked for ``(epoch, index)``, a galaxy is augmented by random numbers of the seed, the epoch
    and its index alone, so that a training that goes on after a stop sees what it would have
    seen. A bare index is that of epoch 0.
    """

    def __init__(
        self, galaxies: Galaxies, *, augmentation: SkyAugmentation | None = None, seed: int = 0
    ) -> None:
        self._galaxies = galaxies
        self._augmentation = augmentation
        self._seed = seed

    def __len__(self) -> int:
        return len(self._galaxies)

    def __getitem__(self, index: int | tuple[int, int]) -> Sample:
        epoch, number = index if isinstance(index, tuple) else (0, index)
        galaxy = self._galaxies[number]
        pixels, observed, _, display = galaxy.image
        if self._augmentation is None:
            return _sample(galaxy, stretched(pixels, display=display), observed, galaxy.fraction)
        rng = np.random.default_rng((self._seed, epoch, number))
        view = self._augmentation(galaxy.image, galaxy.fraction, rng=rng)
        return _sample(galaxy, view.values, view.observed, view.maps)


def _sample(
    galaxy: GridGalaxy, values: Maps, observed: NDArray[np.bool_], fraction: Maps
) -> Sample:
    n_asked = galaxy.n_asked.astype(np.float32)
    valid = observed & (n_asked > 0)[:, np.newaxis, np.newaxis]
    fraction = np.where(valid, fraction, np.float32(0))
    return Sample(
        image=torch.from_numpy(values),
        votes=torch.from_numpy(fraction * n_asked[:, np.newaxis, np.newaxis]),
        fraction=torch.from_numpy(fraction),
        n_asked=torch.from_numpy(n_asked),
        valid=torch.from_numpy(valid),
        galaxy_id=galaxy.galaxy_id,
    )
