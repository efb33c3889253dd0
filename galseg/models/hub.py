"""Encoders in the layout of the Hugging Face hub: ``config.json`` and the weights beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import EntryNotFoundError, HFValidationError, LocalEntryNotFoundError
from timm.models import save_for_hf
from torch import Tensor, nn

from galseg.errors import FormatError, MissingInputError, ModelError
from galseg.io.atomic import write_folder
from galseg.io.provenance import hash_of
from galseg.limits import MAX_CARD_BYTES
from galseg.models.pretrained import PretrainedEncoder, bare_model, without_classifier
from galseg.models.tensors import read_tensors
from galseg.parsing import parse_json, read_bytes

__all__ = ["fetch_encoder", "read_encoder_folder", "save_encoder"]

PathLike = str | os.PathLike[str]

_CONFIG = "config.json"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")  # the second is read without executing it
_OURS = "galseg"
_OF_OTHER_WEIGHTS = ("tag", "license", "origin_url", "paper_ids")  # those timm itself offers
_UNREACHABLE = (OSError, EntryNotFoundError, HFValidationError)


def save_encoder(
    folder: PathLike,
    model: nn.Module,
    *,
    architecture: str,
    licence: str,
    citation: str,
    training: Mapping[str, Any],
) -> None:
    """Write a timm model in the layout that timm and `find_encoder` read.

    Parameters
    ----------
    folder : path-like
        To make.
    model : torch.nn.Module
        Made by ``timm.create_model(architecture, num_classes=0)``, for images from 0 to 1.
    architecture : str
        Its name in timm.
    licence : str
    citation : str
        What to cite.
    training : mapping
        What it was trained on and how, as JSON can hold it.

    Raises
    ------
    ModelError
        If the model is not that architecture without a classifier.
    OutputError
        If the folder exists with something in it.
    """
    if set(model.state_dict()) != set(bare_model(architecture).state_dict()):
        raise ModelError(
            f"the encoder to save is not timm's {architecture!r} with num_classes=0; "
            "build it so, and keep heads outside of it"
        )
    plain = deepcopy(model).cpu().to(memory_format=torch.contiguous_format)
    with write_folder(folder) as temporary:
        unscaled = {"mean": (0.0,), "std": (1.0,)}
        save_for_hf(plain, temporary, safe_serialization=True, data_config=unscaled)
        config = json.loads((temporary / _CONFIG).read_text(encoding="utf-8"))
        for name in _OF_OTHER_WEIGHTS:
            config["pretrained_cfg"].pop(name, None)
        config[_OURS] = {
            "licence": licence,
            "citation": citation,
            "training": dict(training),
            "weights_sha256": hash_of(temporary / _WEIGHTS[0]),
        }
        (temporary / _CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def read_encoder_folder(folder: PathLike) -> PretrainedEncoder:
    """Read an encoder from a folder with ``config.json`` and ``model.safetensors``.

    Raises
    ------
    MissingInputError
        If one of them is missing; ``pytorch_model.bin`` will do for the second.
    ModelError
        If one is damaged, or the weights are not those that were saved with the config.
    """
    folder = Path(folder)
    config = folder / _CONFIG
    weights = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    if weights is None or not config.is_file():
        missing = " or ".join(_WEIGHTS) if weights is None else _CONFIG
        raise MissingInputError(f"no {missing} in {folder}, which should hold an encoder")
    return read_encoder(weights, config, origin=str(folder))


def fetch_encoder(repository: str) -> PretrainedEncoder:
    """Read an encoder of the hub from the local cache, or download it into that.

    Parameters
    ----------
    repository : str
        ``owner/name``.

    Raises
    ------
    ModelError
        If it cannot be reached, or is damaged.
    """
    try:
        config = _fetch(repository, _CONFIG)
        weights = _fetch_weights(repository)
    except _UNREACHABLE as error:
        reason = str(error).split("\n", 1)[0]
        raise ModelError(
            f"cannot get {repository} from the hub: {reason} Without a network, fetch {_CONFIG} "
            f"and {' or '.join(_WEIGHTS)} from https://huggingface.co/{repository}/tree/main by "
            f"other means, put both into one folder, such as encoders/{repository.split('/')[-1]}, "
            "and give that folder as the encoder's weights"
        ) from error
    return read_encoder(weights, config, origin=f"hf_hub:{repository}")


def read_encoder(weights: Path, config: Path, *, origin: str) -> PretrainedEncoder:
    """Read an encoder from its two files."""
    try:
        content = parse_json(read_bytes(config, most=MAX_CARD_BYTES))
        architecture, ours = content["architecture"], content.get(_OURS, {})
        digest = ours.get("weights_sha256")
    except (FormatError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{config} is no config of a timm model: {error!r}") from error
    if digest is not None and hash_of(weights) != digest:
        raise ModelError(
            f"{weights} is not the file that {config.name} was written for, or is damaged: "
            f"its SHA-256 is not {digest}"
        )
    tensors: dict[str, Tensor] = read_tensors(weights)
    return PretrainedEncoder(
        architecture=architecture,
        weights=without_classifier(architecture, tensors),
        licence=ours.get("licence", ""),
        citation=ours.get("citation", ""),
        origin=origin,
    )


def _fetch_weights(repository: str) -> Path:
    safe, pickled = _WEIGHTS
    try:
        return _fetch(repository, safe)
    except EntryNotFoundError:  # older repositories have the other alone
        return _fetch(repository, pickled)


def _fetch(repository: str, name: str) -> Path:
    try:
        return Path(hf_hub_download(repository, name, local_files_only=True))
    except LocalEntryNotFoundError:
        return Path(hf_hub_download(repository, name))
