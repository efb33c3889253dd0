"""BYOL against its formulas in NumPy."""

import math
import sys

import numpy as np
import pytest
import torch
from torch import nn

from galseg.errors import ConfigError, MissingDependencyError, ShapeError

pytest.importorskip("lightly", reason="needs the extra galseg[pretrain]")

from galseg.train.pretrain.byol import Byol

SMALL = {"n_features": 8, "projection": 6, "hidden": 16}


def make_encoder():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )


@pytest.fixture
def byol():
    torch.manual_seed(0)
    model = Byol(make_encoder(), **SMALL)
    with torch.no_grad():
        for parameter in model.target_encoder.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    return model


@pytest.fixture
def views():
    generator = torch.Generator().manual_seed(1)
    return [torch.rand(5, 1, 16, 16, generator=generator) for _ in range(2)]


def cosine(one, other):
    return float(one @ other / np.sqrt((one @ one) * (other @ other)))


def test_the_loss_is_the_mean_negative_cosine_of_both_directions(byol, views):
    foretold = [byol.predictor(byol.projector(byol.encoder(v))).detach().numpy() for v in views]
    target = [byol.target_projector(byol.target_encoder(v)).numpy() for v in views]
    cosines = [
        cosine(foretold[way][galaxy], target[1 - way][galaxy])
        for way in (0, 1)
        for galaxy in range(5)
    ]
    loss = byol.loss(*views)
    assert loss.item() == pytest.approx(-np.mean(cosines), abs=1e-6)
    assert byol.loss(*views[::-1]).item() == pytest.approx(loss.item(), abs=1e-6)


def test_features_come_with_the_loss_and_carry_a_gradient(byol, views):
    loss, features = byol.loss_and_features(*views)
    expected = torch.cat([byol.encoder(view) for view in views])
    torch.testing.assert_close(features, expected)
    torch.testing.assert_close(loss, byol.loss(*views))
    assert features.requires_grad


def test_no_gradient_reaches_the_target(byol, views):
    byol.loss(*views).backward()
    for name, parameter in byol.named_parameters():
        if name.startswith("target_"):
            assert parameter.grad is None
            assert not parameter.requires_grad
        else:
            assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("step", [0, 3, 9])
def test_the_target_follows_by_the_formula(byol, step):
    momentum = 1 - (1 - 0.99) * (math.cos(math.pi * step / 9) + 1) / 2
    pairs = [(byol.encoder, byol.target_encoder), (byol.projector, byol.target_projector)]
    expected = [
        momentum * slow.detach() + (1 - momentum) * fast.detach()
        for online, target in pairs
        for fast, slow in zip(online.parameters(), target.parameters(), strict=True)
    ]
    byol.update_target(step, 10)
    found = [slow for _, target in pairs for slow in target.parameters()]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-7)


def train(seed):
    torch.manual_seed(seed)
    model = Byol(make_encoder(), **SMALL, momentum=0.9)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    galaxies = torch.rand(16, 1, 16, 16)
    losses = []
    for step in range(30):
        loss = model.loss(galaxies, galaxies.flip(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.update_target(step, 30)
        losses.append(loss.item())
    return losses


def test_training_brings_the_views_together_and_repeats():
    losses = train(0)
    assert losses[-1] < losses[0] - 0.3
    assert train(0) == losses
    assert train(1) != losses


def test_a_collapse_shows_in_the_spread():
    generator = torch.Generator().manual_seed(0)
    assert Byol.spread(torch.ones(32, 64)) == pytest.approx(0, abs=1e-6)
    everywhere = torch.randn(2000, 64, generator=generator)
    assert Byol.spread(everywhere).item() == pytest.approx(1, abs=0.02)
    unit = everywhere.numpy() / np.linalg.norm(everywhere.numpy(), axis=1, keepdims=True)
    expected = 8 * unit.std(axis=0, ddof=1).mean()
    assert Byol.spread(7 * everywhere).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("shapes", [((1, 1, 8, 8),) * 2, ((4, 1, 8, 8), (3, 1, 8, 8))])
def test_views_that_cannot_be_compared_are_refused(byol, shapes):
    with pytest.raises(ShapeError, match="two views"):
        byol.loss(*map(torch.zeros, shapes))


def test_one_galaxy_can_be_judged_but_not_learnt_from(byol, views):
    byol.eval()
    alone = [byol.loss(*(view[n : n + 1] for view in views)) for n in range(5)]
    torch.testing.assert_close(torch.stack(alone).mean(), byol.loss(*views))


def test_options_out_of_range_are_refused(byol):
    with pytest.raises(ConfigError, match="momentum"):
        Byol(make_encoder(), **SMALL, momentum=1.5)
    for step in (-1, 11):
        with pytest.raises(ConfigError, match="step must be 0 to 10"):
            byol.update_target(step, 10)


def test_without_lightly_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightly.loss", None)
    with pytest.raises(MissingDependencyError, match=r"pip install .*galseg\[pretrain\]"):
        Byol(make_encoder(), **SMALL)
