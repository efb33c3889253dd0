"""Simulated galaxies to train on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from galseg.consensus import build_consensus
from galseg.dataset.samples import GridGalaxy
from galseg.dataset.simulate import SimulatedGalaxy, simulate_annotations, simulate_galaxy
from galseg.dataset.transforms import on_grid
from galseg.io.images import GalaxyImage

__all__ = ["SimulatedGalaxies", "draw_simulated", "simulated_name"]

Maps = NDArray[np.float32]

_CARELESS_SHARE = 0.1
_SIDE_STREAM = 1  # of random numbers, apart from the galaxy's own


def simulated_name(seed: int, number: int) -> str:
    """Return the name of a simulated galaxy."""
    return f"sim-{seed}-{number}"


def draw_simulated(seed: int, number: int, *, image_side: tuple[int, int]) -> SimulatedGalaxy:
    """Simulate one of the galaxies of a seed; it stays the same whatever the others are.

    Parameters
    ----------
    seed, number : int
    image_side : tuple of int
        Least and largest side of the image, in pixels; drawn between them, evenly in its
        logarithm, as cutouts of real galaxies come in all sizes.
    """
    rng = np.random.default_rng((seed, number, _SIDE_STREAM))
    side = round(float(np.exp(rng.uniform(*np.log(image_side)))))
    return simulate_galaxy(
        (seed, number), shape=(side, side), galaxy_id=simulated_name(seed, number)
    )


class SimulatedGalaxies:
    """Simulated galaxies, made when first asked for and kept.

    Parameters
    ----------
    indices : sequence of int
        Which of the galaxies of this seed, see `draw_simulated`.
    features : sequence of str
        Channels.
    side : int
        Of the model's grid.
    image_side : tuple of int, optional
        Least and largest side of the simulated images, in pixels.
    n_volunteers : int, optional
        Size of the simulated crowd whose votes are the target; 0 takes the exact masks, as one
        volunteer who never errs.
    seed : int, optional
    field_of_view : str, optional
        See `FieldOfView`.
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
        field_of_view: str = "image",
    ) -> None:
        self._indices = tuple(indices)
        self._features = tuple(features)
        self._side = side
        self._image_side = image_side
        self._n_volunteers = n_volunteers
        self._seed = seed
        self._field_of_view = field_of_view
        self._kept: dict[int, GridGalaxy] = {}

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> GridGalaxy:
        if index not in self._kept:
            self._kept[index] = self._simulate(self._indices[index])
        return self._kept[index]

    def _simulate(self, number: int) -> GridGalaxy:
        galaxy = draw_simulated(self._seed, number, image_side=self._image_side)
        fraction, n_asked = self._targets(galaxy, number)
        image = GalaxyImage(galaxy.galaxy_id, galaxy.image[np.newaxis], galaxy.frame)
        placed = on_grid(image, side=self._side, field_of_view=self._field_of_view)
        return GridGalaxy(galaxy.galaxy_id, placed, placed.grid.to_model(fraction)[0], n_asked)

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
