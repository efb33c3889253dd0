"""Networks by name."""

import pytest
import timm
import torch

from galseg.errors import ConfigError
from galseg.models import build_network, check_side

SMALL = {"encoder": "tu-mobilenetv3_small_050", "decoder_channels": (16, 8, 8)}
DECODERS = ["unet", "unet++", "fpn", "deeplabv3+"]


@pytest.mark.parametrize("encoder", ["resnet18", "tu-resnet18", "tu-mobilenetv3_small_050"])
def test_maps_have_the_size_of_the_image(encoder):
    network = build_network(
        n_features=4, encoder=encoder, decoder_channels=(16, 8, 8), in_channels=2
    )
    assert network(torch.zeros(2, 2, 32, 48)).shape == (2, 4, 32, 48)


@pytest.mark.parametrize("depth", [3, 4, 5])
@pytest.mark.parametrize("decoder", DECODERS)
def test_every_decoder_draws_draws_and_learns(decoder, depth):
    widths = (32, 32, 16, 8, 8)[:depth]
    encoder = "tu-mobilenetv3_small_050"
    network = build_network(
        n_features=2, encoder=encoder, decoder=decoder, decoder_channels=widths, dropout=0.5
    )
    logits = network(torch.rand(2, 1, 64, 64))
    assert logits.shape == (2, 2, 64, 64)
    logits.sum().backward()
    assert all(p.grad is not None for p in network.net["decoder"].parameters())
    draws_differ_only_with_dropout(network)


def draws_differ_only_with_dropout(network):
    network.eval()
    image = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(network(image), network(image), rtol=0, atol=0)
        network.dropout.train()
        assert not torch.equal(network(image), network(image))


@pytest.mark.parametrize("decoder", ["unet", "unet++"])
def test_a_stem_sees_what_patches_of_four_pixels_miss(decoder):
    image = torch.rand(1, 1, 32, 32)
    chequered = image.clone()
    chequered[..., ::2] += 0.5
    chequered[..., 1::2] -= 0.5  # every patch keeps its mean
    for stem in (False, True):
        network = build_network(
            n_features=1,
            encoder="tu-convnext_atto",
            decoder=decoder,
            decoder_channels=(16, 8, 8),
            stem=stem,
        ).eval()
        backbone = network.encoder.backbone if stem else network.encoder
        torch.nn.init.constant_(backbone.model.stem_0.weight, 0.1)
        with torch.no_grad():
            difference = (network(image) - network(chequered)).abs().max()
        assert difference > 1e-2 if stem else difference < 1e-4


def test_the_stem_is_light_and_used_at_both_strides():
    options = {"n_features": 1, "encoder": "tu-convnext_atto", "in_channels": 3}
    plain, stemmed = (build_network(stem=stem, **options) for stem in (False, True))
    sizes = [sum(p.numel() for p in network.parameters()) for network in (plain, stemmed)]
    assert 0 < sizes[1] - sizes[0] < 0.02 * sizes[0]
    full, half, *_ = stemmed.encoder(torch.rand(1, 3, 64, 64))
    assert full.shape == (1, 16 + 3, 64, 64)
    assert half.shape == (1, 32, 32, 32)
    stemmed(torch.rand(2, 3, 64, 64)).sum().backward()
    assert all(p.grad.abs().max() > 0 for p in stemmed.encoder.stem_full.parameters())


def test_a_stem_joins_the_features_of_an_encoder_that_has_some():
    network = build_network(
        n_features=1, stem=True, decoder="fpn", decoder_channels=(32, 32, 16, 8)
    )
    _, half, *deeper = network.encoder(torch.rand(2, 1, 64, 64))
    own = timm.create_model("resnet18", features_only=True).feature_info.channels()
    assert [f.shape[1] for f in (half, *deeper)] == [own[0] + 32, *own[1:4]]
    assert network(torch.rand(2, 1, 64, 64)).shape == (2, 1, 64, 64)


def test_features_are_taken_for_rare_before_training():
    network = build_network(n_features=3, **SMALL).eval()
    assert network(torch.rand(4, 1, 64, 64)).sigmoid().median() < 0.1


def test_dropout_acts_in_training_only():
    network = build_network(n_features=1, dropout=0.5, **SMALL)
    draws_differ_only_with_dropout(network)


def test_a_side_that_the_encoder_cannot_take_is_refused():
    network = build_network(
        n_features=1, encoder="tu-maxvit_tiny_rw_224", decoder_channels=(8,) * 5
    )
    with pytest.raises(ConfigError, match="side 128"):
        check_side(network, 128, in_channels=1)
    assert network.training


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "resnet19"}, "'resnet19'"),
        ({"encoder": "tu-resnet19"}, "'tu-resnet19'"),
        ({"encoder": "tu-vit_tiny_patch16_224"}, "'tu-vit_tiny_patch16_224'"),
        ({"decoder": "unet+"}, "did you mean 'unet"),
        ({"decoder": "fpn", "decoder_channels": (32, 24, 16, 8, 8)}, "multiple of 32 .*got 24"),
        ({"decoder": "fpn", "decoder_channels": (32,) * 5, "stem": True}, "stem would be idle"),
        ({"decoder": "deeplabv3+", "stem": True}, "stem would be idle"),
        (
            {"decoder": "fpn", "encoder": "tu-convnext_atto", "decoder_channels": (32,) * 4},
            "a stride of 2.*stem=True",
        ),
        (
            {"decoder": "deeplabv3+", "encoder": "tu-maxvit_tiny_rw_224"},
            "5 stages and a stride of 16",
        ),
        ({"dropout": 1.0}, "dropout"),
        ({"decoder_channels": (8,)}, "decoder_channels"),
        ({"decoder_channels": (8,) * 6}, "3 to 5 numbers"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        build_network(n_features=1, **options)
