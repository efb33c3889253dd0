"""Simulated volunteers: what they answer, and whom the tree asks."""

import numpy as np
import pytest

from galseg.dataset.simulate import simulate_answers, simulate_galaxy
from galseg.dataset.simulate.answers import answer_chances
from galseg.errors import ConfigError
from galseg.schemas import find_schema

SCHEMA = find_schema(["decals-dr8"])


def galaxy(morphology, seed=1, **options):
    options = {"tidal": ()} | options
    return simulate_galaxy(seed, shape=(48, 48), morphology=morphology, **options)


def answers(of, seed=0, n_volunteers=400):
    votes = simulate_answers(of, SCHEMA, n_volunteers=n_volunteers, seed=seed)
    return dict(zip(SCHEMA.columns, votes.tolist(), strict=True))


@pytest.fixture(scope="module")
def crowds():
    kinds = ("spiral", "barred spiral", "barred disc", "disc", "elliptical", "blank")
    galaxies = [galaxy(kinds[k % 6], seed=k, tidal=None) for k in range(24)]
    return [answers(one, seed=k) for k, one in enumerate(galaxies)]


def test_a_question_is_put_to_those_whom_the_tree_leads_to_it(crowds):
    for votes in crowds:
        for question in SCHEMA.questions:
            asked = sum(votes[column] for column in question.columns)
            led = sum(votes[column] for column in question.after) if question.after else 400
            assert asked == led


def test_most_answer_what_is_true():
    barred = answers(galaxy("barred spiral", seed=7, n_arms=2, inclination_deg=20.0))
    assert barred["smooth-or-featured-dr8_featured-or-disk"] > 250
    assert barred["bar-dr8_no"] < barred["bar-dr8_strong"] + barred["bar-dr8_weak"]
    assert barred["has-spiral-arms-dr8_yes"] > 5 * barred["has-spiral-arms-dr8_no"]
    counts = {n: barred[f"spiral-arm-count-dr8_{n}"] for n in range(1, 5)}
    assert max(counts, key=counts.get) == 2
    assert answers(galaxy("elliptical"))["smooth-or-featured-dr8_smooth"] > 300
    assert answers(galaxy("blank"))["smooth-or-featured-dr8_artifact"] > 250
    disturbed = galaxy("spiral", tidal=("tail", "tail"))
    assert answers(disturbed)["merging-dr8_none"] < answers(galaxy("spiral"))["merging-dr8_none"]


def test_the_wider_the_arms_open_the_looser_they_are_called():
    galaxies = [galaxy("spiral", seed=k, n_arms=2) for k in range(12)]
    galaxies.sort(key=lambda one: one.truth.arms[0].pitch_angle_deg)
    loose = [answer_chances(one.truth)["spiral-winding"]["loose"] for one in galaxies]
    assert loose[0] < 0.05
    assert loose[-1] > loose[0]
    assert np.argmax(loose) >= len(loose) - 2


def test_rounder_and_bulgier_galaxies_are_called_so():
    ellipticals = [galaxy("elliptical", seed=k) for k in range(12)]
    ellipticals.sort(key=lambda one: one.truth.axis_ratio)
    round_ = [answer_chances(one.truth)["how-rounded"]["round"] for one in ellipticals]
    assert np.all(np.diff(round_) > 0)
    assert answer_chances(ellipticals[0].truth)["bulge-size"]["dominant"] > 0.6


@pytest.mark.parametrize("morphology", ["barred spiral", "disc", "elliptical", "blank"])
def test_chances_are_those_of_the_tree_and_sum_to_one(morphology):
    chances = answer_chances(galaxy(morphology, seed=4).truth)
    assert chances.keys() == {question.text for question in SCHEMA.questions}
    for question in SCHEMA.questions:
        by_answer = chances[question.text]
        assert by_answer.keys() == set(question.answers)
        assert sum(by_answer.values()) == pytest.approx(1)
        assert min(by_answer.values()) > 0


def test_crowds_scatter_around_the_chances_more_than_one_crowd_of_many_would():
    of = galaxy("elliptical")
    chance = answer_chances(of.truth)["smooth-or-featured"]["smooth"]
    shares = [answers(of, seed=k, n_volunteers=100)["smooth-or-featured-dr8_smooth"] / 100
              for k in range(400)]  # fmt: skip
    binomial = np.sqrt(chance * (1 - chance) / 100)
    beta_binomial = binomial * np.sqrt((100 + 30) / (1 + 30))  # of a concentration of 30
    assert np.mean(shares) == pytest.approx(chance, abs=4 * beta_binomial / 20)
    assert np.std(shares) == pytest.approx(beta_binomial, rel=0.15)


def test_the_same_seed_gives_the_same_votes():
    of = galaxy("spiral")
    one, two = (simulate_answers(of, SCHEMA, seed=(3, 4)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert (one != simulate_answers(of, SCHEMA, seed=(3, 5))).any()


def test_questions_of_other_trees_are_put_to_nobody():
    schema = find_schema(["gz2", "decals-dr5"])
    votes = simulate_answers(galaxy("spiral"), schema)
    assert votes[:30].sum() == 0
    assert votes[30:33].sum() == 40


@pytest.mark.parametrize(
    ("schemas", "n_volunteers", "message"),
    [(["gz2"], 40, "tree of DECaLS"), (["desi"], 0, "n_volunteers must be at least 1")],
)
def test_crowds_that_cannot_be_are_refused(schemas, n_volunteers, message):
    with pytest.raises(ConfigError, match=message):
        simulate_answers(galaxy("disc"), find_schema(schemas), n_volunteers=n_volunteers)
