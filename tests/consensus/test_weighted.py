"""Skill from agreement, and what it does to the vote."""

import numpy as np
import pytest
import shapely

from galseg.consensus.weighted import volunteer_skill, weighted_fraction
from tests.consensus.simulated_crowd import (
    SHAPE,
    ballots_of,
    drawn_bar,
    iou_with_the_bar,
    wrong_drawings,
)


def plain(ballots):
    return ballots.n_votes / len(ballots.marked)


def crowd(seed, n_good=12):
    rng = np.random.default_rng(seed)
    return ballots_of([*(drawn_bar(rng) for _ in range(n_good)), *wrong_drawings(rng)])


def test_weighing_beats_the_plain_majority_when_3_of_15_are_wrong():
    gains = []
    for seed in range(60):
        ballots = crowd(seed)
        weighted = iou_with_the_bar(ballots, weighted_fraction(ballots)[0])
        gains.append(weighted - iou_with_the_bar(ballots, plain(ballots)))
    assert np.mean(gains) > 3 * np.std(gains) / np.sqrt(len(gains))


def test_those_who_are_wrong_come_out_with_the_lowest_skill():
    for seed in range(10):
        skill = volunteer_skill(crowd(seed))
        assert skill[12:].max() < skill[:12].min()


def test_skill_is_the_fixed_point_it_is_defined_as():
    ballots = crowd(0, n_good=4)
    skill = volunteer_skill(ballots)
    shared = ballots.shared_pixels()
    size = np.diag(shared)
    dice = 2 * shared / np.add.outer(size, size)
    n = len(size)
    weight = skill / skill.mean()
    average = dice[~np.eye(n, dtype=bool)].mean()
    for i in range(n):
        others = np.arange(n) != i
        agreed = (weight[others] @ dice[i, others] + average) / (weight[others].sum() + 1)
        assert skill[i] == pytest.approx(agreed, abs=1e-5)


def test_volunteers_alike_weigh_alike():
    bar = drawn_bar(np.random.default_rng(0))
    ballots = ballots_of([bar, bar, bar, None])
    fraction, skill = weighted_fraction(ballots)
    np.testing.assert_allclose(skill, [1, 1, 1, np.nan])
    np.testing.assert_allclose(fraction, 0.75)


def test_those_who_drew_nothing_keep_their_say_on_whether_there_is_anything():
    rng = np.random.default_rng(3)
    ballots = ballots_of([drawn_bar(rng), drawn_bar(rng), *[None] * 13])
    assert weighted_fraction(ballots)[0].max() == pytest.approx(2 / 15)


def test_two_who_disagree_and_one_alone_fall_back_on_the_plain_share():
    apart = [shapely.box(2, 2, 20, 20), shapely.box(40, 40, 70, 70), None]
    ballots = ballots_of(apart)
    fraction, skill = weighted_fraction(ballots)
    np.testing.assert_allclose(fraction, plain(ballots))
    np.testing.assert_array_equal(skill, [0, 0, np.nan])
    fraction, skill = weighted_fraction(ballots_of([apart[0], None]))
    np.testing.assert_allclose(fraction, 0.5)
    assert np.isnan(skill).all()


@pytest.mark.parametrize("drawings", [[], [None, None]])
def test_no_drawings_no_fraction(drawings):
    fraction, skill = weighted_fraction(ballots_of(drawings))
    assert len(fraction) == 0
    assert np.isnan(skill).all()


def test_adversaries_who_draw_all_but_the_bar_lose_their_say():
    rng = np.random.default_rng(8)
    everything = shapely.box(-1, -1, SHAPE[1], SHAPE[0])
    good = [drawn_bar(rng) for _ in range(6)]
    inverted = [everything.difference(drawn_bar(rng)) for _ in range(3)]
    ballots = ballots_of([*good, *inverted])
    fraction, _ = weighted_fraction(ballots)
    outside = fraction[~ballots.marked[:6].any(axis=0)]
    assert outside.max() < 0.25 < plain(ballots)[~ballots.marked[:6].any(axis=0)].max()
