"""Raters of known taste, ties, bias and inconsistency: what the score says of them."""

import numpy as np
import pandas as pd
import pytest

from galseg.compare import score_comparison
from galseg.compare.ranking import rank_methods
from galseg.compare.shares import preference_shares
from tests.compare.made_up import METHODS, answer, simulated_choices, write_answers
from tests.compare.made_up import write_made_up_key as write_key_of
from tests.compare.test_compare_settle import answers_of

WORTH = np.array([0.6, 0.3, 0.1])
TIE_RATIO = 0.5


def true_shares(**spread):
    """Shares of a very large trial."""
    _, probability = simulated_choices(
        worth=WORTH, n_galaxies=400, n_raters=400, rng=np.random.default_rng(9),
        tie_ratio=TIE_RATIO, **spread,
    )  # fmt: skip
    return probability.mean(axis=(0, 1))


def covered(n_trials, *, n_galaxies, n_raters, **spread):
    """Share of trials whose 95% intervals hold the true shares: resampled, and Wilson's."""
    rng, truth = np.random.default_rng(1), true_shares(**spread)
    hits = np.zeros((n_trials, 2, len(truth)))
    for trial in hits:
        choices, _ = simulated_choices(
            worth=WORTH, n_galaxies=n_galaxies, n_raters=n_raters, rng=rng,
            tie_ratio=TIE_RATIO, **spread,
        )  # fmt: skip
        table = preference_shares(answers_of(choices), METHODS, n_resamples=300)
        for hit, name in zip(trial, ("resampled", "share"), strict=True):
            hit[:] = (table[f"{name}_low"] <= truth) & (truth <= table[f"{name}_high"])
    return hits.mean(axis=(0, 2))


def test_intervals_of_answers_that_are_alike_cover_and_wilsons_do_not():
    resampled, wilson = covered(60, n_galaxies=40, n_raters=10, galaxy_spread=1.2, rater_spread=0.6)
    assert 0.88 <= resampled <= 1
    assert wilson < 0.8


def test_intervals_of_independent_answers_are_too_wide_if_anything():
    resampled, wilson = covered(40, n_galaxies=60, n_raters=8)
    assert resampled >= 0.95
    assert 0.88 <= wilson <= 0.99


def test_the_true_ranking_is_found_and_its_worths_covered():
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(25):
        choices, _ = simulated_choices(
            worth=WORTH, n_galaxies=50, n_raters=8, rng=rng, tie_ratio=TIE_RATIO
        )
        ranking = rank_methods(answers_of(choices), METHODS, n_resamples=200)
        assert ranking["method"].tolist() == list(METHODS)
        inside.append((ranking["resampled_low"] <= WORTH) & (ranking["resampled_high"] >= WORTH))
    assert np.mean(inside) >= 0.9


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Three careful raters, and Lou, who half of the time takes the first mask unseen."""
    folder = tmp_path_factory.mktemp("trial")
    raters = ("Ann", "Bo", "Cy", "Lou")
    key = write_key_of(folder / "key.json", 150, raters=raters, n_repeats=60, n_practice=12)
    rng = np.random.default_rng(11)
    taste = {f"g{n}": np.log(WORTH) + rng.normal(size=3) for n in range(2000)}
    files = []
    for rater in raters:
        given = []
        for item in (item for item in key.items if item.rater == rater):
            is_clear = item.kind == "practice"
            liking = taste[item.galaxy_id] + 0.3 * rng.gumbel(size=3) + 6 * is_clear * np.eye(3)[0]
            choice = METHODS[liking.argmax()]
            if rater == "Lou" and rng.random() < 0.5:
                choice = item.methods[0]
            given.append(answer(item, choice))
        files.append(
            write_answers(folder / f"{rater}.json", folder / "key.json", given, rater=rater)
        )
    return score_comparison(files, folder / "key.json", n_resamples=200)


def test_the_bias_of_one_rater_is_found_and_the_others_have_none(trial):
    p = trial.raters.set_index("rater")["place_p_value"]
    assert p["Lou"] < 0.001
    assert (p.drop("Lou") > 0.01).all()
    places = trial.position.set_index(["rater", "place"])["share"]
    assert places["Lou", 1] == pytest.approx(0.5 + 0.5 / 3, abs=0.1)


def test_the_careless_rater_stands_out(trial):
    raters = trial.raters.set_index("rater")
    for column in ("repeat_share", "majority_share", "n_practice_right"):
        assert raters.loc["Lou", column] < raters.drop("Lou")[column].min()
    assert raters.drop("Lou")["n_practice_right"].tolist() == [12, 12, 12]


def test_every_item_was_answered(trial):
    assert trial.raters["n_unanswered"].tolist() == [0] * 4


def test_practice_and_repeats_do_not_enter_the_shares(trial):
    assert trial.preferences["n_evaluations"].tolist() == [600] * 4
    assert len(trial.evaluations) == 4 * (150 + 60 + 12)
    assert trial.consistency["n_pairs"].tolist()[0] == 240
    assert trial.agreement["n_units"].tolist()[0] == 150


@pytest.mark.slow
def test_intervals_cover_at_their_level_in_many_trials():
    resampled, wilson = covered(
        400, n_galaxies=100, n_raters=20, galaxy_spread=1.2, rater_spread=0.6
    )
    print(pd.Series({"resampled": resampled, "wilson": wilson}))
    assert 0.92 <= resampled <= 0.985
