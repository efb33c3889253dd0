"""Models on disk: weights as safetensors, the card as JSON beside them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from galseg.errors import MissingInputError, ModelError
from galseg.io.atomic import write_whole
from galseg.io.provenance import hash_of
from galseg.models.card import ModelCard, read_card
from galseg.models.network import SegmentationNetwork, build_network
from galseg.models.strict import load_strictly
from galseg.models.tensors import read_tensors

__all__ = ["load_network", "save_model"]

PathLike = str | os.PathLike[str]

_CARD, _WEIGHTS = ".json", ".safetensors"


def save_model(
    stem: PathLike,
    network: SegmentationNetwork,
    card: ModelCard,
    *,
    dtype: torch.dtype = torch.float32,
) -> ModelCard:
    """Write a network and its card.

    Parameters
    ----------
    stem : path-like
        Path without suffix: ``<stem>.safetensors`` and ``<stem>.json`` are written, replacing
        older ones.
    network : SegmentationNetwork
    card : ModelCard
    dtype : torch.dtype, optional
        Storage type of the floating point weights; ``torch.float16`` halves the file, and the
        network that is loaded computes with the rounded weights in float32.

    Returns
    -------
    ModelCard
        The card as written, with the hash of the weights.
    """
    stem = Path(stem)
    weights = {name: _stored(tensor, dtype) for name, tensor in network.state_dict().items()}
    with write_whole(_beside(stem, _WEIGHTS)) as temporary:
        temporary.write_bytes(save(weights))
        card = replace(card, weights_sha256=hash_of(temporary))
    with write_whole(_beside(stem, _CARD)) as temporary:
        temporary.write_text(card.to_json(), encoding="utf-8")
    return card


def load_network(stem: PathLike) -> tuple[SegmentationNetwork, ModelCard]:
    """Read a card, build its network and fill it with its weights.

    Parameters
    ----------
    stem : path-like
        As given to `save_model`.

    Returns
    -------
    network : SegmentationNetwork
        In evaluation mode.
    card : ModelCard

    Raises
    ------
    MissingInputError
        If a file is missing.
    ModelError
        If the weights are not those the card was written for, are damaged, or do not fit the
        network.
    """
    stem = Path(stem)
    card = read_card(_beside(stem, _CARD))
    path = _beside(stem, _WEIGHTS)
    if not path.is_file():
        raise MissingInputError(f"no weights {path}; they belong beside the model card")
    if hash_of(path) != card.weights_sha256:
        raise ModelError(
            f"{path} is not the file that its card was written for, or is damaged: "
            f"its SHA-256 is not {card.weights_sha256}"
        )
    network = build_network(
        n_features=len(card.features),
        encoder=card.encoder,
        decoder=card.decoder,
        decoder_channels=card.decoder_channels,
        stem=card.stem,
        in_channels=card.in_channels,
        dropout=card.dropout,
    )
    load_strictly(network, read_tensors(path), source=str(path))
    return network.eval(), card


def _stored(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return (tensor.to(dtype) if tensor.is_floating_point() else tensor).contiguous()


def _beside(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)
