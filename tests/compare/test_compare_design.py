"""Places are random and balanced, for every rater and for all together, whatever comes again."""

from collections import Counter
from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from galseg.compare.design import balanced_places, deal_items, deal_practice, latin_square
from galseg.compare.key import new_secret

FEATURES = ("bar", "tidal")


def counts_by_place(places, n_methods):
    """How often each method (row) stands in each place (column)."""
    flat = places.reshape(-1, n_methods)
    return np.array([(flat == method).sum(axis=0) for method in range(n_methods)])


def spread_of_places(items, methods):
    """Largest difference between how often two methods, or two places, meet; by counting."""
    met = Counter((method, place) for item in items for place, method in enumerate(item.methods))
    counts = [met[method, place] for method in methods for place in range(len(methods))]
    return max(counts) - min(counts)


def by_rater_and_feature(items):
    for rater in {item.rater for item in items}:
        for feature in {item.feature for item in items}:
            yield [item for item in items if (item.rater, item.feature) == (rater, feature)]


@given(st.integers(0, 20), st.integers(2, 5), st.integers(1, 7), st.integers(0, 99))
def test_each_method_is_as_often_in_each_place(n_items, n_methods, n_raters, seed):
    rng = np.random.default_rng(seed)
    places = balanced_places(n_items, n_methods, n_raters=n_raters, rng=rng)
    assert (np.sort(places, axis=-1) == np.arange(n_methods)).all()
    for rater in places:
        assert np.ptp(counts_by_place(rater, n_methods)) <= 1
    assert np.ptp(counts_by_place(places, n_methods)) <= 1


def test_all_squares_of_size_three_are_drawn_alike_often():
    rng = np.random.default_rng(5)
    squares = [latin_square(3, rng=rng).tobytes() for _ in range(1200)]
    counts = np.unique(squares, return_counts=True)[1]
    assert len(counts) == 12
    assert counts.min() > 60


def test_every_rater_sees_everything_once_in_an_order_of_their_own():
    shown = [(f"g{n}", feature) for n in range(10) for feature in FEATURES]
    items = deal_items(shown, methods=["a", "b"], raters=["r", "s"], secret=new_secret(1))
    orders = [[(i.galaxy_id, i.feature) for i in items if i.rater == r] for r in ("r", "s")]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(shown)
    assert orders[0] != orders[1] != shown
    assert len({item.token for item in items}) == len(items) == 40


@given(
    n_galaxies=st.tuples(st.integers(1, 25), st.integers(0, 25)),
    n_methods=st.integers(2, 5),
    n_raters=st.integers(1, 4),
    repeats=st.floats(0, 0.5),
    seed=st.integers(0, 999),
)
def test_places_are_balanced_with_and_without_repeats(
    n_galaxies, n_methods, n_raters, repeats, seed
):
    shown = [
        (f"g{n}", name) for name, m in zip(FEATURES, n_galaxies, strict=True) for n in range(m)
    ]
    methods = [f"m{n}" for n in range(n_methods)]
    raters = [f"r{n}" for n in range(n_raters)]
    items = deal_items(
        shown, methods=methods, raters=raters, secret=new_secret(seed), repeats=repeats
    )
    once = [item for item in items if item.kind == "rated"]
    for dealt in (items, once):
        for feature in {feature for _, feature in shown}:
            assert spread_of_places([i for i in dealt if i.feature == feature], methods) <= 1
        for part in filter(None, by_rater_and_feature(dealt)):
            assert spread_of_places(part, methods) <= 1
    for part in filter(None, by_rater_and_feature(items)):
        n_again = sum(item.kind == "repeat" for item in part)
        n_once = len(part) - n_again
        most = n_methods * (n_once // (2 * n_methods))
        assert min(repeats * n_once - 1e-6, most) <= n_again < repeats * n_once + n_methods
        assert n_again <= most


@given(st.integers(2, 40), st.integers(2, 4), st.floats(0, 0.5), st.integers(0, 999))
def test_repeats_come_late_and_with_every_mask_elsewhere(n_galaxies, n_methods, repeats, seed):
    shown = [(f"g{n}", "bar") for n in range(n_galaxies)]
    methods = [f"m{n}" for n in range(n_methods)]
    items = deal_items(
        shown, methods=methods, raters=["r"], secret=new_secret(seed), repeats=repeats
    )
    at = {item.token: number for number, item in enumerate(items)}
    assert len(at) == len(items)
    for number, item in enumerate(items):
        if item.kind == "repeat":
            first = items[at[item.repeats]]
            assert (item.galaxy_id, item.feature) == (first.galaxy_id, first.feature)
            assert all(a != b for a, b in zip(item.methods, first.methods, strict=True))
            between = items[at[item.repeats] + 1 : number]
            assert sum(one.kind == "rated" for one in between) >= n_galaxies // 2


def test_raters_repeat_different_galaxies():
    shown = [(f"g{n}", "bar") for n in range(40)]
    items = deal_items(
        shown, methods=["a", "b"], raters=["r", "s"], secret=new_secret(1), repeats=0.1
    )
    again = [{i.galaxy_id for i in items if (i.rater, i.kind) == (r, "repeat")} for r in "rs"]
    assert len(again[0]) == len(again[1]) == 4
    assert again[0] != again[1]


@given(st.integers(1, 9), st.integers(2, 4), st.integers(1, 5), st.integers(0, 99))
def test_practice_is_balanced_and_the_same_for_every_rater(n_items, n_sets, n_raters, seed):
    sets = [f"set{n}" for n in range(n_sets)]
    expected = {(f"p{n}", "bar"): ("set0",) for n in range(n_items)}
    raters = [f"r{n}" for n in range(n_raters)]
    items = deal_practice(expected, methods=sets, raters=raters, secret=new_secret(seed))
    assert spread_of_places(items, sets) <= 1
    for rater, part in groupby(items, lambda item: item.rater):
        dealt = list(part)
        assert sorted((item.galaxy_id, item.feature) for item in dealt) == sorted(expected)
        assert spread_of_places(dealt, sets) <= 1
        assert {(item.kind, item.expected, item.rater) for item in dealt} == {
            ("practice", ("set0",), rater)
        }
