"""Pixel losses against scipy's distributions and torchvision."""

import numpy as np
import pytest
import torch
from scipy import special, stats
from torchvision.ops import sigmoid_focal_loss

from galseg.train.pixel_losses import beta_binomial, binomial, focal, l1

N_ASKED = torch.tensor([12.0, 30.0]).reshape(1, 2, 1, 1)
VOTES = torch.tensor([[0.0, 5.0, 12.0], [0.0, 11.0, 30.0]]).reshape(1, 2, 1, 3)
LOGITS = torch.tensor([[-3.0, 0.2, 1.0], [-0.5, -1.0, 4.0]]).reshape(1, 2, 1, 3)
EVERY = pytest.mark.parametrize("loss", [binomial, beta_binomial, l1, focal])


def test_binomial_is_scipys_up_to_a_constant_of_the_votes():
    n = N_ASKED.expand_as(VOTES).numpy()

    def expected(logits):
        return -stats.binom.logpmf(VOTES.numpy(), n, logits.sigmoid().numpy()) / n

    other = LOGITS.flip(-1)
    found = binomial(LOGITS, VOTES, N_ASKED) - binomial(other, VOTES, N_ASKED)
    np.testing.assert_allclose(found, expected(LOGITS) - expected(other), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("concentration", [0.5, 20.0, 1e5])
def test_beta_binomial_is_scipys(concentration):
    logits, n = LOGITS.double(), N_ASKED.expand_as(VOTES).double().numpy()
    a, b = (concentration * special.expit(sign * logits.numpy()) for sign in (1, -1))
    expected = -stats.betabinom.logpmf(VOTES.double().numpy(), n, a, b) / n
    found = beta_binomial(logits, VOTES, N_ASKED, concentration=concentration)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_beta_binomial_of_votes_that_are_not_whole():
    k, n, a, b = 2.5, 12.0, 6.0, 14.0
    choose = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    expected = -(choose + special.betaln(k + a, n - k + b) - special.betaln(a, b)) / n
    logit = torch.tensor(0.3, dtype=torch.float64).logit()
    found = beta_binomial(logit, torch.tensor(k), torch.tensor(n))
    assert found.item() == pytest.approx(expected, rel=1e-10)


def test_a_large_concentration_is_the_binomial():
    other = LOGITS.flip(-1)
    sharp = [beta_binomial(x, VOTES, N_ASKED, concentration=1e7) for x in (LOGITS, other)]
    plain = [binomial(x, VOTES, N_ASKED) for x in (LOGITS, other)]
    torch.testing.assert_close(sharp[0] - sharp[1], plain[0] - plain[1], rtol=1e-4, atol=1e-5)


def test_l1_is_the_difference_of_the_fractions():
    expected = np.abs(LOGITS.sigmoid().numpy() - (VOTES / N_ASKED).numpy())
    np.testing.assert_allclose(l1(LOGITS, VOTES, N_ASKED), expected, rtol=1e-6)


def test_focal_of_one_volunteer_is_torchvisions():
    votes = torch.tensor([0.0, 1.0, 1.0])
    logits = torch.tensor([-2.0, 0.3, 3.0])
    expected = sigmoid_focal_loss(logits, votes, alpha=-1, gamma=2)
    torch.testing.assert_close(focal(logits, votes, torch.ones(())), expected)


@EVERY
@pytest.mark.parametrize("votes", [0.0, 9.0, 13.7, 30.0])
def test_the_fraction_itself_is_the_best_answer(loss, votes):
    grid = torch.linspace(0, 1, 201)[1:-1].double()
    scores = loss(grid.logit(), torch.full_like(grid, votes), torch.tensor(30.0))
    nearest = min(max(votes / 30, 0.005), 0.995)
    allowed = 0.02 if loss is beta_binomial else 0.006
    assert grid[scores.argmin()].item() == pytest.approx(nearest, abs=allowed)


@EVERY
@pytest.mark.parametrize("logit", [-1e4, -100.0, 100.0, 1e4])
def test_certainty_has_a_finite_cost(loss, logit):
    logits = torch.tensor([logit, logit], requires_grad=True)
    scores = loss(logits, torch.tensor([0.0, 30.0]), torch.tensor(30.0))
    scores.sum().backward()
    assert scores.isfinite().all()
    assert logits.grad.isfinite().all()
