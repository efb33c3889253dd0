"""Learning, in seconds."""

import pytest
import torch

from galseg.errors import ConfigError, FeatureError
from galseg.train import SegmentationModule

TINY = {"side": 32, "encoder": "tu-mobilenetv3_small_050", "decoder_channels": (16, 8, 8)}


def make_batch():
    torch.manual_seed(0)
    fraction = torch.zeros(2, 3, 32, 32)
    fraction[:, 0, 12:20, 4:28] = 0.8
    valid = torch.ones_like(fraction, dtype=torch.bool)
    valid[:, 2] = False
    n_asked = torch.tensor([[10.0, 10.0, 0.0]] * 2)
    image = fraction[:, :1] + 0.05 * torch.randn(2, 1, 32, 32)
    votes = fraction * n_asked[..., None, None]
    return {
        "image": image,
        "fraction": fraction,
        "votes": votes,
        "n_asked": n_asked,
        "valid": valid,
        "galaxy_id": ["a", "b"],
    }


@pytest.mark.parametrize("loss", ["binomial", "beta_binomial", "l1", "focal", "dice"])
def test_every_loss_learns_what_a_crowd_drew(loss):
    torch.manual_seed(0)
    module = SegmentationModule(loss=loss, dropout=0.0, **TINY)
    module.log = lambda *args, **options: None
    batch = make_batch()
    optimizer = torch.optim.Adam(module.parameters(), lr=5e-3)
    for _ in range(60):
        optimizer.zero_grad()
        module.training_step(batch, 0).backward()
        optimizer.step()
    probability = module.train()(batch["image"]).sigmoid()
    assert probability[:, 0, 14:18, 8:24].mean() > 0.6
    assert probability[:, 1].mean() < 0.1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"side": 36}, ConfigError, "multiple of 8"),
        ({"loss": "mse"}, ConfigError, "no loss 'mse'"),
        ({"features": ("bar", "bar")}, FeatureError, "twice"),
    ],
)
def test_options_that_cannot_be_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        SegmentationModule(**(TINY | options))
