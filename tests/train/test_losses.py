"""Losses against scipy's distributions."""

import numpy as np
import pytest
import torch
from scipy import stats

from galseg.errors import ConfigError
from galseg.train.losses import bce, beta_binomial, l1, masked_mean, pixel_loss

N_ASKED = torch.tensor([12.0, 30.0]).reshape(1, 2, 1, 1)
VOTES = torch.tensor([[0.0, 5.0, 12.0], [0.0, 11.0, 30.0]]).reshape(1, 2, 1, 3)
LOGITS = torch.tensor([[-3.0, 0.2, 1.0], [-0.5, -1.0, 4.0]]).reshape(1, 2, 1, 3)


def test_bce_is_the_binomial_score_a_vote_up_to_a_constant_of_the_data():
    n = N_ASKED.expand_as(VOTES).numpy()

    def binomial(logits):
        return -stats.binom.logpmf(VOTES.numpy(), n, logits.sigmoid().numpy()) / n

    other = LOGITS.flip(-1)
    expected = binomial(LOGITS) - binomial(other)
    found = bce(LOGITS, VOTES, N_ASKED) - bce(other, VOTES, N_ASKED)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_beta_binomial_is_scipys():
    p, n = LOGITS.sigmoid().numpy(), N_ASKED.expand_as(VOTES).numpy()
    expected = -stats.betabinom.logpmf(VOTES.numpy(), n, 20 * p, 20 * (1 - p)) / n
    found = beta_binomial(LOGITS, VOTES, N_ASKED)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_l1_is_the_difference_of_the_fractions():
    expected = np.abs(LOGITS.sigmoid().numpy() - (VOTES / N_ASKED).numpy())
    np.testing.assert_allclose(l1(LOGITS, VOTES, N_ASKED), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["bce", "beta_binomial", "l1"])
def test_the_fraction_itself_is_the_best_answer(name):
    votes, n_asked = torch.full((1, 1, 1, 1), 9.0), torch.full((1, 1, 1, 1), 30.0)
    grid = torch.linspace(0.05, 0.95, 91)
    logits = torch.logit(grid).reshape(-1, 1, 1, 1)
    scores = pixel_loss(name)(logits, votes.expand_as(logits), n_asked).flatten()
    assert grid[scores.argmin()].item() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("name", ["bce", "beta_binomial", "l1"])
def test_what_nobody_was_asked_teaches_nothing(name):
    logits = LOGITS.clone().requires_grad_()
    n_asked = torch.tensor([0.0, 30.0]).reshape(1, 2, 1, 1)
    votes = VOTES * (n_asked > 0)
    valid = (n_asked > 0).expand_as(votes)
    masked_mean(pixel_loss(name)(logits, votes, n_asked), valid).backward()
    assert logits.grad.isfinite().all()
    assert (logits.grad[:, 0] == 0).all()
    assert (logits.grad[:, 1] != 0).all()


def test_no_valid_pixel_is_no_loss():
    assert masked_mean(torch.ones(3), torch.zeros(3, dtype=torch.bool)) == 0


def test_an_unknown_loss_is_named():
    with pytest.raises(ConfigError, match="did you mean 'bce'"):
        pixel_loss("bec")
