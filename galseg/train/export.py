"""From the best checkpoint of a run to a model that can be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from galseg.dataset.datamodule import ConsensusDataModule
from galseg.dataset.transforms import STRETCH
from galseg.models.card import ModelCard
from galseg.models.files import save_model
from galseg.train.evaluation import choose_thresholds, evaluate
from galseg.train.module import SegmentationModule

__all__ = ["export_model"]


def export_model(
    stem: Path,
    module: SegmentationModule,
    data: ConsensusDataModule,
    *,
    name: str,
    training: Mapping[str, Any],
    limits: tuple[str, ...] = (),
    dtype: torch.dtype = torch.float32,
) -> ModelCard:
    """Choose thresholds, measure the model, and write it with its card.

    Parameters
    ----------
    stem : pathlib.Path
        Path without suffix; see `save_model`.
    module : SegmentationModule
    data : ConsensusDataModule
        Set up. Thresholds are chosen on its validation galaxies; these and the test galaxies,
        real and simulated apart, are measured.
    name : str
    training : mapping
        What goes into the card on how it was trained.
    limits : tuple of str, optional
        What the card warns of.
    dtype : torch.dtype, optional
        Storage type of the weights. The network is measured with the weights as stored.

    Returns
    -------
    ModelCard
    """
    options = module.hparams
    network = module.network.to(dtype).float().eval()
    votes = options.vote_threshold
    thresholds = choose_thresholds(
        network, data.val_dataloader(), features=options.features, vote_threshold=votes
    )
    metrics = {
        f"{split} {source}": evaluate(network, batches, thresholds=thresholds, vote_threshold=votes)
        for split in ("val", "test")
        for source, batches in data.sources(split).items()
    }
    card = ModelCard(
        name=name,
        features=tuple(options.features),
        encoder=options.encoder,
        decoder_channels=tuple(options.decoder_channels),
        in_channels=options.in_channels,
        dropout=options.dropout,
        side=options.side,
        stretch=STRETCH,
        thresholds=thresholds,
        vote_threshold=votes,
        training=training,
        metrics=metrics,
        limits=limits,
    )
    return save_model(stem, network, card, dtype=dtype)
