"""Networks, and their files and cards."""

from galseg.models.card import ModelCard, read_card
from galseg.models.encoders import (
    PretrainedEncoder,
    encoder_names,
    fill_encoder,
    find_encoder,
    save_encoder,
)
from galseg.models.files import load_network, save_model
from galseg.models.network import SegmentationNetwork, build_network, check_side
from galseg.models.registry import model_stem, shipped_models

__all__ = [
    "ModelCard",
    "PretrainedEncoder",
    "SegmentationNetwork",
    "build_network",
    "check_side",
    "encoder_names",
    "fill_encoder",
    "find_encoder",
    "load_network",
    "model_stem",
    "read_card",
    "save_encoder",
    "save_model",
    "shipped_models",
]
