"""Real images and the consensus files of their drawings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.consensus import Consensus
from galseg.dataset.samples import GridGalaxy
from galseg.dataset.transforms import match_bands, on_grid
from galseg.errors import FormatError, MissingInputError, ShapeError, nearest_name
from galseg.io.consensus import read_consensus
from galseg.io.fits_file import peek_kind
from galseg.io.images import list_images, read_image

__all__ = ["ObservedGalaxies", "Pair", "find_pairs"]

Maps = NDArray[np.float32]


class Pair(NamedTuple):
    """The files of one subject."""

    galaxy_id: str
    image: Path
    consensus: Path


def find_pairs(images: Path, consensus: Path) -> tuple[Pair, ...]:
    """Find the consensus files in a folder, and the image of each one's galaxy.

    Parameters
    ----------
    images : pathlib.Path
        Folder of images named by galaxy.
    consensus : pathlib.Path
        Folder of consensus FITS files, or the folder of a run with such files in ``maps/``.

    Returns
    -------
    tuple of Pair
        By the name of the consensus file. A galaxy drawn by two crowds stands twice.

    Raises
    ------
    MissingInputError
        If there is no consensus, or no image of a galaxy.
    """
    folder = consensus / "maps" if (consensus / "maps").is_dir() else consensus
    files = sorted(folder.glob("*.fits*"))
    if not files:
        raise MissingInputError(f"no consensus FITS file in {folder}; galseg consensus makes them")
    known = list_images(images)
    pairs = []
    for file in files:
        galaxy_id = _galaxy_id(file)
        if galaxy_id not in known:
            hint = nearest_name(galaxy_id, list(known)[:20])
            raise MissingInputError(
                f"no image of galaxy {galaxy_id!r} ({file}) in {images}; {hint}"
            )
        pairs.append(Pair(galaxy_id, known[galaxy_id], file))
    return tuple(pairs)


def _galaxy_id(file: Path) -> str:
    kind, galaxy_id = peek_kind(file)
    if kind != "consensus":
        raise FormatError(f"{file} is no galseg consensus (no GALSEG = 'consensus' in it)")
    return galaxy_id


class ObservedGalaxies:
    """Images and consensus files, read once and kept.

    Parameters
    ----------
    pairs : sequence of Pair
    features : sequence of str
        Channels; one that a consensus does not hold counts as not asked.
    side : int
        Of the model's grid.
    field_of_view : str, optional
        See `FieldOfView`.
    bands : int, optional
        Of the model.

    Raises
    ------
    ShapeError
        On reading, if an image and its consensus are not of one size, or an image has another
        number of bands.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        *,
        features: Sequence[str],
        side: int,
        field_of_view: str = "image",
        bands: int = 1,
    ) -> None:
        self._pairs = tuple(pairs)
        self._features = tuple(features)
        self._side = side
        self._field_of_view = field_of_view
        self._bands = bands
        self._kept: dict[int, GridGalaxy] = {}

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> GridGalaxy:
        if index not in self._kept:
            self._kept[index] = self._read(self._pairs[index])
        return self._kept[index]

    def _read(self, pair: Pair) -> GridGalaxy:
        image = match_bands(read_image(pair.image, wcs="optional"), self._bands)
        consensus = read_consensus(pair.consensus)
        if consensus.frame.shape != image.frame.shape:
            raise ShapeError(
                f"{pair.consensus} has shape {consensus.frame.shape} but its image {pair.image} "
                f"{image.frame.shape}; make the consensus on the image it belongs to"
            )
        fraction, n_asked = _channels(consensus, self._features)
        placed = on_grid(image, side=self._side, field_of_view=self._field_of_view)
        return GridGalaxy(pair.galaxy_id, placed, placed.grid.to_model(fraction)[0], n_asked)


def _channels(consensus: Consensus, features: Sequence[str]) -> tuple[Maps, NDArray[np.int64]]:
    fraction = np.zeros((len(features), *consensus.frame.shape), dtype=np.float32)
    n_asked = np.zeros(len(features), dtype=np.int64)
    for channel, feature in enumerate(features):
        if feature in consensus.features:
            held = consensus.features.index(feature)
            fraction[channel] = consensus.fraction[held]
            n_asked[channel] = consensus.n_asked[held]
    return fraction, n_asked
