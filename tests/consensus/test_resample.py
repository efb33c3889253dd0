"""Resampled crowds, against a weighted sum of full masks and the Beta posterior."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

from galseg import ImageFrame, build_consensus
from galseg.annotations.build import AnnotationBuilder
from galseg.consensus.record import Consensus
from galseg.consensus.resample import crowd_weights, resample_ballots, resample_fraction
from galseg.consensus.weighted import weighted_fraction
from galseg.errors import ConfigError, FeatureError, ShapeError
from tests.consensus.simulated_crowd import SHAPE, ballots_of, drawn_bar, masks_of, wrong_drawings


@pytest.fixture(scope="module")
def drawings():
    rng = np.random.default_rng(3)
    return [*(drawn_bar(rng) for _ in range(9)), *wrong_drawings(rng), None]


@pytest.fixture(scope="module")
def weights(drawings):
    return crowd_weights(len(drawings), 4, np.random.default_rng(8))


def consensus_of(drawings, method="fraction"):
    builder = AnnotationBuilder()
    for k, drawing in enumerate(drawings):
        name = f"v{k}"
        builder.classify(subject_id="s", annotator_id=name, classification_id=name,
                         features=["bar"], width=SHAPE[1], height=SHAPE[0])  # fmt: skip
        if drawing is not None:
            outline = shapely.get_coordinates(drawing.exterior)
            builder.area(classification_id=name, feature="bar", xy=outline)
    return build_consensus(
        builder.build(),
        "s",
        frame=ImageFrame(SHAPE),
        features=["bar", "tidal"],
        method=method,
        find_instances=False,
    )


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(4)
    return [*(drawn_bar(rng) for _ in range(8)), None]


def test_weights_have_the_moments_of_a_flat_dirichlet():
    n = 12
    weights = crowd_weights(n, 20_000, np.random.default_rng(1))
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights.mean(axis=0), 1 / n, rtol=0.03)
    np.testing.assert_allclose(weights.var(axis=0), (n - 1) / n**2 / (n + 1), rtol=0.06)


@pytest.mark.parametrize(("n_volunteers", "n"), [(0, 5), (5, 0), (5, -1)])
def test_draws_of_nothing_are_refused(n_volunteers, n):
    with pytest.raises(ConfigError, match="at least one"):
        crowd_weights(n_volunteers, n, np.random.default_rng())


def test_a_draw_is_the_weighted_mean_of_the_masks(drawings, weights):
    expected = np.tensordot(weights, masks_of(drawings), axes=1)
    np.testing.assert_allclose(resample_ballots(ballots_of(drawings), weights), expected, atol=1e-6)


def test_even_weights_give_the_skilled_fraction_back(drawings):
    ballots = ballots_of(drawings)
    fraction, skill = weighted_fraction(ballots)
    even = np.full((1, len(drawings)), 1 / len(drawings))
    draw = resample_ballots(ballots, even, skill=skill)[0]
    np.testing.assert_allclose(draw, ballots.on_image(fraction), atol=1e-6)


def test_those_who_drew_share_by_skill_what_they_weigh(drawings, weights):
    ballots = ballots_of(drawings)
    skill = np.nan_to_num(weighted_fraction(ballots)[1])
    masks, drew = masks_of(drawings), ballots.drew
    for row, draw in zip(weights, resample_ballots(ballots, weights, skill=skill), strict=True):
        expected = np.average(masks, axis=0, weights=row * skill) * row[drew].sum()
        np.testing.assert_allclose(draw, expected, atol=1e-6)


def test_without_any_skill_all_weigh_alike(drawings, weights):
    ballots = ballots_of(drawings)
    unknown = np.full(len(drawings), np.nan)
    np.testing.assert_array_equal(
        resample_ballots(ballots, weights, skill=unknown), resample_ballots(ballots, weights)
    )


def test_counts_alone_are_drawn_as_volunteers_whose_outlines_are_nested(weights):
    n = weights.shape[1]
    votes = np.arange(n + 1).repeat(3).reshape(3, -1)
    nested = np.array([votes > k for k in range(n)])
    draws = resample_fraction((votes / n).astype(np.float32), weights)
    np.testing.assert_allclose(draws, np.tensordot(weights, nested, axes=1), atol=1e-6)


@pytest.mark.parametrize("votes", [1, 6, 14])
def test_counts_alone_follow_the_posterior_of_their_pixel(votes):
    n = 15
    weights = crowd_weights(n, 4000, np.random.default_rng(2))
    draws = resample_fraction(np.array([[votes / n]], dtype=np.float32), weights).ravel()
    assert stats.kstest(draws, stats.beta(votes, n - votes).cdf).pvalue > 0.01


def test_a_consensus_keeps_who_marked_what(crowd):
    consensus = consensus_of(crowd)
    assert set(consensus.ballots) == {"bar"}
    ballots = consensus.ballots["bar"]
    np.testing.assert_array_equal(ballots.on_image(ballots.n_votes), consensus.votes[0])
    np.testing.assert_array_equal(ballots.drew, consensus.volunteers["marked"])


@pytest.mark.parametrize("method", ["fraction", "weighted", "staple"])
def test_draws_scatter_about_the_fraction(crowd, method):
    if method == "staple":
        pytest.importorskip("SimpleITK")
    consensus = consensus_of(crowd, method)
    draws = consensus.draws("bar", 600, np.random.default_rng(5))
    assert draws.dtype == np.float32
    assert draws.shape == (600, *SHAPE)
    np.testing.assert_allclose(draws.mean(axis=0), consensus.of("bar"), atol=0.03)
    assert not draws[:, consensus.of("bar") == 0].any()
    assert draws.max() <= 1


def test_the_same_numbers_give_the_same_draws(crowd):
    consensus = consensus_of(crowd)
    one, other = (consensus.draws("bar", 3, np.random.default_rng(6)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_where_nobody_was_asked_there_is_nothing_to_draw(crowd):
    consensus = consensus_of(crowd)
    assert consensus.draws("tidal", 3, np.random.default_rng()) is None
    with pytest.raises(FeatureError, match="did you mean 'bar'"):
        consensus.draws("bars", 3, np.random.default_rng())


def test_where_somebody_was_asked_and_nobody_drew_every_draw_is_empty():
    draws = consensus_of([None, None]).draws("bar", 3, np.random.default_rng())
    assert not draws.any()


def test_ballots_of_another_crowd_or_image_are_refused(crowd, drawings):
    consensus = consensus_of(crowd)
    with pytest.raises(ShapeError, match="must be of 9 volunteers"):
        replace(consensus, ballots={"bar": ballots_of(drawings)})
    with pytest.raises(ShapeError, match=r"\(96, 96\)"):
        replace(consensus, ballots={"bar": ballots_of(crowd, (95, 97))})
    with pytest.raises(FeatureError):
        replace(consensus, ballots={"arm": ballots_of(crowd)})


def with_fraction(peak):
    fraction = np.zeros((1, 4, 5), dtype=np.float32)
    fraction[0, 1, 2] = peak
    one = np.array([30])
    votes = np.zeros((1, 4, 5), dtype=np.uint16)
    return Consensus("s", "g", ("bar",), ImageFrame((4, 5)), votes, fraction, one, one, "fraction",
                     (), pd.DataFrame(), pd.DataFrame())  # fmt: skip


@pytest.mark.parametrize(
    ("peak", "threshold"), [(1.0, 0.4), (0.5, 0.2), (0.2, 0.08), (0.19, 0.2), (np.nan, 0.2)]
)
def test_a_structure_is_outlined_at_a_share_of_its_peak_if_a_fifth_agree_on_it(peak, threshold):
    assert with_fraction(peak).thresholds["bar"] == pytest.approx(threshold)
