"""A preference for a place is found where there is one, and only there."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chisquare

from galseg.compare.position import equal_shares_p_value, position_bias


@pytest.mark.parametrize("counts", [[30, 50], [45, 52], [9, 1], [3, 3]])
def test_of_two_places_the_p_value_is_the_binomial_tests(counts):
    exact = binomtest(counts[0], sum(counts)).pvalue
    assert equal_shares_p_value(counts) == pytest.approx(exact, abs=0.015)


@pytest.mark.parametrize("counts", [[110, 130, 150], [95, 100, 105], [60, 80, 70, 90]])
def test_of_many_choices_it_is_the_chi_square_tests(counts):
    assert equal_shares_p_value(counts) == pytest.approx(chisquare(counts).pvalue, abs=0.025)


def test_no_choice_says_nothing():
    assert np.isnan(equal_shares_p_value([0, 0, 0]))


def test_the_p_value_is_even_where_places_do_not_matter():
    rng = np.random.default_rng(0)
    p = [
        equal_shares_p_value(rng.multinomial(12, [1 / 3] * 3), n_draws=999, seed=seed)
        for seed in range(400)
    ]
    assert np.mean(np.array(p) < 0.05) < 0.075


def places_table(places_by_rater):
    rows = [(rater, place) for rater, places in places_by_rater.items() for place in places]
    table = pd.DataFrame(rows, columns=["rater", "place"]).astype({"place": "Int64"})
    return table.assign(n_places=3)


def test_each_rater_has_rows_and_ties_do_not_count():
    table = position_bias(places_table({"Ann": [1] * 20, "Bo": [1, 2, 3] * 6 + [None] * 5}))
    rows = table.set_index(["rater", "place"])
    assert rows.loc["Ann", "n_chosen"].tolist() == [20, 0, 0]
    assert rows.loc[("Ann", 1), "p_value"] < 0.001
    assert rows.loc["Bo", "n_decided"].tolist() == [18, 18, 18]
    assert rows.loc[("Bo", 1), "p_value"] == 1
    assert rows.loc["", "n_chosen"].tolist() == [26, 6, 6]


def test_nobody_decided():
    assert position_bias(places_table({"Ann": [None, None]})).empty
