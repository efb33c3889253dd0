"""Pictures of validation galaxies while a network learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from pytorch_lightning import Callback, Trainer
from pytorch_lightning.loggers import TensorBoardLogger
from torch import Tensor

from galseg.dataset.samples import Sample
from galseg.errors import ConfigError
from galseg.imaging.overlay import overlay
from galseg.io.overlay import write_contact_sheet
from galseg.train.module import SegmentationModule

__all__ = ["OverlayPictures"]

Picture = NDArray[np.uint8]
Masks = dict[str, NDArray[np.bool_]]

_COLUMNS = ("image", "volunteers", "model")


class OverlayPictures(Callback):
    """Draw a few validation galaxies every few epochs, with the volunteers' and the model's masks.

    They lie evenly over the validation galaxies, real and simulated, and are the same each time.
    The sheets also go to TensorBoard, where that is a logger.

    Parameters
    ----------
    folder : pathlib.Path
        Gets ``epoch_<epoch>.png``.
    every_n_epochs : int, optional
        0 draws none.
    n_galaxies : int, optional

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """

    def __init__(self, folder: Path, *, every_n_epochs: int = 5, n_galaxies: int = 6) -> None:
        if every_n_epochs < 0 or n_galaxies < 1:
            raise ConfigError(
                "pictures need every_n_epochs of at least 0 and n_galaxies of at least 1, got "
                f"{every_n_epochs} and {n_galaxies}"
            )
        self._folder = Path(folder)
        self._every_n_epochs = every_n_epochs
        self._n_galaxies = n_galaxies

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: SegmentationModule) -> None:
        """Write a sheet, if it is time."""
        fits = trainer.state.fn == "fit" and not trainer.sanity_checking
        if not (fits and trainer.is_global_zero and self._every_n_epochs):
            return
        if (trainer.current_epoch + 1) % self._every_n_epochs:
            return
        samples = trainer.val_dataloaders.dataset
        places = np.linspace(0, len(samples) - 1, min(self._n_galaxies, len(samples)))
        chosen = [samples[int(place)] for place in places.round()]
        path = self._folder / f"epoch_{trainer.current_epoch:03d}.png"
        write_contact_sheet(
            path,
            _rows(pl_module, chosen),
            row_labels=[sample["galaxy_id"] for sample in chosen],
            column_labels=_COLUMNS,
            n_across=2,
        )
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                with Image.open(path) as sheet:
                    logger.experiment.add_image(
                        "validation", np.asarray(sheet), trainer.current_epoch, dataformats="HWC"
                    )


@torch.inference_mode()
def _rows(module: SegmentationModule, samples: list[Sample]) -> list[list[Picture]]:
    images = torch.stack([sample["image"] for sample in samples]).to(module.device)
    threshold = module.hparams.vote_threshold
    drawn = (module(images).sigmoid() >= threshold).cpu()
    rows = []
    for sample, masks in zip(samples, drawn, strict=True):
        votes = (sample["fraction"] >= threshold) & sample["valid"]
        pixels = sample["image"].numpy()
        shown: tuple[Masks, ...] = ({}, _named(module, votes), _named(module, masks))
        rows.append([overlay(pixels, outlines, softening=np.inf) for outlines in shown])
    return rows


def _named(module: SegmentationModule, masks: Tensor) -> Masks:
    return dict(zip(module.hparams.features, masks.numpy(), strict=True))
