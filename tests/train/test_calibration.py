"""Temperatures that undo a wrong sharpness, and thresholds that meet the crowd."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from galseg.train.answers import Answers
from galseg.train.calibration import (
    Calibration,
    calibrate,
    choose_thresholds,
    fit_temperatures,
)


def answers(logits, fraction, n_asked):
    asked = torch.as_tensor(n_asked, dtype=torch.float32)
    valid = (asked > 0)[..., None, None].expand_as(fraction)
    return Answers(logits, fraction * asked[..., None, None], fraction, asked, valid)


@pytest.fixture
def a_crowd():
    """A probability of 0.4 where 60% of the volunteers marked, 0.2 where a tenth did."""
    fraction = torch.zeros(3, 2, 8, 8)
    fraction[:2, 0, 2:5, 2:7] = 0.6
    fraction[:2, 0, 5:7, 2:7] = 0.1
    probability = torch.full_like(fraction, 0.01)
    probability[fraction == 0.6] = 0.4
    probability[fraction == 0.1] = 0.2
    return [answers(probability.logit(), fraction, [[9, 0], [9, 0], [9, 0]])]


def test_the_threshold_reproduces_the_crowds_mask(a_crowd):
    as_they_are = Calibration({"bar": 1.0, "tidal": 1.0}, {})
    chosen = choose_thresholds(a_crowd, as_they_are, vote_share=0.2)
    assert 0.2 < chosen["bar"] <= 0.4
    assert chosen["tidal"] == 0.2  # nobody was asked


def test_thresholds_are_chosen_after_the_temperatures(a_crowd):
    found = calibrate(a_crowd, features=("bar", "tidal"), vote_shares=(0.05, 0.4))
    inside = found.probability(a_crowd[0].logits)[0, 0]
    assert found.temperatures["bar"] < 1  # the network was not sure enough
    assert inside[5, 3] < found.thresholds[0.4]["bar"] <= inside[3, 3]
    assert inside[0, 0] < found.thresholds[0.05]["bar"] <= inside[5, 3]


@given(st.floats(0.2, 8))
def test_a_sharpened_network_is_made_right_again(temperature):
    generator = torch.Generator().manual_seed(0)
    fraction = torch.rand(2, 1, 16, 16, generator=generator) * 0.9 + 0.05
    wrong = answers(fraction.logit() * temperature, fraction, [[30], [12]])
    found = calibrate([wrong], features=["bar"], vote_shares=())
    assert found.temperatures["bar"] == pytest.approx(temperature, rel=1e-3)
    torch.testing.assert_close(found.probability(wrong.logits), fraction, rtol=1e-3, atol=1e-3)


def test_the_temperature_has_the_best_binomial_score_of_all_votes():
    rng = np.random.default_rng(0)
    n = np.array([5.0, 40.0])
    logits = rng.normal(-1, 2, (2, 1, 8, 8))
    votes = rng.binomial(n[:, None, None, None].astype(int), special.expit(logits / 3))
    parts = [
        answers(torch.from_numpy(logits[[k]]).float(),
                torch.from_numpy(votes[[k]] / n[k]).float(), [[n[k]]])
        for k in (0, 1)
    ]  # fmt: skip

    def score(temperature):
        p = special.expit(logits / temperature)
        return -(
            special.xlogy(votes, p) + special.xlogy(n[:, None, None, None] - votes, 1 - p)
        ).sum()

    expected = optimize.brute(lambda t: score(t[0]), [slice(1, 6, 0.005)], finish=None)
    found = fit_temperatures(parts, features=["bar"])["bar"]
    assert found == pytest.approx(float(expected), abs=0.006)


def test_where_there_is_no_vote_nothing_is_scaled():
    empty = torch.zeros(1, 2, 4, 4)
    found = fit_temperatures([answers(empty - 3, empty, [[30, 0]])], features=["bar", "tidal"])
    assert found == {"bar": 1.0, "tidal": 1.0}
