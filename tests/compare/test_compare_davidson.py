"""Worths agree with published ones, with other likelihoods, and with simulated truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from galseg.compare.davidson import fit_davidson
from galseg.errors import ConfigError, ShapeError
from tests.compare.made_up import simulated_choices

# Six brands of chocolate pudding, two at a time: i, j, preferred i, preferred j, no preference.
PUDDINGS = np.array(
    [
        [1, 2, 19, 22, 16], [1, 3, 16, 19, 12], [2, 3, 19, 19, 10], [1, 4, 18, 23, 13],
        [2, 4, 23, 19, 9], [3, 4, 19, 20, 15], [1, 5, 13, 19, 18], [2, 5, 16, 20, 12],
        [3, 5, 16, 15, 17], [4, 5, 17, 14, 16], [1, 6, 18, 21, 12], [2, 6, 22, 20, 12],
        [3, 6, 13, 18, 10], [4, 6, 14, 19, 18], [5, 6, 11, 21, 12],
    ]
)  # fmt: skip


def in_pairs(table):
    i, j = table[:, 0] - 1, table[:, 1] - 1
    rows = np.arange(len(table))
    chosen = np.zeros((len(table), 6))
    chosen[rows, i], chosen[rows, j] = table[:, 2], table[:, 3]
    shown = np.zeros((len(table), 6), dtype=bool)
    shown[rows, i] = shown[rows, j] = True
    return chosen, table[:, 4], shown


def test_the_puddings_of_davidson_1970():
    fit = fit_davidson(*in_pairs(PUDDINGS), n_pseudo=1e-9)
    # as the R package PlackettLuce gives them, whose iteration stops 2e-5 short of the maximum
    published = [0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855]
    np.testing.assert_allclose(fit.worth, published, atol=3e-5)
    assert fit.tie_ratio == pytest.approx(0.7468147, abs=3e-5)
    assert likelihood_at(fit.worth, fit.tie_ratio) > likelihood_at(np.array(published), 0.7468147)


def likelihood_at(worth, tie_ratio):
    return -davidson_likelihood(np.log([*worth[1:] / worth[0], tie_ratio]))


def davidson_likelihood(parameters):
    """Davidson's likelihood of the puddings, written out; the first worth is one."""
    worth, nu = np.exp(np.append(0, parameters[:5])), np.exp(parameters[5])
    i, j, first, second, none = PUDDINGS.T
    a, b = worth[i - 1], worth[j - 1]
    total = a + b + nu * np.sqrt(a * b)
    return -(
        first * np.log(a / total)
        + second * np.log(b / total)
        + none * np.log(nu * np.sqrt(a * b) / total)
    ).sum()


def test_errors_are_those_of_the_curvature_of_davidsons_likelihood():
    patient = {"maxfev": 20000, "maxiter": 20000, "xatol": 1e-9, "fatol": 1e-12}
    best = minimize(davidson_likelihood, np.zeros(6), method="Nelder-Mead", options=patient)
    step = 1e-3 * np.eye(6)
    f = davidson_likelihood
    curvature = np.array(
        [
            [
                (f(best.x + p + q) - f(best.x + p - q) - f(best.x - p + q) + f(best.x - p - q))
                / 4e-6
                for q in step
            ]
            for p in step
        ]
    )
    covariance = np.linalg.inv(curvature)
    fit = fit_davidson(*in_pairs(PUDDINGS), n_pseudo=1e-6)
    worth = np.exp(np.append(0, best.x[:5]))
    worth /= worth.sum()
    slope = (np.diag(worth) - np.outer(worth, worth))[:, 1:]
    expected = np.sqrt(np.diag(slope @ covariance[:5, :5] @ slope.T))
    np.testing.assert_allclose(fit.worth, worth, atol=1e-6)
    np.testing.assert_allclose(fit.worth_err, expected, rtol=1e-4)
    assert fit.tie_ratio_err == pytest.approx(np.exp(best.x[5]) * covariance[5, 5] ** 0.5, rel=1e-4)


def test_with_all_methods_always_shown_the_worths_are_the_shares():
    fit = fit_davidson([[287, 75, 5]], [0], np.ones((1, 3)), ties=False, n_pseudo=1e-9)
    np.testing.assert_allclose(fit.worth, np.array([287, 75, 5]) / 367, atol=1e-7)
    p = 287 / 367
    assert fit.worth_err[0] == pytest.approx((p * (1 - p) / 367) ** 0.5, rel=1e-4)
    assert np.isnan(fit.tie_ratio)


def test_the_tie_ratio_of_one_comparison_is_that_of_the_counts():
    fit = fit_davidson([[90, 15]], [28], [[1, 1]], n_pseudo=1e-9)
    assert fit.tie_ratio == pytest.approx(28 / np.sqrt(90 * 15), rel=1e-6)


def test_known_worths_are_found_within_their_errors():
    rng = np.random.default_rng(5)
    truth, tie_ratio = np.array([0.5, 0.3, 0.2]), 0.6
    pulls = []
    for _ in range(60):
        drawn, _ = simulated_choices(
            worth=truth, n_galaxies=300, n_raters=1, rng=rng, tie_ratio=tie_ratio
        )
        counts = np.bincount(drawn.ravel(), minlength=4)
        fit = fit_davidson(counts[None, :3], counts[3:], np.ones((1, 3)))
        pulls.append([*(fit.worth - truth) / fit.worth_err,
                      (fit.tie_ratio - tie_ratio) / fit.tie_ratio_err])  # fmt: skip
    assert np.abs(np.mean(pulls, axis=0)).max() < 0.45
    assert np.std(pulls, axis=0) == pytest.approx(1, abs=0.3)


def test_many_fits_at_once_are_the_fits_one_by_one():
    rng = np.random.default_rng(2)
    chosen, tied, shown = in_pairs(PUDDINGS)
    many = rng.poisson(chosen, size=(4, *chosen.shape)) * shown
    ties = rng.poisson(tied, size=(4, len(tied)))
    together = fit_davidson(many, ties, shown)
    for number in range(4):
        alone = fit_davidson(many[number], ties[number], shown)
        for one, all_ in zip(alone, together, strict=True):
            np.testing.assert_allclose(one, all_[number], rtol=1e-6)


@given(st.lists(st.integers(0, 400), min_size=4, max_size=4), st.integers(0, 400))
def test_any_counts_have_finite_worths_in_their_order(wins, ties):
    fit = fit_davidson([wins], [ties], np.ones((1, 4)))
    assert fit.worth.sum() == pytest.approx(1)
    assert np.isfinite(np.concatenate([fit.worth, fit.worth_err, [fit.tie_ratio]])).all()
    for a, b in zip(*np.triu_indices(4, 1), strict=True):
        assert np.sign(round(fit.worth[a] - fit.worth[b], 9)) == np.sign(wins[a] - wins[b])


def test_arguments_that_are_wrong():
    with pytest.raises(ConfigError, match="n_pseudo"):
        fit_davidson([[1, 1]], [0], [[1, 1]], n_pseudo=0)
    with pytest.raises(ShapeError, match="shapes"):
        fit_davidson([1, 1], [0], [[1, 1]])
    with pytest.raises(ShapeError, match="only those shown"):
        fit_davidson([[1, 1, 2]], [0], [[1, 1, 0]])
    with pytest.raises(ShapeError, match="two or more"):
        fit_davidson([[1, 0]], [0], [[1, 0]])
