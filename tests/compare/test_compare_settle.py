"""Pairs are settled when they should be, and the evaluations needed settle them."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from galseg.compare.settle import answers_needed, design_effect, settle_pairs
from galseg.compare.shares import wilson_interval
from tests.compare.made_up import METHODS, simulated_choices


def answers_of(choices, methods=METHODS):
    """Tabulate choices of shape (galaxies, raters), given as numbers."""
    galaxy, rater = np.indices(choices.shape).reshape(2, -1)
    places = {f"place_{number}": method for number, method in enumerate(methods, start=1)}
    choice = np.array([*methods, "tie"])[choices.ravel()]
    return pd.DataFrame({"feature": "bar", "galaxy_id": galaxy, "rater": rater, "choice": choice,
                         **places})  # fmt: skip


def exact_power(n, share, level):
    """Probability that Wilson's interval leaves out one half."""
    counts = np.arange(n + 1)
    low, high = wilson_interval(counts, n, level=level)
    return binom.pmf(counts, n, share)[(low > 0.5) | (high < 0.5)].sum()


@pytest.mark.parametrize("share", [0.6, 0.65, 0.25])
@pytest.mark.parametrize("power", [0.8, 0.95])
def test_so_many_answers_have_the_power_asked_for(share, power):
    n = round(answers_needed(share, power=power))
    powers = [exact_power(size, share, 0.95) for size in range(n - 8, n + 9)]
    assert np.mean(powers) == pytest.approx(power, abs=0.035)


def test_one_half_is_never_settled():
    assert answers_needed(0.5) == np.inf
    table = settle_pairs(answers_of(np.array([[0, 1], [1, 0]])), METHODS[:2], n_resamples=100)
    assert table["is_open"][0]
    assert np.isnan(table["n_more"][0])


def test_independent_answers_have_no_design_effect():
    rng = np.random.default_rng(0)
    galaxy, rater = np.indices((80, 10)).reshape(2, -1)
    effects = [design_effect(rng.random(800) < 0.6, galaxy, rater) for _ in range(50)]
    assert np.mean(effects) == pytest.approx(1.1, abs=0.1)
    assert design_effect([True, True], [1, 2], [1, 2]) == 1


def test_the_design_effect_is_that_of_answers_that_are_alike():
    rng = np.random.default_rng(1)
    galaxy, rater = np.indices((100, 6)).reshape(2, -1)
    shares, effects = [], []
    for _ in range(150):
        won = np.repeat(rng.random(100) < 0.6, 6)  # every rater says the same of a galaxy
        shares.append(won.mean())
        effects.append(design_effect(won, galaxy, rater))
    assert np.mean(effects) == pytest.approx(np.var(shares) / (0.24 / 600), rel=0.25)


def test_a_clear_pair_is_settled_and_a_close_one_open():
    choices = np.repeat([0, 1, 2, 3], [60, 50, 2, 8]).reshape(-1, 1)
    table = settle_pairs(answers_of(choices), METHODS, n_resamples=500)
    rows = table.set_index(["method", "other"])
    close, clear = rows.loc[("model", "volunteers")], rows.loc[("model", "SpArcFiRe")]
    assert (close["n_preferred"], close["n_other"], close["n_evaluations"]) == (60, 50, 120)
    assert close["is_open"]
    assert close["n_more"] == np.ceil(answers_needed(60 / 110) * 120 / 110) - 120
    assert (clear["is_open"], clear["n_more"]) == (False, 0)


def test_one_answer_settles_nothing_and_none_is_unknown():
    table = settle_pairs(answers_of(np.array([[0]])), METHODS, n_resamples=100)
    assert table["is_open"].all()
    rows = table.set_index(["method", "other"])
    assert rows.loc[("model", "volunteers"), "n_more"] == 3
    assert np.isnan(rows.loc[("volunteers", "SpArcFiRe"), "n_more"])


def test_pairs_count_only_where_both_were_shown():
    answers = answers_of(np.zeros((4, 1), int))
    answers.loc[:1, "place_2"] = "SpArcFiRe"
    row = settle_pairs(answers, METHODS[:2], n_resamples=100).iloc[0]
    assert (row["n_evaluations"], row["n_preferred"]) == (2, 2)


@pytest.mark.slow
def test_with_the_evaluations_needed_most_pairs_are_settled():
    """A pilot's pair is open; as many more galaxies as it asks for settle it mostly."""
    rng = np.random.default_rng(2)
    worth = [0.6, 0.4]
    settled = []
    for _ in range(60):
        n = round(answers_needed(0.6, power=0.8) / 4)
        choices, _ = simulated_choices(worth=worth, n_galaxies=n, n_raters=4, rng=rng)
        row = settle_pairs(answers_of(choices, METHODS[:2]), METHODS[:2], n_resamples=300).iloc[0]
        settled.append(row["share_low"] > 0.5)
    assert np.mean(settled) == pytest.approx(0.8, abs=0.15)
