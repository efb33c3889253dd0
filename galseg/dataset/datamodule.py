"""Real and simulated galaxies in batches, split by galaxy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch.utils.data import ConcatDataset, DataLoader

from galseg.dataset.augment import SkyAugmentation
from galseg.dataset.batches import ResumableData, in_batches, joined
from galseg.dataset.field_of_view import FieldOfView
from galseg.dataset.observed import ObservedGalaxies, find_pairs
from galseg.dataset.samples import Sample, Samples
from galseg.dataset.simulated import SimulatedGalaxies, simulated_name
from galseg.dataset.splits import Split, split_of
from galseg.errors import ConfigError
from galseg.features import DEFAULT_FEATURES, check_features

__all__ = ["ConsensusDataModule"]

_Part = ObservedGalaxies | SimulatedGalaxies


class ConsensusDataModule(ResumableData):
    """Galaxies with the votes of volunteers, for training, validation and test.

    Which split a galaxy falls into depends on its name alone; see `split_of`. Galaxies are put on
    the model's grid once and kept in memory, 0.3 MB each at 128 pixels a side.

    Parameters
    ----------
    images : pathlib.Path, optional
        Folder of images named by galaxy.
    consensus : pathlib.Path, optional
        Folder that ``galseg consensus`` made of drawings on these images.
    n_simulated : int, optional
        Simulated galaxies, over all splits, beside or instead of the real ones.
    n_volunteers : int, optional
        Size of the crowd that draws on a simulated galaxy; 0 takes its exact masks.
    simulated_side : tuple of int, optional
        Least and largest side of the simulated images, in pixels.
    features : tuple of str, optional
        Channels of the model.
    side : int, optional
        Of the square that the model sees, in pixels.
    field_of_view : str, optional
        What of an image that square shows: ``"image"``, all of it; or a number of ``"radii"`` (of
        Petrosian) or ``"arcsec"``, as ``"4 radii"``.
    bands : int, optional
        Of the images.
    batch_size : int, optional
    repeat : int, optional
        Times that a real galaxy is shown in an epoch, to a simulated one's once.
    augmentation : SkyAugmentation, optional
        How training galaxies are varied; None shows them as they are.
    val_fraction, test_fraction : float, optional
        Shares of the galaxies that are not trained on.
    num_workers : int, optional
        Processes that make samples. Each keeps its own, so 0 is best once all are made.
    seed : int, optional
        Of the simulated galaxies and the augmentation.

    Raises
    ------
    ConfigError
        If there is neither a consensus nor a simulated galaxy, only one of `images` and
        `consensus`, or simulated galaxies, which have one band, beside images of several.
    FeatureError
        If a feature is unknown.

    Examples
    --------
    >>> data = ConsensusDataModule(n_simulated=8, simulated_side=(48, 48), side=32, batch_size=2)
    >>> data.setup("fit")
    >>> batch = next(iter(data.train_dataloader()))
    >>> batch["image"].shape, batch["fraction"].shape
    (torch.Size([2, 1, 32, 32]), torch.Size([2, 3, 32, 32]))
    """

    def __init__(
        self,
        *,
        images: Path | str | None = None,
        consensus: Path | str | None = None,
        n_simulated: int = 0,
        n_volunteers: int = 0,
        simulated_side: tuple[int, int] = (96, 288),
        features: tuple[str, ...] = DEFAULT_FEATURES,
        side: int = 128,
        field_of_view: str = "image",
        bands: int = 1,
        batch_size: int = 16,
        repeat: int = 1,
        augmentation: SkyAugmentation | None = SkyAugmentation(),  # noqa: B008  frozen
        val_fraction: float = 0.15,
        test_fraction: float = 0.15,
        num_workers: int = 0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if (images is None) != (consensus is None):
            raise ConfigError("images and consensus belong together; give both or neither")
        if consensus is None and n_simulated < 1:
            raise ConfigError("nothing to train on; give images and consensus, or n_simulated")
        if not 0 < simulated_side[0] <= simulated_side[1]:
            raise ConfigError(f"simulated_side must be (least, largest), got {simulated_side}")
        if n_simulated and bands != 1:
            raise ConfigError(f"simulated galaxies have one band, the model {bands}; take none")
        FieldOfView.parse(field_of_view)
        check_features(features, also=features)
        images = None if images is None else str(images)  # checkpoints hold plain types only
        consensus = None if consensus is None else str(consensus)
        self.save_hyperparameters(logger=False, ignore=["augmentation"])
        self._augmentation = augmentation
        self._parts: dict[Split, dict[str, _Part]] = {}

    def setup(self, stage: str) -> None:
        """Find the galaxies of each split; nothing is read or simulated yet."""
        del stage  # finding them is quick, so every stage finds all
        if not self._parts:
            self._parts = {split: self._find(split) for split in ("train", "val", "test")}

    def train_dataloader(self) -> DataLoader[Sample]:
        """Return training batches, shuffled and augmented."""
        return self._loader(self._filled("train"), training=True)

    def val_dataloader(self) -> DataLoader[Sample]:
        """Return validation batches, galaxies as they are."""
        return self._loader(self._filled("val"))

    def test_dataloader(self) -> DataLoader[Sample]:
        """Return test batches, galaxies as they are."""
        return self._loader(self._filled("test"))

    def sources(self, split: Split) -> dict[str, DataLoader[Sample]]:
        """Return batches of the real and of the simulated galaxies of a split, apart.

        Keys are ``"observed"`` and ``"simulated"``; one without galaxies is left out.
        """
        filled = {name: part for name, part in self._parts[split].items() if len(part)}
        return {name: self._loader(part) for name, part in filled.items()}

    def _find(self, split: Split) -> dict[str, _Part]:
        options = self.hparams
        grid = {
            "features": options.features,
            "side": options.side,
            "field_of_view": options.field_of_view,
        }
        parts: dict[str, _Part] = {}
        if options.consensus is not None:
            pairs = find_pairs(Path(options.images), Path(options.consensus))
            here = [pair for pair in pairs if self._split_of(pair.galaxy_id) == split]
            parts["observed"] = ObservedGalaxies(here, bands=options.bands, **grid)
        names = {simulated_name(options.seed, k): k for k in range(options.n_simulated)}
        parts["simulated"] = SimulatedGalaxies(
            [k for name, k in names.items() if self._split_of(name) == split],
            image_side=options.simulated_side,
            n_volunteers=options.n_volunteers,
            seed=options.seed,
            **grid,
        )
        return parts

    def _split_of(self, galaxy_id: str) -> Split:
        return split_of(
            galaxy_id,
            val_fraction=self.hparams.val_fraction,
            test_fraction=self.hparams.test_fraction,
        )

    def _filled(self, split: Split) -> ConcatDataset[Any]:
        repeat = self.hparams.repeat if split == "train" else 1
        parts: list[Any] = []
        for source, galaxies in self._parts[split].items():
            parts += [galaxies] * (repeat if source == "observed" else 1)
        return joined(parts, split=split)

    def _loader(
        self, galaxies: ConcatDataset[Any] | _Part, *, training: bool = False
    ) -> DataLoader[Sample]:
        options = self.hparams
        samples = Samples(
            galaxies, augmentation=self._augmentation if training else None, seed=options.seed
        )
        loader: DataLoader[Sample] = in_batches(
            samples,
            batch_size=options.batch_size,
            num_workers=options.num_workers,
            seed=options.seed,
            training=training,
            epoch=self.first_epoch,
        )
        return loader
