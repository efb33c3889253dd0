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
from galseg.train.module import SegmentationModule
from galseg.train.scoring import score_network

__all__ = ["export_model"]


def export_model(
    stem: Path,
    module: SegmentationModule,
    data: ConsensusDataModule,
    *,
    name: str,
    training: Mapping[str, Any],
    licence: str,
    limits: tuple[str, ...] = (),
    dtype: torch.dtype = torch.float32,
) -> ModelCard:
    """Calibrate the model, measure it, and write it with its card.

    Parameters
    ----------
    stem : pathlib.Path
        Path without suffix; see `save_model`.
    module : SegmentationModule
    data : ConsensusDataModule
        Set up. Temperatures and thresholds are chosen on its validation galaxies; these and the
        test galaxies, real and simulated apart, are measured.
    name : str
    training : mapping
        What goes into the card on how it was trained.
    licence : str
        Of the weights, which may be that of what they started from.
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
    calibration, scores = score_network(
        network,
        data,
        features=options.features,
        splits=("val", "test"),
        vote_threshold=options.vote_threshold,
    )
    card = ModelCard(
        name=name,
        features=tuple(options.features),
        encoder=options.encoder,
        decoder=options.decoder,
        decoder_channels=tuple(options.decoder_channels),
        stem=options.stem,
        in_channels=options.in_channels,
        dropout=options.dropout,
        side=options.side,
        field_of_view=data.hparams.field_of_view,
        stretch=STRETCH,
        temperatures=calibration.temperatures,
        thresholds=calibration.thresholds[options.vote_threshold],
        vote_threshold=options.vote_threshold,
        training=training,
        metrics={name: its.numbers() for name, its in scores.items()},
        limits=limits,
        licence=licence,
    )
    return save_model(stem, network, card, dtype=dtype)
