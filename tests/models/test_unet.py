"""Networks by name."""

import pytest
import torch

from galseg.errors import ConfigError
from galseg.models import build_unet

SMALL = {"encoder": "tu-mobilenetv3_small_050", "decoder_channels": (16, 8, 8)}


@pytest.mark.parametrize("encoder", ["resnet18", "tu-resnet18", "tu-mobilenetv3_small_050"])
def test_maps_have_the_size_of_the_image(encoder):
    network = build_unet(n_features=4, encoder=encoder, decoder_channels=(16, 8, 8), in_channels=2)
    assert network(torch.zeros(2, 2, 32, 48)).shape == (2, 4, 32, 48)


def test_features_are_taken_for_rare_before_training():
    network = build_unet(n_features=3, **SMALL).eval()
    assert network(torch.rand(4, 1, 64, 64)).sigmoid().median() < 0.1


def test_dropout_acts_in_training_only():
    network = build_unet(n_features=1, dropout=0.5, **SMALL).eval()
    image = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(network(image), network(image))
    network.dropout.train()
    assert not torch.equal(network(image), network(image))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "resnet19"}, "'resnet19'"),
        ({"encoder": "tu-resnet19"}, "'tu-resnet19'"),
        ({"dropout": 1.0}, "dropout"),
        ({"decoder_channels": (8,)}, "decoder_channels"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        build_unet(n_features=1, **options)
