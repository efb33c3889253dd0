"""Galaxies with the answers of volunteers in batches, split by galaxy."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from torch.utils.data import DataLoader

from galseg.dataset.answered import (
    AnsweredGalaxies,
    CatalogueGalaxies,
    FirstKept,
    SimulatedAnswers,
    UnlabelledGalaxies,
)
from galseg.dataset.augment import SkyAugmentation
from galseg.dataset.batches import ResumableData, in_batches, joined
from galseg.dataset.field_of_view import FieldOfView
from galseg.dataset.simulate.answers import answerable_questions
from galseg.dataset.simulated import simulated_name
from galseg.dataset.splits import Split, split_of
from galseg.dataset.vote_catalogue import read_vote_catalogue
from galseg.dataset.vote_samples import VoteSample, VoteSamples
from galseg.errors import ConfigError, MissingInputError
from galseg.io.images import list_images
from galseg.schemas import find_schema

__all__ = ["VoteDataModule"]

Views = Literal[1, 2]


class VoteDataModule(ResumableData):
    """Galaxies to pretrain on: from catalogues of votes, simulated, and images alone.

    Which split a galaxy falls into depends on its name alone; see `split_of`. With the same
    fractions a galaxy that a segmentation model is validated or tested on is not pretrained on.

    Parameters
    ----------
    catalogues : tuple of str, optional
        Files, see `read_vote_catalogue`; several if surveys asked different questions.
    image_root : str, optional
        What the images in the catalogues are relative to; the folder of each if left out.
    images : tuple of str, optional
        Folders or patterns (``"cutouts/*.fits"``) of images without votes, named by galaxy.
    n_simulated : int, optional
        Simulated galaxies, over all splits.
    n_volunteers : int, optional
        Size of the crowd that answers about a simulated galaxy.
    simulated_side : tuple of int, optional
        Least and largest side of the simulated images, in pixels.
    schemas : tuple of str, optional
        What volunteers were asked, see `find_schema`.
    side : int, optional
        Of the square that the model sees, in pixels.
    field_of_view : str, optional
        What of an image that square shows, see `FieldOfView`.
    bands : int, optional
        Of the images.
    n_views : int, optional
        Of each galaxy: 1, or 2 that are compared.
    batch_size : int, optional
    repeat : int, optional
        Times that an image without votes is shown in an epoch, to another galaxy's once.
    augmentation : SkyAugmentation, optional
        How galaxies are varied in training, and the second view always; None shows them as they
        are.
    val_fraction, test_fraction : float, optional
        Shares of the galaxies that are not trained on.
    n_kept : int, optional
        Galaxies of each split and source to keep in memory, at 128 pixels a side 80 kB each.
    num_workers : int, optional
        Processes that make samples.
    seed : int, optional
        Of the simulated galaxies and the augmentation.

    Raises
    ------
    ConfigError
        If there is no galaxy, a number is out of its range, a schema is unknown, or there are
        simulated galaxies, which have one band, beside images of several, or whose volunteers
        know none of the schemas.

    Examples
    --------
    >>> data = VoteDataModule(n_simulated=8, simulated_side=(48, 48), side=32, batch_size=2)
    >>> data.setup("fit")
    >>> batch = next(iter(data.train_dataloader()))
    >>> batch["views"].shape, batch["votes"].shape
    (torch.Size([2, 1, 1, 32, 32]), torch.Size([2, 34]))
    """

    def __init__(
        self,
        *,
        catalogues: tuple[str, ...] = (),
        image_root: str | None = None,
        images: tuple[str, ...] = (),
        n_simulated: int = 0,
        n_volunteers: int = 40,
        simulated_side: tuple[int, int] = (96, 288),
        schemas: tuple[str, ...] = ("decals-dr8",),
        side: int = 128,
        field_of_view: str = "image",
        bands: int = 1,
        n_views: Views = 1,
        batch_size: int = 32,
        repeat: int = 1,
        augmentation: SkyAugmentation | None = SkyAugmentation(),  # noqa: B008  frozen
        val_fraction: float = 0.15,
        test_fraction: float = 0.15,
        n_kept: int = 20_000,
        num_workers: int = 0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if not catalogues and not images and n_simulated < 1:
            raise ConfigError("nothing to pretrain on; give catalogues, images or n_simulated")
        if not 0 < simulated_side[0] <= simulated_side[1]:
            raise ConfigError(f"simulated_side must be (least, largest), got {simulated_side}")
        if n_simulated and bands != 1:
            raise ConfigError(f"simulated galaxies have one band, the model {bands}; take none")
        FieldOfView.parse(field_of_view)
        self.save_hyperparameters(logger=False, ignore=["augmentation"])
        self.schema = find_schema(schemas)
        if n_simulated:
            answerable_questions(self.schema)
        self._augmentation = augmentation
        self._parts: dict[Split, list[AnsweredGalaxies]] = {}

    def setup(self, stage: str) -> None:
        """Find the galaxies of each split; no image is read or simulated yet."""
        del stage  # finding them is quick, so every stage finds all
        if not self._parts:
            splits: tuple[Split, ...] = ("train", "val", "test")
            self._parts = {split: [] for split in splits}
            for split in splits:
                self._add_catalogues(split)
                self._add_images(split)
                self._add_simulated(split)

    def train_dataloader(self) -> DataLoader[VoteSample]:
        """Return training batches, shuffled, all views augmented."""
        return self._loader("train")

    def val_dataloader(self) -> DataLoader[VoteSample]:
        """Return validation batches, the first view of each galaxy as it is."""
        return self._loader("val")

    def test_dataloader(self) -> DataLoader[VoteSample]:
        """Return test batches, the first view of each galaxy as it is."""
        return self._loader("test")

    def _add_catalogues(self, split: Split) -> None:
        options = self.hparams
        for path in options.catalogues:
            catalogue = read_vote_catalogue(path, self.schema, image_root=options.image_root)
            here = [
                k for k, name in enumerate(catalogue.galaxy_ids) if self._split_of(name) == split
            ]
            self._add(split, CatalogueGalaxies(catalogue.take(here), **self._grid(images=True)))

    def _add_images(self, split: Split) -> None:
        files = [
            (name, file)
            for name, file in _find_images(self.hparams.images)
            if self._split_of(name) == split
        ]
        unlabelled = UnlabelledGalaxies(
            files, n_answers=len(self.schema.columns), **self._grid(images=True)
        )
        self._add(split, unlabelled, repeat=self.hparams.repeat if split == "train" else 1)

    def _add_simulated(self, split: Split) -> None:
        options = self.hparams
        names = {k: simulated_name(options.seed, k) for k in range(options.n_simulated)}
        numbers = [k for k, name in names.items() if self._split_of(name) == split]
        simulated = SimulatedAnswers(
            numbers,
            schema=self.schema,
            image_side=options.simulated_side,
            n_volunteers=options.n_volunteers,
            seed=options.seed,
            **self._grid(),
        )
        self._add(split, simulated)

    def _add(self, split: Split, galaxies: AnsweredGalaxies, *, repeat: int = 1) -> None:
        self._parts[split] += [FirstKept(galaxies, self.hparams.n_kept)] * repeat

    def _grid(self, *, images: bool = False) -> dict[str, Any]:
        grid = {"side": self.hparams.side, "field_of_view": self.hparams.field_of_view}
        return grid | ({"bands": self.hparams.bands} if images else {})

    def _split_of(self, galaxy_id: str) -> Split:
        return split_of(
            galaxy_id,
            val_fraction=self.hparams.val_fraction,
            test_fraction=self.hparams.test_fraction,
        )

    def _loader(self, split: Split) -> DataLoader[VoteSample]:
        options = self.hparams
        samples = VoteSamples(
            joined(self._parts[split], split=split),
            n_views=options.n_views,
            augmentation=self._augmentation,
            as_is=split != "train",
            seed=options.seed,
        )
        loader: DataLoader[VoteSample] = in_batches(
            samples,
            batch_size=options.batch_size,
            num_workers=options.num_workers,
            seed=options.seed,
            training=split == "train",
            epoch=self.first_epoch,
            never_alone=options.n_views > 1,  # a galaxy is told from others
        )
        return loader


def _find_images(sources: Iterable[str]) -> list[tuple[str, Path]]:
    """Galaxy and file of all images in folders, or that patterns match."""
    found: list[tuple[str, Path]] = []
    for source in sources:
        paths = [source] if Path(source).exists() else sorted(glob.glob(source))  # noqa: PTH207
        images = [pair for path in paths for pair in list_images(path).items()]
        if not images:
            raise MissingInputError(f"no FITS, PNG or JPEG image in {source}")
        found += images
    return found
