"""Places are random and balanced, for every rater and for all together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from galseg.compare.design import balanced_places, deal_items, latin_square
from galseg.compare.key import new_secret


def counts_by_place(places, n_methods):
    """How often each method (row) stands in each place (column)."""
    flat = places.reshape(-1, n_methods)
    return np.array([(flat == method).sum(axis=0) for method in range(n_methods)])


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
    shown = [(f"g{n}", feature) for n in range(10) for feature in ("bar", "tidal")]
    items = deal_items(shown, methods=["a", "b"], raters=["r", "s"], secret=new_secret(1))
    orders = [[(i.galaxy_id, i.feature) for i in items if i.rater == r] for r in ("r", "s")]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(shown)
    assert orders[0] != orders[1] != shown
    assert len({item.token for item in items}) == len(items) == 40
