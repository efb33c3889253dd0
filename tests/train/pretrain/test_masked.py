"""Masked autoencoding against loops and against what a Fourier transform must do."""

import numpy as np
import pytest
import timm
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from galseg.errors import ConfigError, ShapeError
from galseg.train.pretrain.fourier import FrequencyBands
from galseg.train.pretrain.masked import MaskedAutoencoder
from galseg.train.pretrain.patches import PixelPatches

DOMAINS = ["pixel", "fourier"]


class Encoder(nn.Module):
    """Convolutions with a stride of 4, which remember what they saw."""

    def __init__(self, bands=2):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(bands, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.last_input = None

    def forward_features(self, images):
        self.last_input = images.detach().clone()
        return self.layers(images)


def make_model(domain, **changes):
    torch.manual_seed(0)
    options = {"n_features": 16, "in_channels": 2, "patch": 4, "stride": 4, "cutoff": 0.15}
    return MaskedAutoencoder(Encoder(), domain=domain, **{**options, **changes})


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images():
    return torch.rand(3, 2, 16, 16, generator=seeded(5))


def parts_of(model, images, seed=0):
    """What is hidden, and what the model makes of the rest."""
    hidden = model.domain.draw(images, generator=seeded(seed))
    model.loss(images, generator=seeded(seed))
    predicted = model.decoder(model.encoder.forward_features(model.encoder.last_input))
    return hidden.numpy(), predicted.detach().numpy()


def test_the_pixel_loss_is_the_mean_over_hidden_and_observed_pixels(images):
    model, observed = make_model("pixel"), torch.rand(3, 16, 16, generator=seeded(7)) > 0.3
    hidden, predicted = parts_of(model, images)
    differences = [
        abs(predicted[n, band, y, x] - images[n, band, y, x].item())
        for n, band, y, x in np.ndindex(*images.shape)
        if hidden[n, 0, y, x] and observed[n, y, x]
    ]
    loss = model.loss(images, observed=observed, generator=seeded())
    assert loss.item() == pytest.approx(np.mean(differences), rel=1e-5)


def test_the_fourier_loss_is_the_mean_over_hidden_frequencies(images):
    model, observed = make_model("fourier"), torch.rand(3, 16, 16, generator=seeded(7)) > 0.3
    hidden, predicted = parts_of(model, images)
    difference = (predicted - images.numpy()) * observed.numpy()[:, None]
    u = np.exp(-2j * np.pi * np.outer(np.arange(16), np.arange(16)) / 16) / 4
    moduli = np.abs(u @ difference @ u.T)
    loss = model.loss(images, observed=observed, generator=seeded())
    expected = moduli[np.broadcast_to(hidden, moduli.shape)].mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("domain", DOMAINS)
def test_unobserved_pixels_carry_no_loss(images, domain):
    model, observed = make_model(domain), torch.zeros(3, 16, 16, dtype=torch.bool)
    loss = model.loss(images, observed=observed, generator=seeded())
    loss.backward()
    assert loss == 0
    assert all((p.grad == 0).all() for p in model.parameters())


def test_the_encoder_sees_nothing_of_a_hidden_pixel(images):
    model = make_model("pixel")
    hidden = model.domain.draw(images, generator=seeded())
    model.loss(images, generator=seeded())
    before = model.encoder.last_input
    assert (before[hidden.expand_as(before)] == 0).all()
    torch.testing.assert_close(before[~hidden.expand_as(before)], images[~hidden.expand_as(images)])
    model.loss(torch.where(hidden, 9.0, images), generator=seeded())
    assert torch.equal(model.encoder.last_input, before)


def test_the_encoder_sees_nothing_of_a_hidden_frequency(images):
    model = make_model("fourier")
    hidden = model.domain.draw(images, generator=seeded())[:, 0].numpy()
    model.loss(images, generator=seeded())
    seen = np.fft.fft2(model.encoder.last_input.numpy())
    whole = np.fft.fft2(images.numpy())
    assert {bool(mean) for mean in hidden[:, 0, 0]} == {True, False}  # both kinds are tried
    for n, band in np.ndindex(3, 2):
        np.testing.assert_allclose(seen[n, band][hidden[n]], 0, atol=1e-4)
        np.testing.assert_allclose(seen[n, band][~hidden[n]], whole[n, band][~hidden[n]], atol=1e-4)


@given(cutoff=st.floats(0.02, 0.49), ny=st.integers(2, 21), nx=st.integers(2, 21))
def test_light_is_shown_or_hidden_and_never_lost(cutoff, ny, nx):
    images = torch.rand(4, 1, ny, nx, generator=seeded(ny))
    bands = FrequencyBands(cutoff)
    hidden = bands.draw(images, generator=seeded(nx))
    zero = torch.zeros_like(images)
    shown, lost = bands.replace(images, zero, hidden), bands.replace(images, zero, ~hidden)
    torch.testing.assert_close(shown + lost, images)
    energy = [(part**2).sum((1, 2, 3)) for part in (images, shown, lost)]
    torch.testing.assert_close(energy[1] + energy[2], energy[0])  # Parseval, and real both
    assert ((shown * lost).sum((1, 2, 3)).abs() < 1e-4 * energy[0]).all()


@pytest.mark.parametrize("cycles", [1, 2, 5])
def test_the_cutoff_counts_cycles_a_pixel(cycles):
    wave = torch.sin(2 * torch.pi * cycles * torch.arange(32) / 32).expand(40, 1, 32, 32)
    bands = FrequencyBands(3 / 32)
    hidden = bands.draw(wave, generator=seeded())
    shown = bands.replace(wave, torch.zeros_like(wave), hidden).abs().amax((1, 2, 3)) > 0.5
    low_is_shown = ~hidden[:, 0, 0, 0]
    assert torch.equal(shown, low_is_shown if cycles < 3 else ~low_is_shown)
    assert 8 < low_is_shown.sum() < 32


@given(
    ratio=st.floats(0.01, 0.99),
    patch=st.integers(1, 5),
    rows=st.integers(1, 5),
    seed=st.integers(0),
)
def test_whole_patches_are_hidden_in_the_share_asked_for(ratio, patch, rows, seed):
    images = torch.zeros(3, 2, rows * patch, 3 * patch)
    hidden = PixelPatches(ratio, patch).draw(images, generator=seeded(seed % 1000))
    cells = hidden.reshape(3, rows, patch, 3, patch).permute(0, 1, 3, 2, 4).flatten(3)
    assert (cells.all(-1) == cells.any(-1)).all()
    n_hidden = cells.any(-1).sum((1, 2))
    assert (n_hidden == n_hidden[0]).all()
    assert 1 <= n_hidden[0] < 3 * rows
    assert abs(n_hidden[0] - ratio * 3 * rows) <= 1


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_picture_is_the_image_where_it_is_shown_and_the_answer_elsewhere(images, domain):
    model = make_model(domain).eval()
    masked, reconstructed = model.reconstruct(images, generator=seeded())
    hidden, predicted = parts_of(model, images)
    torch.testing.assert_close(masked, model.encoder.last_input)
    if domain == "fourier":
        spectra = [np.fft.fft2(part) for part in (predicted, images.numpy())]
        expected = np.fft.ifft2(np.where(hidden, *spectra)).real.astype(np.float32)
    else:
        expected = np.where(hidden, predicted, images.numpy())
    np.testing.assert_allclose(reconstructed, expected, atol=1e-5)
    assert not reconstructed.requires_grad


def train(domain, seed):
    torch.manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    sizes = torch.linspace(3, 9, 8).reshape(8, 1, 1, 1)
    galaxies = torch.exp(-torch.hypot(x - 15.5, y - 15.5) / sizes)
    options = {"n_features": 16, "in_channels": 1, "patch": 8, "stride": 4}
    model = MaskedAutoencoder(Encoder(bands=1), domain=domain, **options)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(40):
        loss = model.loss(galaxies, generator=seeded())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("domain", DOMAINS)
def test_training_fills_in_better_and_repeats(domain):
    losses = train(domain, 0)
    assert losses[-1] < 0.7 * losses[0]
    assert train(domain, 0) == losses


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("name", ["resnet10t", "mobilenetv3_small_050"])
def test_convolutional_encoders_of_timm_learn(domain, name):
    encoder = timm.create_model(name, in_chans=1, num_classes=0)
    model = MaskedAutoencoder(
        encoder, n_features=encoder.num_features, in_channels=1, domain=domain
    )
    model.loss(torch.rand(2, 1, 64, 64)).backward()
    assert next(encoder.parameters()).grad.abs().sum() > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"domain": "wavelet"},
        {"domain": "pixel", "mask_ratio": 0.0},
        {"domain": "pixel", "mask_ratio": 1.0},
        {"domain": "pixel", "patch": 0},
        {"domain": "fourier", "cutoff": 0.0},
        {"domain": "fourier", "cutoff": 0.5},
    ],
    ids=str,
)
def test_options_out_of_range_are_named(changes):
    with pytest.raises(ConfigError, match=list(changes)[-1]):
        make_model(**changes)


def test_an_encoder_that_makes_no_maps_is_refused():
    with pytest.raises(ConfigError, match="forward_features"):
        MaskedAutoencoder(nn.Flatten(), n_features=4, in_channels=1)


@pytest.mark.parametrize("side", [4, 6, 15])
def test_images_that_do_not_fit_the_patches_are_refused(side):
    with pytest.raises(ShapeError, match="patch of 4 pixels"):
        make_model("pixel").loss(torch.zeros(2, 2, side, side))


@pytest.mark.parametrize(
    ("changes", "side"), [({"n_features": 8}, 16), ({"stride": 8}, 16), ({}, 18)], ids=str
)
def test_an_encoder_of_other_dimensions_is_refused(changes, side):
    with pytest.raises(ShapeError, match=r"n_features and stride"):
        make_model("fourier", **changes).loss(torch.zeros(2, 2, side, side))


@pytest.mark.parametrize("observed", [torch.ones(3, 8, 8) > 0, torch.ones(3, 16, 16)])
def test_what_was_observed_must_fit(images, observed):
    with pytest.raises(ShapeError, match="observed must be bool"):
        make_model("pixel").loss(images, observed=observed)
