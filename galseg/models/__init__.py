"""Networks, and their files and cards."""

from galseg.models.card import ModelCard, read_card
from galseg.models.files import load_network, save_model
from galseg.models.registry import model_stem, shipped_models
from galseg.models.unet import UNet, build_unet

__all__ = [
    "ModelCard",
    "UNet",
    "build_unet",
    "load_network",
    "model_stem",
    "read_card",
    "save_model",
    "shipped_models",
]
