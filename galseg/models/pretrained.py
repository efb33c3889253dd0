"""What a pretrained encoder is, whatever it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import timm
import torch
from torch import Tensor, nn

from galseg.errors import ModelError, nearest_name

__all__ = [
    "PretrainedEncoder",
    "bare_model",
    "first_convolution",
    "published_config",
    "without_classifier",
]


@dataclass(frozen=True)
class PretrainedEncoder:
    """Weights of a timm model without its classifier, for images from 0 to 1.

    Attributes
    ----------
    architecture : str
        The model's name in timm.
    weights : mapping of str to torch.Tensor
        With timm's own names.
    licence : str
        Empty where the source does not say.
    citation : str
        What to cite; empty where the source does not say.
    origin : str
        Where they came from.
    """

    architecture: str
    weights: Mapping[str, Tensor]
    licence: str
    citation: str
    origin: str

    @property
    def n_bands(self) -> int:
        """Bands of the images that it was trained on.

        Raises
        ------
        ModelError
            If the first convolution is missing.
        """
        name = first_convolution(self.architecture)
        if name not in self.weights:
            raise ModelError(f"{self.origin} has no {name}, so it is no {self.architecture}")
        return int(self.weights[name].shape[1])


@cache
def bare_model(architecture: str, *, n_bands: int = 3) -> nn.Module:
    """Build a timm model without a classifier and without memory for its weights, to ask it things.

    Raises
    ------
    ModelError
        If timm has no such model.

    Examples
    --------
    >>> bare_model("resnet18").conv1.weight.shape
    torch.Size([64, 3, 7, 7])
    """
    if not timm.is_model(architecture):
        known = nearest_name(architecture, timm.list_models())
        hint = known if known.startswith("did you") else "see timm.list_models()"
        raise ModelError(f"timm {timm.__version__} has no model {architecture!r}; {hint}")
    with torch.device("meta"):
        model: nn.Module = timm.create_model(architecture, num_classes=0, in_chans=n_bands)
    return model


def published_config(architecture: str) -> dict[str, Any]:
    """Return what timm says about the weights that it publishes for a model."""
    config: Any = bare_model(architecture).pretrained_cfg
    return dict(config)


def first_convolution(architecture: str) -> str:
    """Return the name of the weights that see the bands.

    Examples
    --------
    >>> first_convolution("convnext_pico")
    'stem.0.weight'
    """
    return f"{published_config(architecture)['first_conv']}.weight"


def without_classifier(architecture: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Leave out the classifier of a whole model, which an encoder has no use for."""
    classifier = published_config(architecture)["classifier"]
    names = (classifier,) if isinstance(classifier, str) else tuple(classifier or ())
    prefixes = tuple(f"{name}." for name in names)
    return {name: tensor for name, tensor in weights.items() if not name.startswith(prefixes)}
