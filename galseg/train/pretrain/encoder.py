"""The encoder that is pretrained."""

from __future__ import annotations

import timm
import torch
from torch import nn

from galseg.errors import ConfigError, nearest_name
from galseg.models.encoders import PretrainedEncoder, fill_encoder
from galseg.models.network import CHANNELS_LAST

__all__ = ["build_encoder", "n_pooled"]


def build_encoder(
    architecture: str, *, bands: int, start: PretrainedEncoder | None = None
) -> nn.Module:
    """Build a timm model that turns images (B, bands, side, side) into features (B, n).

    Parameters
    ----------
    architecture : str
        Name in timm.
    bands : int
    start : PretrainedEncoder, optional
        Weights to start from; random if left out.

    Raises
    ------
    ConfigError
        If timm has no such model.
    ModelError
        If the weights are those of another.

    Examples
    --------
    >>> encoder = build_encoder("resnet10t", bands=1)
    >>> encoder(torch.zeros(2, 1, 64, 64)).shape
    torch.Size([2, 512])
    """
    if not timm.is_model(architecture):
        hint = nearest_name(architecture, timm.list_models()).partition(", ")[0]
        raise ConfigError(f"timm has no model {architecture!r}; {hint}")
    encoder: nn.Module = timm.create_model(architecture, num_classes=0, in_chans=bands)
    if start is not None:
        fill_encoder(encoder, start)
    return encoder.to(memory_format=CHANNELS_LAST)


@torch.no_grad()
def n_pooled(encoder: nn.Module, *, bands: int, side: int) -> int:
    """Return the number of features that an encoder makes of an image."""
    features = encoder.eval()(torch.zeros(1, bands, side, side))
    encoder.train()
    return int(features.shape[1])
