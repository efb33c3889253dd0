"""Scores of foretold votes, and the answers to beat."""

import numpy as np
import pytest
import torch

from galseg.schemas import find_schema
from galseg.train.pretrain.mean_votes import MeanVotes
from galseg.train.pretrain.vote_likelihood import VoteLikelihood
from galseg.train.pretrain.vote_scores import VoteScores

SCHEMA = find_schema(["rings", "gz2"])


def draw(seed, n=6):
    generator = torch.Generator().manual_seed(seed)
    votes = torch.randint(0, 20, (n, 32), generator=generator).float()
    votes[:, 5:7] = 0
    votes[0, :2] = 0
    logits = torch.randn(n, 32, generator=generator)
    return votes, VoteLikelihood(SCHEMA).fractions(logits)


def by_hand(votes, fractions):
    """Log score over all answers, and mean absolute error by question, in loops."""
    question_of = np.array(SCHEMA.question_of)
    surprise = total = 0.0
    errors = {}
    for k, question in enumerate(SCHEMA.questions):
        error = asked = 0.0
        for galaxy in range(len(votes)):
            v = votes[galaxy, question_of == k].numpy()
            p = fractions[galaxy, question_of == k].numpy()
            if v.sum():
                surprise -= float((v * np.log(p)).sum())
                error += v.sum() * float(np.abs(p - v / v.sum()).mean())
                asked += v.sum()
        total += asked
        errors[question.name] = error / asked if asked else np.nan
    return surprise / total, errors


def test_scores_are_those_counted_by_hand_whatever_the_batches():
    votes, fractions = draw(0)
    scores = VoteScores(SCHEMA)
    same = torch.full((32,), 0.2)
    for batch in (slice(0, 4), slice(4, 6)):
        scores.update(fractions[batch], votes[batch], same)
    found = scores.compute()
    log_score, errors = by_hand(votes, fractions)
    assert found["log_score"].item() == pytest.approx(log_score, rel=1e-5)
    assert found["skill"].item() == pytest.approx(1 - log_score / -np.log(0.2), rel=1e-4)
    for name, error in errors.items():
        assert found[f"mae/{name}"].item() == pytest.approx(error, rel=1e-4, nan_ok=True)
    assert found["mae/disk-edge-on-gz2"].isnan()


def test_mean_votes_have_no_skill_and_the_truth_has():
    votes, _ = draw(1)
    likelihood = VoteLikelihood(SCHEMA)
    mean_votes = MeanVotes(likelihood)
    mean_votes.update(votes[:2])
    mean_votes.update(votes[2:])
    same = mean_votes()
    torch.testing.assert_close(likelihood.per_question(same), torch.ones(11))
    torch.testing.assert_close(same[:2], votes[:, :2].sum(0) / votes[:, :2].sum(), rtol=1e-3,
                               atol=1e-4)  # fmt: skip
    for fractions, skill in ((same.expand_as(votes), 0.0), (votes / 40, 0.1)):
        scores = VoteScores(SCHEMA)
        given = votes / likelihood.per_answer(likelihood.per_question(votes)).clamp(min=1)
        scores.update(fractions if skill == 0 else given, votes, same)
        assert scores.compute()["skill"].item() >= skill - 1e-6
        assert skill > 0 or scores.compute()["skill"].item() == pytest.approx(0, abs=1e-6)


def test_no_other_same_answer_beats_the_mean_votes():
    votes, _ = draw(2)
    likelihood = VoteLikelihood(SCHEMA)
    mean_votes = MeanVotes(likelihood)
    mean_votes.update(votes)
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        other = likelihood.fractions(torch.randn(32, generator=generator))
        scores = VoteScores(SCHEMA)
        scores.update(other.expand_as(votes), votes, mean_votes())
        assert scores.compute()["skill"] < 0
