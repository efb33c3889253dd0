"""Models on disk: weights as safetensors, the card as JSON beside them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from galseg.errors import MissingInputError, ModelError
from galseg.io.atomic import write_whole
from galseg.io.provenance import hash_of
from galseg.models.card import ModelCard, read_card
from galseg.models.unet import UNet, build_unet

__all__ = ["load_network", "save_model"]

PathLike = str | os.PathLike[str]

_CARD, _WEIGHTS = ".json", ".safetensors"


def save_model(
    stem: PathLike, network: UNet, card: ModelCard, *, dtype: torch.dtype = torch.float32
) -> ModelCard:
    """Write a network and its card.

    Parameters
    ----------
    stem : path-like
        Path without suffix: ``<stem>.safetensors`` and ``<stem>.json`` are written, replacing
        older ones.
    network : UNet
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


def load_network(stem: PathLike) -> tuple[UNet, ModelCard]:
    """Read a card, build its network and fill it with its weights.

    Parameters
    ----------
    stem : path-like
        As given to `save_model`.

    Returns
    -------
    network : UNet
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
    network = build_unet(
        n_features=len(card.features),
        encoder=card.encoder,
        decoder_channels=card.decoder_channels,
        in_channels=card.in_channels,
        dropout=card.dropout,
    )
    try:
        _fill(network, load_file(path), source=str(path))
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged: {error}") from error
    return network.eval(), card


def _fill(network: nn.Module, weights: dict[str, Tensor], *, source: str) -> None:
    wanted = network.state_dict()
    problems = {
        "missing": sorted(set(wanted) - set(weights)),
        "left over": sorted(set(weights) - set(wanted)),
        "of another shape": sorted(
            name for name in set(wanted) & set(weights) if wanted[name].shape != weights[name].shape
        ),
    }
    found = [f"{kind}: {', '.join(names)}" for kind, names in problems.items() if names]
    if found:
        raise ModelError(f"the weights in {source} do not fit the network; {'; '.join(found)}")
    network.load_state_dict(weights)


def _stored(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return (tensor.to(dtype) if tensor.is_floating_point() else tensor).contiguous()


def _beside(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)
