"""Full resolution for encoders that begin with a coarse one."""

from __future__ import annotations

from typing import Any

import torch
from timm.layers import ConvNormAct
from torch import Tensor, nn

__all__ = ["StemmedEncoder"]

_CHANNELS = (16, 32)


class StemmedEncoder(nn.Module):
    """An encoder beside a few convolutions that see the image at full and at half resolution.

    ConvNeXt and Swin begin with patches of four pixels, which is about as wide as a thin spiral
    arm on the grid of a network: without a stem their decoder has no finer features to draw with.
    What the stem sees is joined to the encoder's own features at those two strides, where it has
    any.

    Parameters
    ----------
    backbone : torch.nn.Module
        Encoder of segmentation-models-pytorch, with ``out_channels``.
    in_channels : int
        Bands of the image.

    References
    ----------
    Xiao, T. et al. (2021), "Early Convolutions Help Transformers See Better", arXiv:2106.14881.
    """

    def __init__(self, backbone: nn.Module, *, in_channels: int) -> None:
        super().__init__()
        full, half = _CHANNELS
        self.backbone = backbone
        self.stem_full = nn.Sequential(
            ConvNormAct(in_channels, full, kernel_size=3), ConvNormAct(full, full, kernel_size=3)
        )
        self.stem_half = nn.Sequential(
            ConvNormAct(full, half, kernel_size=3, stride=2),
            ConvNormAct(half, half, kernel_size=3),
        )
        channels: Any = backbone.out_channels
        own = list(channels)
        self.out_channels = [own[0] + full, own[1] + half, *own[2:]]

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the features of images (B, bands, side, side), the largest first."""
        own_full, own_half, *deeper = self.backbone(image)
        full = self.stem_full(image)
        half = self.stem_half(full)
        return [torch.cat([full, own_full], 1), torch.cat([half, own_half], 1), *deeper]
