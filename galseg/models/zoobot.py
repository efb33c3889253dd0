"""Encoders that learnt from the answers of Galaxy Zoo's volunteers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galseg.errors import ModelError
from galseg.models.pretrained import PretrainedEncoder, bare_model, without_classifier
from galseg.models.tensors import read_pickled

__all__ = [
    "ZOOBOT_CITATION",
    "ZOOBOT_ENCODERS",
    "ZOOBOT_LICENCE",
    "ZoobotEncoder",
    "read_zoobot_checkpoint",
]

ZOOBOT_LICENCE = "CC-BY-NC-SA-4.0"
ZOOBOT_CITATION = (
    "Walmsley, M. et al. (2023), JOSS 8, 5312, doi:10.21105/joss.05312; "
    "Walmsley, M. et al. (2024), arXiv:2404.02973"
)

_OWNER = "mwalmsley/zoobot-encoder-"
_ENCODER = "encoder."
_COMPILED = "_orig_mod."


@dataclass(frozen=True)
class ZoobotEncoder:
    """A published encoder of Zoobot.

    Attributes
    ----------
    architecture : str
        The model's name in timm.
    n_bands : int
        1 for the greyscale ones.
    """

    architecture: str
    n_bands: int = 3

    @property
    def n_parameters(self) -> int:
        """Number of weights; four times as many bytes are downloaded."""
        model = bare_model(self.architecture, n_bands=self.n_bands)
        return sum(parameter.numel() for parameter in model.parameters())


ZOOBOT_ENCODERS: Mapping[str, ZoobotEncoder] = {
    _OWNER + name: encoder
    for name, encoder in {
        "convnext_pico": ZoobotEncoder("convnext_pico"),
        "convnext_nano": ZoobotEncoder("convnext_nano"),
        "convnext_tiny": ZoobotEncoder("convnext_tiny"),
        "convnext_small": ZoobotEncoder("convnext_small"),
        "convnext_base": ZoobotEncoder("convnext_base"),
        "convnext_large": ZoobotEncoder("convnext_large"),
        "maxvit_tiny_rw_224": ZoobotEncoder("maxvit_tiny_rw_224"),
        "maxvit_rmlp_small_rw_224": ZoobotEncoder("maxvit_rmlp_small_rw_224"),
        "maxvit_large_tf_224": ZoobotEncoder("maxvit_large_tf_224"),
        "efficientnet_b0": ZoobotEncoder("efficientnet_b0"),
        "tf_efficientnetv2_s": ZoobotEncoder("tf_efficientnetv2_s"),
        "resnet18": ZoobotEncoder("resnet18"),
        "resnet50": ZoobotEncoder("resnet50"),
        "resnet101": ZoobotEncoder("resnet101"),
        "greyscale-convnext_pico": ZoobotEncoder("convnext_pico", n_bands=1),
        "greyscale-convnext_nano": ZoobotEncoder("convnext_nano", n_bands=1),
        "euclid-convnext-base": ZoobotEncoder("convnext_base"),
    }.items()
}
"""By repository on the hub. The hub's pages say Apache-2.0 and the Galaxy Zoo data sets that they
were trained on CC-BY-NC-SA-4.0; the stricter one is what galseg passes on."""


class _Unread:
    """What a checkpoint carries of Zoobot's own objects, which nobody asks."""


_OBJECTS = tuple(
    (_Unread, f"zoobot.shared.schemas.{name}") for name in ("Schema", "Question", "Answer")
)


def read_zoobot_checkpoint(path: Path) -> PretrainedEncoder:
    """Read the encoder from a Lightning checkpoint of Zoobot.

    The head that answered the questions, and the optimiser's state, are left out.

    Parameters
    ----------
    path : pathlib.Path
        Written by a ``ZoobotTree``, or by one of Zoobot's ``FinetuneableZoobot`` classes.

    Returns
    -------
    PretrainedEncoder

    Raises
    ------
    ModelError
        If it is damaged, holds objects that would have to be executed, has no encoder, or does
        not say which.
    """
    content = read_pickled(path, allowed=_OBJECTS)
    state = content.get("state_dict") if isinstance(content, dict) else None
    if not isinstance(state, dict):
        raise ModelError(f"{path} is no checkpoint of Lightning: it has no state_dict")
    weights = {
        name.removeprefix(_ENCODER).removeprefix(_COMPILED): tensor
        for name, tensor in state.items()
        if name.startswith(_ENCODER)
    }
    if not weights:
        parts = sorted({name.split(".", 1)[0] for name in state})
        raise ModelError(f"{path} has no weights under {_ENCODER!r}, only under {parts}")
    architecture = _architecture(content.get("hyper_parameters", {}), path)
    return PretrainedEncoder(
        architecture=architecture,
        weights=without_classifier(architecture, weights),
        licence=ZOOBOT_LICENCE,
        citation=ZOOBOT_CITATION,
        origin=str(path),
    )


def _architecture(options: Mapping[str, Any], path: Path) -> str:
    """Return what Zoobot built, or the encoder it was finetuned from."""
    name = options.get("architecture_name") or options.get("name")
    if not isinstance(name, str):
        raise ModelError(
            f"{path} does not say its architecture; save its encoder with "
            "galseg.models.save_encoder, and give that folder"
        )
    repository = name.removeprefix("hf_hub:").removeprefix("hf-hub:")
    known = ZOOBOT_ENCODERS.get(repository)
    return known.architecture if known else name.split(".", 1)[0]  # without a tag of weights
