"""STAPLE, against its own EM equations, and why it must not see the full frame."""

import sys

import numpy as np
import pytest

from galseg.consensus.staple import staple_fraction
from galseg.errors import MissingDependencyError
from galseg.geometry import polygon_mask
from tests.consensus.simulated_crowd import (
    BAR,
    SHAPE,
    ballots_of,
    drawn_bar,
    iou,
    iou_with_the_bar,
    masks_of,
    wrong_drawings,
)

sitk = pytest.importorskip("SimpleITK", reason="needs the extra galseg[staple]")


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(2)
    return [*(drawn_bar(rng) for _ in range(8)), *wrong_drawings(rng)]


def expectation_maximisation(masks, n_iterations=1000):
    """Warfield et al. (2004), equations 15, 18 and 19, with the prior of the mean vote."""
    truth = prior = masks.mean(axis=0)
    prior = prior.mean()
    for _ in range(n_iterations):
        p = masks @ truth / truth.sum()
        q = (1 - masks) @ (1 - truth) / (1 - truth).sum()
        a = prior * np.prod(np.where(masks, p[:, None], 1 - p[:, None]), axis=0)
        b = (1 - prior) * np.prod(np.where(masks, 1 - q[:, None], q[:, None]), axis=0)
        truth = a / (a + b)
    return truth, p + q - 1


def test_the_estimate_solves_the_published_equations(crowd):
    ballots = ballots_of(crowd)
    fraction, skill = staple_fraction(ballots)
    union = ballots.on_image(ballots.n_votes) > 0
    truth, youden = expectation_maximisation(masks_of(crowd)[:, union].astype(float))
    np.testing.assert_allclose(ballots.on_image(fraction)[union], truth, atol=0.01)
    np.testing.assert_allclose(skill, youden, atol=0.01)


def test_a_larger_frame_changes_nothing_here_but_collapses_staple_on_the_full_frame(crowd):
    wide = (1200, 1200)
    near, far = ballots_of(crowd, SHAPE), ballots_of(crowd, wide)
    fraction = staple_fraction(far)[0]
    np.testing.assert_array_equal(fraction, staple_fraction(near)[0])
    masks = masks_of(crowd, wide)
    seen = [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in masks]
    full_frame = sitk.GetArrayFromImage(sitk.STAPLE(seen, 1)) >= 0.5
    assert iou(full_frame, masks.any(axis=0)) > 0.95  # the union of all marks, junk included
    assert iou_with_the_bar(far, fraction) > 3 * iou(full_frame, polygon_mask(BAR, wide))


def test_who_drew_nothing_says_whether_and_not_where(crowd):
    fraction, skill = staple_fraction(ballots_of(crowd))
    halved, more_skill = staple_fraction(ballots_of([*crowd, *[None] * len(crowd)]))
    np.testing.assert_allclose(halved, fraction / 2)
    np.testing.assert_array_equal(more_skill[: len(crowd)], skill)
    assert np.isnan(more_skill[len(crowd) :]).all()


@pytest.mark.parametrize("n_drew", [0, 1, 2])
def test_with_fewer_than_three_drawings_it_is_the_plain_share(crowd, n_drew):
    ballots = ballots_of([*crowd[:n_drew], None])
    fraction, skill = staple_fraction(ballots)
    np.testing.assert_array_equal(fraction, ballots.n_votes / (n_drew + 1))
    assert np.isnan(skill).all()


def test_full_agreement_is_certainty(crowd):
    fraction, _ = staple_fraction(ballots_of([crowd[0]] * 4))
    np.testing.assert_array_equal(fraction, 1)


def test_without_simpleitk_the_message_says_what_to_install(crowd, monkeypatch):
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(MissingDependencyError, match=r"pip install .*galseg\[staple\]"):
        staple_fraction(ballots_of(crowd))
