"""Networks by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from segmentation_models_pytorch.encoders import get_encoder
from torch import Tensor, nn

from galseg.errors import ConfigError
from galseg.models.decoders import Decoder, build_decoder, deepest_stride
from galseg.models.stem import StemmedEncoder

__all__ = ["CHANNELS_LAST", "SegmentationNetwork", "build_network", "check_side"]

_DEPTHS = (3, 4, 5)
_DROPPED_DEPTHS = 2
_RARE_LOGIT = -4.0  # where learning starts: a pixel in fifty belongs to a feature


CHANNELS_LAST = torch.channels_last
"""Memory format of weights in training: twice as fast on a CPU where channels are few."""


class SegmentationNetwork(nn.Module):
    """An encoder and a decoder, with dropout on the deepest features and before the last layer.

    Parameters
    ----------
    encoder : torch.nn.Module
        From an image to its features, one tensor a halving of the side, the image's own side first.
    decoder : Decoder
    dropout : float
        Share of the channels that are dropped.

    References
    ----------
    Dropping whole channels in prediction too gives draws of the answer: Gal, Y. & Ghahramani, Z.
    (2016), arXiv:1506.02142.
    """

    def __init__(self, encoder: nn.Module, decoder: Decoder, *, dropout: float) -> None:
        super().__init__()
        self.net = nn.ModuleDict(
            {"encoder": encoder, "decoder": decoder.body, "segmentation_head": decoder.head}
        )
        self.dropout = nn.Dropout2d(dropout)

    @property
    def encoder(self) -> nn.Module:
        """What `fill_encoder` fills."""
        return self.net["encoder"]

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (B, C, side, side) of images (B, bands, side, side)."""
        features = self.encoder(image)
        kept, deepest = features[:-_DROPPED_DEPTHS], features[-_DROPPED_DEPTHS:]
        decoded = self.net["decoder"]([*kept, *map(self.dropout, deepest)])
        logits: Tensor = self.net["segmentation_head"](self.dropout(decoded))
        return logits


def build_network(
    *,
    n_features: int,
    encoder: str = "tu-resnet18",
    decoder: str = "unet",
    decoder_channels: Sequence[int] = (128, 64, 32, 16, 16),
    stem: bool = False,
    in_channels: int = 1,
    dropout: float = 0.1,
) -> SegmentationNetwork:
    """Build a network with random weights that takes every feature for rare.

    Parameters
    ----------
    n_features : int
        Output channels.
    encoder : str, optional
        Any encoder of segmentation-models-pytorch, which with ``"tu-"`` in front are those of
        timm whose features halve from stage to stage.
    decoder : str, optional
        ``"unet"``, ``"unet++"``, ``"fpn"`` or ``"deeplabv3+"``, see `build_decoder`.
    decoder_channels : sequence of int, optional
        One number a stage, deepest first; their count is the encoder's depth. The image's side
        must be a multiple of 2 to that power.
    stem : bool, optional
        Whether to see the image at full resolution too, see `StemmedEncoder`.
    in_channels : int, optional
        Bands of the image.
    dropout : float, optional
        0 to below 1.

    Returns
    -------
    SegmentationNetwork

    Raises
    ------
    ConfigError
        If the encoder or decoder is unknown, a number is out of its range, or they do not go
        together.

    Examples
    --------
    >>> import torch
    >>> net = build_network(n_features=2, decoder_channels=(32, 16, 8)).eval()
    >>> net(torch.zeros(1, 1, 32, 32)).shape
    torch.Size([1, 2, 32, 32])
    """
    if not 0 <= dropout < 1:
        raise ConfigError(f"dropout must be at least 0 and below 1, got {dropout}")
    depth = len(decoder_channels)
    if depth not in _DEPTHS:
        raise ConfigError(f"decoder_channels needs 3 to 5 numbers, got {tuple(decoder_channels)}")
    built: Any = _build_encoder(
        encoder, depth=depth, in_channels=in_channels, stride=deepest_stride(decoder, depth)
    )
    if stem:
        built = StemmedEncoder(built, in_channels=in_channels)
    parts = build_decoder(
        decoder,
        encoder_channels=built.out_channels,
        decoder_channels=decoder_channels,
        stem=stem,
        n_features=n_features,
    )
    convolution: Any = parts.head[0]
    nn.init.constant_(convolution.bias, _RARE_LOGIT)
    return SegmentationNetwork(built, parts, dropout=dropout)


def check_side(network: SegmentationNetwork, side: int, *, in_channels: int) -> None:
    """Make sure that a network takes images of a size.

    Encoders with attention in windows, such as MaxViT, take only multiples of the size that they
    are named for.

    Parameters
    ----------
    network : SegmentationNetwork
    side : int
        In pixels.
    in_channels : int
        Bands of the image.

    Raises
    ------
    ConfigError
        If it does not.

    Examples
    --------
    >>> net = build_network(n_features=1, decoder_channels=(32, 16, 8))
    >>> check_side(net, 64, in_channels=1)
    """
    training = network.training
    device = next(network.parameters()).device
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, in_channels, side, side, device=device))
    except (AssertionError, RuntimeError, ValueError) as error:
        raise ConfigError(f"this network takes no images of side {side}: {error}") from error
    finally:
        network.train(training)


def _build_encoder(name: str, *, depth: int, in_channels: int, stride: int) -> nn.Module:
    dilated = stride != 2**depth
    try:
        encoder: nn.Module = get_encoder(
            name,
            in_channels=in_channels,
            depth=depth,
            weights=None,
            **({"output_stride": stride} if dilated else {}),
        )
    except (AssertionError, AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        needed = f" with {depth} stages and a stride of {stride}" if dilated else ""
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"no encoder {name!r}{needed}: {reason}") from error
    return encoder
