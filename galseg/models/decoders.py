"""Decoders by name: from the features of an encoder to logits on the image's grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from segmentation_models_pytorch.base import SegmentationHead
from segmentation_models_pytorch.base.initialization import initialize_decoder, initialize_head
from segmentation_models_pytorch.decoders.deeplabv3.decoder import DeepLabV3PlusDecoder
from segmentation_models_pytorch.decoders.fpn.decoder import FPNDecoder
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder
from segmentation_models_pytorch.decoders.unetplusplus.decoder import UnetPlusPlusDecoder
from torch import Tensor, nn

from galseg.errors import ConfigError, nearest_name

__all__ = ["DECODERS", "Decoder", "build_decoder", "deepest_stride"]

_DEEPLAB_STRIDE = 16
_DEEPLAB_DRAWN_STRIDE = 4
_ATROUS_RATES = (12, 24, 36)  # of DeepLabV3+ at a stride of 16
_FPN_LEVELS = 4
_FPN_NORM_GROUPS = 32


class Decoder(NamedTuple):
    """What follows an encoder.

    Attributes
    ----------
    body : torch.nn.Module
        From a list of features, the largest first, to one feature map.
    head : torch.nn.Sequential
        A convolution to the output channels, and what brings them to the image's grid.
    """

    body: nn.Module
    head: nn.Sequential


class FullSkipUnetDecoder(UnetDecoder):  # type: ignore[misc]
    """A U-Net decoder whose last stage has a skip too, at the image's own resolution."""

    def __init__(self, encoder_channels: Sequence[int], **options: object) -> None:
        super().__init__([0, *encoder_channels], **options)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Return the decoded features; the parent skips the first of those it is given."""
        decoded: Tensor = super().forward([features[0], *features])
        return decoded


def deepest_stride(decoder: str, depth: int) -> int:
    """Return the stride that a decoder wants the last of an encoder's stages to have.

    Examples
    --------
    >>> deepest_stride("unet", 5), deepest_stride("deeplabv3+", 5)
    (32, 16)
    """
    stride: int = 2**depth
    return min(stride, _DEEPLAB_STRIDE) if decoder == "deeplabv3+" else stride


def build_decoder(
    name: str,
    *,
    encoder_channels: Sequence[int],
    decoder_channels: Sequence[int],
    stem: bool,
    n_features: int,
) -> Decoder:
    """Build a decoder with random weights.

    Parameters
    ----------
    name : str
        ``"unet"`` and ``"unet++"`` draw at full resolution, ``"fpn"`` at that of the fourth
        deepest features, and ``"deeplabv3+"`` at a stride of 4; from there their maps are
        interpolated.
    encoder_channels : sequence of int
        Of the features, the image's own resolution first; 0 where the encoder has none.
    decoder_channels : sequence of int
        One number a stage, deepest first. ``"fpn"`` takes the first for its pyramid and the
        second, a multiple of 32, for what it draws with; ``"deeplabv3+"`` takes the first.
    stem : bool
        Whether the features are those of a `StemmedEncoder`.
    n_features : int
        Output channels.

    Returns
    -------
    Decoder

    Raises
    ------
    ConfigError
        If the name is unknown, or these features are not what the decoder needs.

    References
    ----------
    U-Net: Ronneberger, O. et al. (2015), doi:10.1007/978-3-319-24574-4_28. U-Net++: Zhou, Z. et
    al. (2018), arXiv:1807.10165. FPN: Kirillov, A. et al. (2019), arXiv:1901.02446. DeepLabV3+:
    Chen, L.-C. et al. (2018), arXiv:1802.02611.
    """
    if name not in DECODERS:
        raise ConfigError(f"no decoder {name!r}; {nearest_name(name, DECODERS)}")
    body, head = DECODERS[name](encoder_channels, tuple(decoder_channels), stem, n_features)
    initialize_decoder(body)
    initialize_head(head)
    return Decoder(body, head)


def _unet(channels: Sequence[int], widths: Sequence[int], stem: bool, n_features: int) -> Decoder:
    kind = FullSkipUnetDecoder if stem else UnetDecoder
    body = kind(channels, decoder_channels=widths, n_blocks=len(widths))
    return Decoder(body, SegmentationHead(widths[-1], n_features, kernel_size=3))


def _unet_plus_plus(
    channels: Sequence[int], widths: Sequence[int], stem: bool, n_features: int
) -> Decoder:
    del stem  # its dense skips begin at a stride of 2, which the stem has too
    body = UnetPlusPlusDecoder(channels, decoder_channels=widths, n_blocks=len(widths))
    return Decoder(body, SegmentationHead(widths[-1], n_features, kernel_size=3))


def _fpn(channels: Sequence[int], widths: Sequence[int], stem: bool, n_features: int) -> Decoder:
    depth, (pyramid, width, *_) = len(widths), widths
    finest = len(channels) - _FPN_LEVELS
    if width % _FPN_NORM_GROUPS:
        raise ConfigError(
            f"the second of decoder_channels must be a multiple of {_FPN_NORM_GROUPS} for "
            f"decoder 'fpn', got {width}"
        )
    if 0 in channels[finest:]:
        raise ConfigError(
            f"decoder 'fpn' with {depth} stages needs features at a stride of 2, which this "
            "encoder has not; use 5 stages, or stem=True"
        )
    if stem and finest > 1:
        raise _unused_stem("fpn", "with 5 stages ")
    body = FPNDecoder(channels, depth, pyramid, width, dropout=0)
    return Decoder(body, SegmentationHead(width, n_features, kernel_size=1, upsampling=2**finest))


def _deeplab(
    channels: Sequence[int], widths: Sequence[int], stem: bool, n_features: int
) -> Decoder:
    if stem:
        raise _unused_stem("deeplabv3+", "")
    width = widths[0]
    body = DeepLabV3PlusDecoder(
        encoder_channels=channels,
        encoder_depth=len(widths),
        out_channels=width,
        atrous_rates=_ATROUS_RATES,
        output_stride=_DEEPLAB_STRIDE,
        aspp_separable=True,
        aspp_dropout=0,
    )
    head = SegmentationHead(width, n_features, kernel_size=1, upsampling=_DEEPLAB_DRAWN_STRIDE)
    return Decoder(body, head)


def _unused_stem(decoder: str, when: str) -> ConfigError:
    return ConfigError(
        f"decoder {decoder!r} {when}uses no features finer than a stride of 4, so a stem would "
        "be idle; use stem=False, or decoder 'unet'"
    )


DECODERS: dict[str, Callable[[Sequence[int], Sequence[int], bool, int], Decoder]] = {
    "unet": _unet,
    "unet++": _unet_plus_plus,
    "fpn": _fpn,
    "deeplabv3+": _deeplab,
}
