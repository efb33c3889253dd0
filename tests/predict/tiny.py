"""A network small enough to make in a test, and its card."""

import torch

from galseg.dataset.transforms import STRETCH
from galseg.models import ModelCard, build_network

OPTIONS = {"encoder": "tu-mobilenetv3_small_050", "decoder_channels": (16, 8, 8)}
SIDE = 64


def make_card(**changes):
    card = {
        "name": "test",
        "features": ("bar", "tidal"),
        "in_channels": 1,
        "dropout": 0.3,
        "decoder": "unet",
        "stem": False,
        "side": SIDE,
        "field_of_view": "image",
        "stretch": STRETCH,
        "temperatures": {"bar": 1.0, "tidal": 1.0},
        "thresholds": {"bar": 0.3, "tidal": 0.2},
        "vote_threshold": 0.2,
        **OPTIONS,
    }
    return ModelCard(**{**card, **changes})


def make_network(seed=0):
    torch.manual_seed(seed)
    return build_network(n_features=2, dropout=0.3, **OPTIONS).eval()
