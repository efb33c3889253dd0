"""Views of a galaxy with the answers about it, as a model is pretrained on them."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from galseg.dataset.answered import AnsweredGalaxies
from galseg.dataset.augment import SkyAugmentation, View
from galseg.dataset.transforms import GridImage, stretched

__all__ = ["VoteSample", "VoteSamples"]


class VoteSample(TypedDict):
    """One galaxy; a batch adds an axis in front.

    Attributes
    ----------
    views : Tensor of float32, shape (n_views, bands, side, side)
        0 to 1, each augmented by itself.
    observed : Tensor of bool, shape (n_views, side, side)
    votes : Tensor of float32, shape (A,)
        Volunteers by answer; 0 where nobody was asked.
    galaxy_id : str
    """

    views: Tensor
    observed: Tensor
    votes: Tensor
    galaxy_id: str


class VoteSamples(Dataset[VoteSample]):
    """Galaxies as a model is pretrained on them.

    Parameters
    ----------
    galaxies : AnsweredGalaxies
    n_views : int, optional
    augmentation : SkyAugmentation, optional
        None shows the galaxies as they are.
    as_is : bool, optional
        Whether the first view is not augmented.
    seed : int, optional
        Of the augmentation.

    Notes
    -----
    Asked for ``(epoch, index)``, a galaxy is augmented by random numbers of the seed, the epoch
    and its index alone; a bare index is that of epoch 0. See `Samples`.
    """

    def __init__(
        self,
        galaxies: AnsweredGalaxies,
        *,
        n_views: int = 1,
        augmentation: SkyAugmentation | None = None,
        as_is: bool = False,
        seed: int = 0,
    ) -> None:
        self._galaxies = galaxies
        self._n_views = n_views
        self._augmentation = augmentation
        self._as_is = as_is
        self._seed = seed

    def __len__(self) -> int:
        return len(self._galaxies)

    def __getitem__(self, index: int | tuple[int, int]) -> VoteSample:
        epoch, number = index if isinstance(index, tuple) else (0, index)
        galaxy = self._galaxies[number]
        rng = np.random.default_rng((self._seed, epoch, number))
        views = [self._view(galaxy.image, k, rng) for k in range(self._n_views)]
        return VoteSample(
            views=torch.from_numpy(np.stack([view.values for view in views])),
            observed=torch.from_numpy(np.stack([view.observed for view in views])),
            votes=torch.from_numpy(galaxy.votes),
            galaxy_id=galaxy.galaxy_id,
        )

    def _view(self, image: GridImage, number: int, rng: np.random.Generator) -> View:
        nothing_drawn = np.empty((0, *image.observed.shape), dtype=np.float32)
        if self._augmentation is None or (self._as_is and number == 0):
            values = stretched(image.pixels, display=image.display)
            return View(values, image.observed, nothing_drawn)
        return self._augmentation(image, nothing_drawn, rng=rng)
