"""Agreement with others and with oneself, against formulas written out."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg.compare.agreement import krippendorff_alpha, rater_agreement
from galseg.compare.consistency import repeat_pairs, self_consistency
from galseg.compare.position import position_bias
from galseg.compare.raters import majority_agreement, rater_summary
from galseg.compare.records import QUALITY_LEVELS
from tests.compare.made_up import METHODS

LEVELS = tuple(QUALITY_LEVELS)


def alpha_by_pairs(units, scale):
    """Alpha from its definition: disagreement of all pairs in a unit, and of all pairs at all."""
    paired = [unit for unit in units if len(unit) > 1]
    values = [value for unit in paired for value in unit]
    n = [values.count(value) for value in range(max(values) + 1)]

    def distance(a, b):
        if scale == "nominal":
            return float(a != b)
        a, b = sorted((a, b))
        return (sum(n[a : b + 1]) - (n[a] + n[b]) / 2) ** 2

    observed = sum(
        distance(a, b) / (len(unit) - 1) for unit in paired for a, b in permutations(unit, 2)
    ) / len(values)
    expected = sum(distance(a, b) for a, b in permutations(values, 2)) / (
        len(values) * (len(values) - 1)
    )
    return 1 - observed / expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=1, max_size=8),
    st.sampled_from(["nominal", "ordinal"]),
)
def test_alpha_is_what_its_definition_says(units, scale):
    counts = np.array([np.bincount(unit, minlength=4) for unit in units])
    found = krippendorff_alpha(counts, scale=scale)
    paired = {value for unit in units if len(unit) > 1 for value in unit}
    if len(paired) < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(alpha_by_pairs(units, scale))


def answers_of(choices, quality=None, *, feature="bar"):
    """Tabulate choices and qualities of shape (galaxies, raters), given as numbers."""
    n_galaxies, n_raters = choices.shape
    galaxy, rater = np.indices(choices.shape).reshape(2, -1)
    table = pd.DataFrame(
        {
            "feature": feature,
            "galaxy_id": [f"g{number}" for number in galaxy],
            "rater": [f"r{number}" for number in rater],
            "item": range(n_galaxies * n_raters),
            "kind": "rated",
            "counted": True,
            "choice": np.array([*METHODS, "tie"])[choices.ravel()],
        }
    )
    if quality is not None:
        table["quality_model"] = np.array(LEVELS)[quality.ravel()]
    return table


def test_the_table_has_the_alphas_of_choices_and_qualities():
    rng = np.random.default_rng(4)
    choices, quality = rng.integers(0, 4, (2, 12, 3))
    table = rater_agreement(answers_of(choices, quality), METHODS, n_resamples=200)
    rows = table.set_index(["question", "method"])
    assert list(rows.index) == [("best", ""), ("quality", "model"), ("quality", "")]
    assert rows.loc[("best", ""), "alpha"] == pytest.approx(alpha_by_pairs(choices, "nominal"))
    ordinal = alpha_by_pairs(quality.tolist(), "ordinal")
    assert rows.loc[("quality", "model"), "alpha"] == pytest.approx(ordinal)
    assert rows.loc[("quality", ""), "alpha"] == pytest.approx(ordinal)
    assert (rows["n_units"] == 12).all()
    assert (rows["n_answers"] == 36).all()
    assert (rows["alpha_low"] < rows["alpha"]).all()
    assert (rows["alpha_high"] > rows["alpha"]).all()


def test_one_rater_agrees_with_nobody():
    table = rater_agreement(answers_of(np.zeros((5, 1), int)), METHODS, n_resamples=100)
    assert table["n_units"].tolist() == [0]
    assert table[["alpha", "alpha_low", "alpha_high"]].isna().all(axis=None)


def test_alpha_of_raters_who_copy_a_truth_now_and_then():
    """Raters give the truth with probability s, else one of k at random: alpha is s squared."""
    rng = np.random.default_rng(6)
    k, s = 3, 0.7
    alphas, inside = [], 0
    for _ in range(40):
        truth = rng.integers(0, k, (60, 1))
        choices = np.where(rng.random((60, 5)) < s, truth, rng.integers(0, k, (60, 5)))
        table = rater_agreement(answers_of(choices), METHODS, n_resamples=150)
        alphas.append(table["alpha"][0])
        inside += table["alpha_low"][0] <= s**2 <= table["alpha_high"][0]
    assert np.mean(alphas) == pytest.approx(s**2, abs=0.02)
    assert inside >= 34


def with_repeats(first, again):
    table = pd.concat(
        [answers_of(first), answers_of(again).assign(kind="repeat", counted=False)],
        ignore_index=True,
    )
    return table.assign(
        right=pd.Series([None] * len(table), dtype="boolean"), seconds=3.0, n_places=3, place=1
    ).astype({"place": "Int64"})


def test_consistency_of_choices():
    rng = np.random.default_rng(1)
    first = rng.integers(0, 3, (30, 2))
    again = np.where(rng.random((30, 2)) < 0.5, first, rng.integers(0, 3, (30, 2)))
    table = with_repeats(first, again)
    (row,) = self_consistency(table, METHODS).itertuples()
    same = (first == again).mean()
    share = np.bincount(np.r_[first.ravel(), again.ravel()], minlength=3) / 120
    assert (row.question, row.n_pairs) == ("best", 60)
    assert row.share == pytest.approx(same)
    # Scott's pi, from its definition
    assert row.kappa == pytest.approx((same - share @ share) / (1 - share @ share))
    assert row.share_low < same < row.share_high
    assert len(repeat_pairs(table)) == 60


def test_consistency_of_qualities_joins_method_by_method():
    table = with_repeats(np.zeros((3, 1), int), np.zeros((3, 1), int))
    table["quality_model"] = ["perfect"] * 3 + ["perfect", "perfect", "failed"]
    table["quality_model_again"] = ["failed"] * 6
    rows = self_consistency(table, ("model", "model_again")).set_index("question")
    assert rows.loc["quality", ["n_pairs", "n_same"]].tolist() == [6, 5]


def test_without_repeats_there_is_no_consistency():
    table = self_consistency(answers_of(np.zeros((3, 2), int)), METHODS)
    assert table.empty
    assert "kappa" in table


def test_the_majority_is_that_of_the_others():
    choices = np.array([[0, 0, 1], [0, 1, 2], [1, 1, 1]])
    agrees = majority_agreement(answers_of(choices)).to_numpy().reshape(3, 3)
    nan = np.nan
    np.testing.assert_array_equal(agrees, [[nan, nan, 0], [nan, nan, nan], [1, 1, 1]])


def test_the_summary_of_raters():
    table = with_repeats(np.array([[0, 0, 1], [1, 1, 1]]), np.array([[0, 1, 1], [1, 1, 0]]))
    practice = table[:3].assign(kind="practice", counted=False, seconds=30.0)
    practice["right"] = pd.array([True, False, True], dtype="boolean")
    everything = pd.concat([table, practice], ignore_index=True)
    position = position_bias(table[table["counted"]])
    raters = rater_summary(everything, position=position).set_index("rater")
    assert raters["place_p_value"].tolist() == [pytest.approx(1 / 3, abs=0.02)] * 3
    assert raters["n_evaluations"].tolist() == [2, 2, 2]
    assert raters["n_practice_right"].tolist() == [1, 0, 1]
    assert raters["n_repeats"].tolist() == [2, 2, 2]
    assert raters["repeat_share"].tolist() == [1, 0.5, 0.5]
    assert raters["n_with_majority"].tolist() == [1, 1, 2]
    assert raters["majority_share"].tolist() == [1, 1, 0.5]
    assert (raters["median_seconds"] == 3).all()
