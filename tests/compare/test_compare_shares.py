"""Shares, and their intervals under independence and without it."""

import numpy as np
import pandas as pd
import pytest

from galseg.compare.shares import (
    by_feature,
    central_interval,
    preference_shares,
    quality_shares,
    ratings_of,
    resampled_counts,
    wilson_interval,
)
from tests.compare.made_up import METHODS


def evaluations(choice, *, galaxy=None, rater="all", feature="bar"):
    galaxies = range(len(choice)) if galaxy is None else galaxy
    return pd.DataFrame(
        {"feature": feature, "choice": choice, "galaxy_id": galaxies, "rater": rater}
    )


def test_the_interval_is_wilsons():
    row = preference_shares(evaluations(["model"] * 287 + ["volunteers"] * 80), METHODS).iloc[0]
    n, p, z = 367, 287 / 367, 1.959964
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert row["share_low"] == pytest.approx(middle - half, abs=1e-6)
    assert row["share_high"] == pytest.approx(middle + half, abs=1e-6)


def test_nothing_counted_has_no_interval():
    assert np.isnan(wilson_interval(0, 0, level=0.95)).all()
    assert np.isnan(central_interval(np.full(5, np.nan), level=0.95)).all()


def test_resampling_one_rater_gives_the_binomial_spread():
    galaxy = np.arange(400)
    counts = resampled_counts(
        (galaxy % 4 == 0).astype(int), galaxy, np.zeros(400), n_codes=2, n_resamples=4000, seed=1
    )
    assert (counts.sum(axis=1) == 400).all()
    assert counts[:, 1].mean() == pytest.approx(100, abs=0.8)
    assert counts[:, 1].std() == pytest.approx(np.sqrt(400 * 0.25 * 0.75), rel=0.05)


def test_resampling_answers_equals_weighing_them_one_by_one():
    rng = np.random.default_rng(3)
    galaxy, rater, choice = rng.integers(0, (6, 3, 3), size=(40, 3)).T
    counts = resampled_counts(choice, galaxy, rater, n_codes=3, n_resamples=50, seed=8)
    again = np.random.default_rng(8)
    of_galaxy = again.multinomial(6, np.full(6, 1 / 6), size=50)
    of_rater = again.multinomial(3, np.full(3, 1 / 3), size=50)
    names = [list(pd.unique(column)) for column in (galaxy, rater)]
    for count, galaxies, raters in zip(counts, of_galaxy, of_rater, strict=True):
        drawn = [
            c
            for c, g, r in zip(choice, galaxy, rater, strict=True)
            for _ in range(galaxies[names[0].index(g)] * raters[names[1].index(r)])
        ]
        np.testing.assert_array_equal(count, np.bincount(drawn, minlength=3))


def test_the_size_of_a_block_changes_only_the_order_of_draws(monkeypatch):
    choice, galaxy = np.arange(300) % 2, np.arange(300) // 3
    shares = []
    for block in (2**22, 3000):
        monkeypatch.setattr("galseg.compare.shares._BLOCK", block)
        counts = resampled_counts(
            choice, galaxy, np.arange(300) % 3, n_codes=2, n_resamples=3000, seed=0
        )
        shares.append(counts[:, 0] / counts.sum(axis=1))
    assert shares[0].std() == pytest.approx(shares[1].std(), rel=0.1)


def test_raters_who_differ_widen_the_interval():
    answers = evaluations(
        np.repeat(["model", "volunteers"], 200),
        galaxy=np.tile(np.arange(50), 8),
        rater=np.repeat(list("abcdefgh"), 50),
    )
    row = preference_shares(answers, METHODS).iloc[0]
    assert row["resampled_high"] - row["resampled_low"] > 3 * (row["share_high"] - row["share_low"])


def test_several_features_are_also_counted_together():
    answers = pd.concat(
        [evaluations(["model"] * 3), evaluations(["tie", "model"], feature="spiral_arm")]
    )
    assert [feature for feature, _ in by_feature(answers)] == ["bar", "spiral_arm", ""]
    assert [feature for feature, _ in by_feature(answers[:3])] == ["bar"]
    shares = preference_shares(answers, METHODS).set_index(["feature", "choice"])["share"]
    assert shares["", "model"] == 0.8


def ratings(counts, method="model", feature="spiral_arm"):
    """List as many ratings of each quality as `counts` says."""
    quality = [level for level, n in counts.items() for _ in range(n)]
    galaxies = range(len(quality))
    return pd.DataFrame(
        {"feature": feature, "galaxy_id": galaxies, "rater": "all", "item": galaxies,
         "method": method, "quality": quality}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("feature", "counts", "n_good", "n_all", "printed"),
    [
        # 328 of 365 are 89.9%: the percent of 2023 left the decimals away
        ("spiral_arm", {"perfect": 105, "mostly_good": 223, "mostly_poor": 37}, 328, 365, 89),
        ("bar", {"perfect": 22, "mostly_good": 63, "mostly_poor": 20}, 85, 105, 81),
    ],
)
def test_the_qualities_of_2023(feature, counts, n_good, n_all, printed):
    quality = quality_shares(ratings(counts, feature=feature), METHODS).set_index("quality")
    assert quality["n_rated"].to_dict() == {**counts, "failed": 0}
    good = quality.loc["mostly_good"]
    assert good["or_better"] == n_good / n_all
    assert printed in (int(100 * good["or_better"]), round(100 * good["or_better"]))
    wilson = [float(end) for end in wilson_interval(n_good, n_all, level=0.95)]
    assert good[["or_better_low", "or_better_high"]].tolist() == pytest.approx(wilson, abs=0.015)
    assert quality.loc["failed", "or_better"] == 1


def test_methods_that_nobody_rated_have_no_rows():
    quality = quality_shares(ratings({"perfect": 2}), METHODS)
    assert set(quality["method"]) == {"model"}
    assert list(quality_shares(ratings({}), METHODS).columns) == list(quality.columns)


def test_ratings_are_listed_one_a_row():
    answers = evaluations(["model", "tie"]).assign(item=["i", "j"], quality_model=["perfect", None])
    answers["quality_SpArcFiRe"] = ["failed", "failed"]
    listed = ratings_of(answers, METHODS)[["item", "method", "quality"]]
    assert sorted(map(tuple, listed.to_numpy())) == [
        ("i", "SpArcFiRe", "failed"),
        ("i", "model", "perfect"),
        ("j", "SpArcFiRe", "failed"),
    ]
