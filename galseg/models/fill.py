"""Pretrained weights into the encoder of a network."""

from __future__ import annotations

from collections.abc import Iterator

from segmentation_models_pytorch.encoders import TimmUniversalEncoder
from timm.models import adapt_input_conv
from torch import Tensor, nn

from galseg.errors import ModelError
from galseg.models.pretrained import PretrainedEncoder, bare_model, first_convolution
from galseg.models.stem import StemmedEncoder
from galseg.models.strict import load_strictly

__all__ = ["fill_encoder"]


def fill_encoder(encoder: nn.Module, pretrained: PretrainedEncoder) -> None:
    """Fill an encoder with pretrained weights.

    Another number of bands is met as timm does it: several bands share the weights of those there
    were, a single band gets their sum.

    Parameters
    ----------
    encoder : torch.nn.Module
        A timm model, or the encoder of a `SegmentationNetwork` that was built from one. What it
        has no use for, as the last layer of a classifier, is left out; a stem keeps its own
        weights.
    pretrained : PretrainedEncoder
        From `find_encoder`.

    Raises
    ------
    ModelError
        If it is another architecture, or a weight is missing, left over or of another shape.

    Examples
    --------
    >>> import timm
    >>> model = timm.create_model("resnet18", num_classes=0)
    >>> source = PretrainedEncoder("resnet18", model.state_dict(), "", "", "memory")
    >>> fill_encoder(timm.create_model("resnet18", num_classes=0, in_chans=1), source)
    """
    model = _timm_model(encoder)
    built = getattr(model, "pretrained_cfg", {}).get("architecture")
    if built != pretrained.architecture:
        raise ModelError(
            f"{pretrained.origin} holds a {pretrained.architecture}, and the encoder is "
            f"{built or 'not from timm'}; use encoder='tu-{pretrained.architecture}'"
        )
    wanted, known = model.state_dict(), bare_model(pretrained.architecture).state_dict()
    weights: dict[str, Tensor] = {}
    for name, tensor in pretrained.weights.items():
        place = next((spelling for spelling in _spellings(name) if spelling in wanted), None)
        if place is not None:
            weights[place] = tensor
        elif name not in known:
            weights[name] = tensor  # left over, and refused for it
    for first in _spellings(first_convolution(pretrained.architecture)):
        if first in wanted and first in weights:
            weights[first] = _for_bands(weights[first], wanted[first].shape[1])
    load_strictly(model, weights, source=pretrained.origin)


def _timm_model(encoder: nn.Module) -> nn.Module:
    if isinstance(encoder, StemmedEncoder):
        encoder = encoder.backbone
    if isinstance(encoder, TimmUniversalEncoder):
        encoder = encoder.model
    return encoder


def _spellings(name: str) -> Iterator[str]:
    """Yield how timm's wrappers for features may call a weight of the plain model."""
    yield name
    yield name.replace(".", "_", 1)
    yield f"model.{name}"


def _for_bands(weight: Tensor, n_bands: int) -> Tensor:
    adapted: Tensor = adapt_input_conv(n_bands, weight, base_chans=weight.shape[1])
    return adapted
