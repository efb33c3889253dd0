"""Galaxies with the answers that volunteers gave about them, whatever their source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from galseg.dataset.simulate import simulate_answers
from galseg.dataset.simulated import draw_simulated
from galseg.dataset.transforms import GridImage, match_bands, on_grid
from galseg.dataset.vote_catalogue import VoteCatalogue
from galseg.errors import FormatError, GalsegError
from galseg.io.images import GalaxyImage, read_image
from galseg.schemas import Schema

__all__ = [
    "AnsweredGalaxies",
    "AnsweredGalaxy",
    "CatalogueGalaxies",
    "FirstKept",
    "SimulatedAnswers",
    "UnlabelledGalaxies",
]


@dataclass(frozen=True, eq=False)
class AnsweredGalaxy:
    """One galaxy on the model's grid, before its pixels are stretched.

    Attributes
    ----------
    galaxy_id : str
    image : GridImage
    votes : ndarray of float32, shape (A,)
        Volunteers by answer; 0 where nobody was asked.
    """

    galaxy_id: str
    image: GridImage
    votes: NDArray[np.float32]


class AnsweredGalaxies(Protocol):
    """Galaxies by number."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> AnsweredGalaxy: ...


class CatalogueGalaxies:
    """The galaxies of a catalogue.

    Parameters
    ----------
    catalogue : VoteCatalogue
    side : int
        Of the model's grid.
    field_of_view : str, optional
        See `FieldOfView`.
    bands : int, optional
        Of the model.

    Raises
    ------
    FormatError
        On reading, if an image cannot be used; it names the catalogue's row and column.
    """

    def __init__(
        self,
        catalogue: VoteCatalogue,
        *,
        side: int,
        field_of_view: str = "image",
        bands: int = 1,
    ) -> None:
        self._catalogue = catalogue
        self._read = partial(_read, side=side, field_of_view=field_of_view, bands=bands)

    def __len__(self) -> int:
        return len(self._catalogue)

    def __getitem__(self, index: int) -> AnsweredGalaxy:
        catalogue = self._catalogue
        try:
            image = self._read(catalogue.files[index])
        except GalsegError as error:
            raise FormatError(f"{catalogue.place(index)}, column 'file_loc': {error}") from error
        return AnsweredGalaxy(catalogue.galaxy_ids[index], image, catalogue.votes[index])


class UnlabelledGalaxies:
    """Images of galaxies that nobody was asked about.

    Parameters
    ----------
    files : sequence of (str, pathlib.Path)
        Galaxy and image.
    n_answers : int
        Length of the votes, all 0.
    side, field_of_view, bands
        As of `CatalogueGalaxies`.
    """

    def __init__(
        self,
        files: Sequence[tuple[str, Path]],
        *,
        n_answers: int,
        side: int,
        field_of_view: str = "image",
        bands: int = 1,
    ) -> None:
        self._files = tuple(files)
        self._votes = np.zeros(n_answers, dtype=np.float32)
        self._read = partial(_read, side=side, field_of_view=field_of_view, bands=bands)

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> AnsweredGalaxy:
        galaxy_id, file = self._files[index]
        return AnsweredGalaxy(galaxy_id, self._read(file), self._votes)


class SimulatedAnswers:
    """Simulated galaxies, and a crowd's answers about them.

    Parameters
    ----------
    indices : sequence of int
        Which of the galaxies of this seed, see `draw_simulated`.
    schema : Schema
        See `simulate_answers`.
    side : int
        Of the model's grid.
    image_side : tuple of int, optional
        Least and largest side of the simulated images, in pixels.
    n_volunteers : int, optional
        Size of the crowd.
    seed : int, optional
    field_of_view : str, optional
        See `FieldOfView`.
    """

    def __init__(
        self,
        indices: Sequence[int],
        *,
        schema: Schema,
        side: int,
        image_side: tuple[int, int] = (96, 288),
        n_volunteers: int = 40,
        seed: int = 0,
        field_of_view: str = "image",
    ) -> None:
        self._indices = tuple(indices)
        self._schema = schema
        self._side = side
        self._image_side = image_side
        self._n_volunteers = n_volunteers
        self._seed = seed
        self._field_of_view = field_of_view

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> AnsweredGalaxy:
        number = self._indices[index]
        galaxy = draw_simulated(self._seed, number, image_side=self._image_side)
        votes = simulate_answers(
            galaxy, self._schema, n_volunteers=self._n_volunteers, seed=(self._seed, number)
        )
        image = GalaxyImage(galaxy.galaxy_id, galaxy.image[np.newaxis], galaxy.frame)
        placed = on_grid(image, side=self._side, field_of_view=self._field_of_view)
        return AnsweredGalaxy(galaxy.galaxy_id, placed, votes)


class FirstKept:
    """Other galaxies, the first of which are kept in memory once they were made.

    Parameters
    ----------
    galaxies : AnsweredGalaxies
    n_kept : int
        How many; at 128 pixels a side one takes 80 kB with one band.
    """

    def __init__(self, galaxies: AnsweredGalaxies, n_kept: int) -> None:
        self._galaxies = galaxies
        self._n_kept = n_kept
        self._kept: dict[int, AnsweredGalaxy] = {}

    def __len__(self) -> int:
        return len(self._galaxies)

    def __getitem__(self, index: int) -> AnsweredGalaxy:
        if index >= self._n_kept:
            return self._galaxies[index]
        if index not in self._kept:
            self._kept[index] = self._galaxies[index]
        return self._kept[index]


def _read(file: Path, *, side: int, field_of_view: str, bands: int) -> GridImage:
    image = match_bands(read_image(file, wcs="optional"), bands)
    return on_grid(image, side=side, field_of_view=field_of_view)
