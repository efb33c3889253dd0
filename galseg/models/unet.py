"""Networks by name."""

from __future__ import annotations

from collections.abc import Sequence

import segmentation_models_pytorch as smp
from torch import Tensor, nn

from galseg.errors import ConfigError

__all__ = ["UNet", "build_unet"]

_LEAST_DECODER = 3
_DROPPED_DEPTHS = 2
_RARE_LOGIT = -4.0  # where learning starts: a pixel in fifty belongs to a feature


class UNet(nn.Module):
    """A U-Net with dropout on its deepest features and before its last layer.

    Parameters
    ----------
    net : segmentation_models_pytorch.Unet
    dropout : float
        Share of the channels that are dropped.

    References
    ----------
    Ronneberger, O. et al. (2015), doi:10.1007/978-3-319-24574-4_28. Dropping whole channels in
    prediction too gives draws of the answer: Gal, Y. & Ghahramani, Z. (2016), arXiv:1506.02142.
    """

    def __init__(self, net: smp.Unet, *, dropout: float) -> None:
        super().__init__()
        self.net = net
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (B, C, side, side) of images (B, bands, side, side)."""
        features = self.net.encoder(image)
        kept, deepest = features[:-_DROPPED_DEPTHS], features[-_DROPPED_DEPTHS:]
        decoded = self.net.decoder([*kept, *map(self.dropout, deepest)])
        logits: Tensor = self.net.segmentation_head(self.dropout(decoded))
        return logits


def build_unet(
    *,
    n_features: int,
    encoder: str = "tu-resnet18",
    decoder_channels: Sequence[int] = (128, 64, 32, 16, 16),
    in_channels: int = 1,
    dropout: float = 0.1,
) -> UNet:
    """Build a U-Net with random weights that takes every feature for rare.

    Parameters
    ----------
    n_features : int
        Output channels.
    encoder : str, optional
        Any encoder of segmentation-models-pytorch, which with ``"tu-"`` in front are those of
        timm that have a stride of 2 to 32.
    decoder_channels : sequence of int, optional
        One number a stage, deepest first; their count is the encoder's depth. The image's side
        must be a multiple of 2 to that power.
    in_channels : int, optional
        Bands of the image.
    dropout : float, optional
        0 to below 1.

    Returns
    -------
    UNet

    Raises
    ------
    ConfigError
        If the encoder is unknown or a number is out of its range.

    Examples
    --------
    >>> import torch
    >>> net = build_unet(n_features=2, decoder_channels=(32, 16, 8)).eval()
    >>> net(torch.zeros(1, 1, 32, 32)).shape
    torch.Size([1, 2, 32, 32])
    """
    if not 0 <= dropout < 1:
        raise ConfigError(f"dropout must be at least 0 and below 1, got {dropout}")
    if len(decoder_channels) < _LEAST_DECODER:
        raise ConfigError(f"decoder_channels needs 3 to 5 numbers, got {decoder_channels}")
    try:
        net = smp.Unet(
            encoder_name=encoder,
            encoder_depth=len(decoder_channels),
            encoder_weights=None,
            decoder_channels=tuple(decoder_channels),
            in_channels=in_channels,
            classes=n_features,
        )
    except (KeyError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"no U-Net with encoder {encoder!r}: {reason}") from error
    nn.init.constant_(net.segmentation_head[0].bias, _RARE_LOGIT)
    return UNet(net, dropout=dropout)
