"""The likelihood of votes, against SciPy's and by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import dirichlet_multinomial

from galseg.schemas import find_schema
from galseg.train.pretrain.vote_likelihood import VoteLikelihood

SCHEMA = find_schema(["decals-dr5", "gz2"])
N_ANSWERS = len(SCHEMA.columns)


def draw(seed, *, n=3, most=40):
    rng = np.random.default_rng(seed)
    votes = rng.integers(0, most + 1, (n, N_ANSWERS))
    for k in rng.choice(len(SCHEMA.questions), 6, replace=False):
        votes[:, np.array(SCHEMA.question_of) == k] = 0
    logits = rng.normal(0, 3, (n, N_ANSWERS))
    return torch.tensor(logits, dtype=torch.float32), torch.tensor(votes, dtype=torch.float32)


def by_scipy(logits, votes):
    """Negative log-likelihood (B, Q), a question at a time."""
    alpha = 1 + 100 / (1 + np.exp(-logits.double().numpy()))
    votes = votes.numpy().astype(int)
    question_of = np.array(SCHEMA.question_of)
    out = np.zeros((len(votes), len(SCHEMA.questions)))
    for galaxy in range(len(votes)):
        for k in range(out.shape[1]):
            a, v = alpha[galaxy, question_of == k], votes[galaxy, question_of == k]
            out[galaxy, k] = -dirichlet_multinomial.logpmf(v, a, v.sum())
    return out


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_one_of_scipy(seed):
    logits, votes = draw(seed)
    found = VoteLikelihood(SCHEMA)(logits, votes)
    np.testing.assert_allclose(found.numpy(), by_scipy(logits, votes), atol=2e-3)


@given(seed=st.integers(0, 10_000), most=st.integers(1, 300))
@settings(max_examples=30)
def test_it_is_no_likelihood_above_one_and_fractions_sum_to_one(seed, most):
    logits, votes = draw(seed, n=2, most=most)
    likelihood = VoteLikelihood(SCHEMA)
    assert (likelihood(logits, votes) > -5e-3).all()
    sums = likelihood.per_question(likelihood.fractions(logits))
    torch.testing.assert_close(sums, torch.ones_like(sums))


def test_a_question_that_nobody_answered_teaches_nothing():
    logits, votes = draw(0)
    logits.requires_grad_()
    likelihood = VoteLikelihood(SCHEMA)
    losses = likelihood(logits, votes)
    unanswered = likelihood.per_question(votes) == 0
    assert unanswered.any()
    assert (losses[unanswered] == 0).all()
    losses.sum().backward()
    assert (logits.grad[likelihood.per_answer(unanswered.float()) > 0] == 0).all()
    assert (logits.grad[likelihood.per_answer(unanswered.float()) == 0] != 0).any()


def test_the_gradient_points_to_the_votes():
    likelihood = VoteLikelihood(find_schema(["rings"]))
    logits = torch.zeros(1, 2, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        likelihood(logits, torch.tensor([[30.0, 10.0]])).sum().backward()
        optimizer.step()
    assert likelihood.fractions(logits.detach())[0, 0] == pytest.approx(0.75, abs=0.01)


def test_half_precision_logits_lose_nothing_in_the_gammas():
    logits, votes = draw(1)
    likelihood = VoteLikelihood(SCHEMA)
    half = logits.bfloat16()
    torch.testing.assert_close(likelihood(half, votes), likelihood(half.float(), votes))
