"""Agreement, against published numbers and plain loops over masks."""

from itertools import combinations

import numpy as np
import pytest
import shapely

from galseg.consensus.agreement import (
    fleiss_kappa,
    mean_pairwise_iou,
    pairwise_iou,
    pixel_kappa,
    split_half_iou,
    volunteer_iou,
)
from galseg.errors import ConfigError, ShapeError
from tests.consensus.simulated_crowd import ballots_of, drawn_bar, iou, masks_of, wrong_drawings

# Ten patients, fourteen psychiatrists, five diagnoses: the worked example of Cardillo (2007),
# "Fleiss'es kappa", and of the Wikipedia article on it, which give 0.210.
DIAGNOSES = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(5)
    return [*(drawn_bar(rng) for _ in range(5)), *wrong_drawings(rng), None]


def test_the_published_worked_example():
    assert fleiss_kappa(DIAGNOSES) == pytest.approx(0.210, abs=0.0005)


def test_kappa_with_counts_of_items_is_kappa_of_the_items_one_by_one():
    counts, n_items = [[3, 0], [1, 2], [0, 3]], [4, 1, 2]
    one_by_one = np.repeat(counts, n_items, axis=0)
    assert fleiss_kappa(counts, n_items=n_items) == pytest.approx(fleiss_kappa(one_by_one))


def test_pixel_kappa_from_full_masks(crowd):
    masks = masks_of(crowd).reshape(len(crowd), -1)
    votes = masks.sum(axis=0)
    n = len(crowd)
    pairs_agree = [
        np.mean(masks[i] == masks[j]) for i, j in combinations(range(n), 2)
    ]  # Fleiss: the chance that two raters put a random item into one category
    share = votes.mean() / n
    chance = share**2 + (1 - share) ** 2
    expected = (np.mean(pairs_agree) - chance) / (1 - chance)
    assert pixel_kappa(ballots_of(crowd)) == pytest.approx(expected)


def test_pairwise_iou_from_full_masks(crowd):
    masks = masks_of(crowd)
    expected = [[iou(a, b) if (a | b).any() else np.nan for a in masks] for b in masks]
    ballots = ballots_of(crowd)
    np.testing.assert_allclose(pairwise_iou(ballots), expected)
    pairs = [expected[i][j] for i, j in combinations(range(len(crowd)), 2)]
    assert mean_pairwise_iou(ballots) == pytest.approx(np.mean(pairs))
    others = [np.mean(np.delete(row, i)) for i, row in enumerate(expected)]
    np.testing.assert_allclose(volunteer_iou(ballots), others)


@pytest.mark.parametrize("n", [4, 5])
def test_split_halves_from_full_masks(crowd, n):
    masks = masks_of(crowd[:n])
    soft, hard = [], []
    for half in combinations(range(n), n // 2):
        one = masks[list(half)].mean(axis=0)
        other = np.delete(masks, half, axis=0).mean(axis=0)
        soft.append(np.minimum(one, other).sum() / np.maximum(one, other).sum())
        hard.append(iou(one >= 0.5, other >= 0.5))
    ballots = ballots_of(crowd[:n])
    assert split_half_iou(ballots) == pytest.approx(np.mean(soft), rel=1e-5)
    assert split_half_iou(ballots, threshold=0.5) == pytest.approx(np.mean(hard), rel=1e-5)


def test_random_splits_come_near_all_splits_and_repeat(crowd):
    ballots = ballots_of(crowd)
    every, some = split_half_iou(ballots, n_splits=126), split_half_iou(ballots, n_splits=60)
    assert some == pytest.approx(every, rel=0.05)
    assert some == split_half_iou(ballots, n_splits=60)
    assert some != split_half_iou(ballots, n_splits=60, seed=1)


def test_identical_drawings_agree_fully():
    ballots = ballots_of([shapely.box(9, 9, 40, 20)] * 4)
    assert mean_pairwise_iou(ballots) == split_half_iou(ballots) == 1
    assert pixel_kappa(ballots) == pytest.approx(1)


@pytest.mark.parametrize("crowd", [[], [drawn_bar(np.random.default_rng(0))], [None] * 3])
def test_nobody_or_nothing_to_agree_on_is_not_a_number(crowd):
    ballots = ballots_of(crowd)
    for number in (mean_pairwise_iou(ballots), pixel_kappa(ballots), split_half_iou(ballots)):
        assert np.isnan(number)
    assert np.isnan(volunteer_iou(ballots)).all()


def test_two_who_drew_nothing_are_no_pair():
    bar = drawn_bar(np.random.default_rng(0))
    assert mean_pairwise_iou(ballots_of([bar, bar, None, None])) == pytest.approx(1 / 5)


def test_unequal_numbers_of_raters_are_refused():
    with pytest.raises(ShapeError, match="same number of raters"):
        fleiss_kappa([[3, 0], [1, 1]])


@pytest.mark.parametrize("options", [{"n_splits": 0}, {"threshold": 0}, {"threshold": 20}])
def test_impossible_splits_are_refused(options):
    with pytest.raises(ConfigError):
        split_half_iou(ballots_of([None, None]), **options)
