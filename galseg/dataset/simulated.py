"""Simulated galaxies as training samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from galseg.consensus import build_consensus
from galseg.dataset.samples import Sample, make_sample
from galseg.dataset.simulate import SimulatedGalaxy, simulate_annotations, simulate_galaxy

__all__ = ["SimulatedDataset", "simulated_name"]

Maps = NDArray[np.float32]

_CARELESS_SHARE = 0.1
_SIDE_STREAM = 1  # of random numbers, apart from the galaxy's own


def simulated_name(seed: int, number: int) -> str:
    """Return the name of a simulated galaxy."""
    return f"sim-{seed}-{number}"


class SimulatedDataset(Dataset[Sample]):
    """Simulated galaxies, made when first asked for and kept.

    Parameters
    ----------
    indices : sequence of int
        Which of the galaxies of this seed; each stays the same whatever the others are.
    features : sequence of str
        Channels.
    side : int
        Of the model's grid.
    image_side : tuple of int, optional
        Least and largest side of the simulated images, in pixels; each is drawn between them,
        evenly in its logarithm, as cutouts of real galaxies come in all sizes.
    n_volunteers : int, optional
        Size of the simulated crowd whose votes are the target; 0 takes the exact masks, as one
        volunteer who never errs.
    seed : int, optional
    """

    def __init__(
        self,
        indices: Sequence[int],
        *,
        features: Sequence[str],
        side: int,
        image_side: tuple[int, int] = (96, 288),
        n_volunteers: int = 0,
        seed: int = 0,
    ) -> None:
        self._indices = tuple(indices)
        self._features = tuple(features)
        self._side = side
        self._log_sides = np.log(image_side)
        self._n_volunteers = n_volunteers
        self._seed = seed
        self._kept: dict[int, Sample] = {}

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> Sample:
        if index not in self._kept:
            self._kept[index] = self._simulate(self._indices[index])
        return self._kept[index]

    def _simulate(self, number: int) -> Sample:
        galaxy_id = simulated_name(self._seed, number)
        image_side = self._image_side(number)
        galaxy = simulate_galaxy(
            (self._seed, number), shape=(image_side, image_side), galaxy_id=galaxy_id
        )
        fraction, n_asked = self._targets(galaxy, number)
        return make_sample(
            galaxy.image[np.newaxis], fraction, n_asked, galaxy_id=galaxy_id, side=self._side
        )

    def _image_side(self, number: int) -> int:
        rng = np.random.default_rng((self._seed, number, _SIDE_STREAM))
        return round(float(np.exp(rng.uniform(*self._log_sides))))

    def _targets(self, galaxy: SimulatedGalaxy, number: int) -> tuple[Maps, NDArray[np.int64]]:
        if self._n_volunteers == 0:
            masks = [galaxy.masks[name] for name in self._features]
            return np.stack(masks).astype(np.float32), np.ones(len(masks), dtype=np.int64)
        drawn = simulate_annotations(
            [galaxy],
            n_volunteers=self._n_volunteers,
            n_careless=round(_CARELESS_SHARE * self._n_volunteers),
            features=self._features,
            seed=(self._seed, number),
        )
        consensus = build_consensus(
            drawn,
            galaxy.galaxy_id,
            frame=galaxy.frame,
            features=self._features,
            find_instances=False,
        )
        return consensus.fraction, consensus.n_asked
