"""Losses of whole batches: what counts, and what is learnt."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_f1_score

from galseg.errors import ConfigError
from galseg.train.losses import LOSSES, BetaBinomialLoss, build_loss, dice, masked_mean

EVERY = pytest.mark.parametrize("name", list(LOSSES))


def a_batch(seed=0):
    generator = torch.Generator().manual_seed(seed)
    n_asked = torch.tensor([[12.0, 30.0], [15.0, 0.0]])
    share = torch.rand(2, 2, 4, 4, generator=generator)
    votes = (share * n_asked[..., None, None]).round()
    valid = (torch.rand(2, 2, 4, 4, generator=generator) < 0.7) & (n_asked > 0)[..., None, None]
    return torch.randn(2, 2, 4, 4, generator=generator), votes, n_asked, valid


@EVERY
def test_only_valid_pixels_teach(name):
    logits, votes, n_asked, valid = a_batch()
    logits.requires_grad_()
    loss = build_loss(name, n_features=2)(logits, votes, n_asked, valid)
    loss.backward()
    assert loss.shape == ()
    assert logits.grad.isfinite().all()
    assert (logits.grad[~valid] == 0).all()
    assert (logits.grad[valid] != 0).all()


@EVERY
def test_what_is_not_valid_may_be_anything(name):
    logits, votes, n_asked, valid = a_batch()
    loss = build_loss(name, n_features=2)
    other = torch.where(valid, logits, 7.0), torch.where(valid, votes, 1.0)
    assert loss(*other, n_asked, valid) == loss(logits, votes, n_asked, valid)


@EVERY
def test_features_are_learnt_each_for_itself(name):
    logits, votes, n_asked, valid = a_batch()
    other = logits.clone()
    other[:, 1] += 1

    def gradient(of):
        of = of.clone().requires_grad_()
        build_loss(name, n_features=2)(of, votes, n_asked, valid).backward()
        return of.grad[:, 0]

    assert torch.equal(gradient(logits), gradient(other))


@EVERY
def test_no_valid_pixel_is_no_loss(name):
    logits, votes, n_asked, valid = a_batch()
    assert build_loss(name, n_features=2)(logits, votes, n_asked, valid & False) == 0


@EVERY
def test_logits_of_16_bits_are_scored_with_32(name):
    logits, votes, n_asked, valid = a_batch()
    short = logits.bfloat16()
    loss = build_loss(name, n_features=2)
    assert loss(short, votes, n_asked, valid) == loss(short.float(), votes, n_asked, valid)


@EVERY
def test_a_mask_where_nobody_saw_anything_costs(name):
    votes, n_asked = torch.zeros(1, 1, 4, 4), torch.full((1, 1), 30.0)
    valid = torch.ones_like(votes, dtype=torch.bool)
    loss = build_loss(name, n_features=1)
    drawn, empty = (loss(torch.full_like(votes, x), votes, n_asked, valid) for x in (2, -6))
    assert drawn > empty + 0.1


def test_dice_of_masks_is_the_f1_score():
    generator = torch.Generator().manual_seed(0)
    mask, truth, valid = (torch.rand(3, 2, 9, 9, generator=generator) < s for s in (0.4, 0.5, 0.8))
    found = dice(mask.float(), truth.float(), valid, smooth=0)
    for channel in range(2):
        seen = valid[:, channel]
        expected = binary_f1_score(mask[:, channel][seen].int(), truth[:, channel][seen].int())
        torch.testing.assert_close(found[channel], expected)


def test_dice_is_greatest_where_the_probability_is_the_fraction():
    fraction = torch.tensor([0.1, 0.5, 0.8]).reshape(1, 1, 1, 3)
    valid = torch.ones_like(fraction, dtype=torch.bool)
    assert dice(fraction, fraction, valid) == 1
    for moved in (fraction - 0.05, fraction + 0.05, fraction.round()):
        assert dice(moved, fraction, valid) < 1


def test_a_learned_concentration_is_that_of_the_crowds():
    rng = np.random.default_rng(0)
    true, n, p = np.array([4.0, 60.0]), 30, 0.3
    votes = np.stack([rng.binomial(n, rng.beta(c * p, c * (1 - p), (50, 50))) for c in true])
    loss = BetaBinomialLoss(2, concentration="learned")
    optimizer = torch.optim.LBFGS(loss.parameters(), max_iter=50)
    batch = (
        torch.full((1, 2, 50, 50), p).logit(),
        torch.from_numpy(votes)[None].float(),
        torch.full((1, 2), float(n)),
        torch.ones(1, 2, 50, 50, dtype=torch.bool),
    )

    def closure():
        optimizer.zero_grad()
        value = loss(*batch)
        value.backward()
        return value

    optimizer.step(closure)
    np.testing.assert_allclose(loss.log_concentration.detach().exp(), true, rtol=0.15)


def test_the_mean_is_of_valid_values():
    values = torch.tensor([1.0, torch.nan, 3.0])
    assert masked_mean(values, torch.tensor([True, False, True])) == 2


@pytest.mark.parametrize("concentration", [0, -3.0, float("nan"), float("inf"), "learnt"])
def test_a_concentration_that_cannot_be_is_refused(concentration):
    with pytest.raises(ConfigError, match="'learned'"):
        build_loss("beta_binomial", n_features=1, concentration=concentration)


def test_an_unknown_loss_is_named():
    with pytest.raises(ConfigError, match="did you mean 'binomial'"):
        build_loss("binomal", n_features=1)
