"""A stage in a thread of its own: order, limits, errors and ends."""

import threading
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg.survey.pipeline import run_ahead


@settings(max_examples=10)
@given(items=st.lists(st.integers() | st.none(), max_size=20), n_ahead=st.integers(1, 4))
def test_items_come_in_order_through_stacked_stages(items, n_ahead):
    first = run_ahead((one for one in items), n_ahead=n_ahead)
    assert list(run_ahead((one for one in first), n_ahead=n_ahead)) == items


def test_no_more_wait_than_may():
    made = []

    def stage():
        for n in range(100):
            made.append(n)
            yield n

    with closing(run_ahead(stage(), n_ahead=3)) as ahead:
        for taken in range(1, 5):
            next(ahead)
            assert len(made) <= taken + 3 + 1


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_comes_where_its_item_would_have(error):
    def stage():
        yield 1
        raise error

    ahead = run_ahead(stage(), n_ahead=5)
    assert next(ahead) == 1
    with pytest.raises(type(error)):
        next(ahead)


def test_closing_ends_all_stages_each_in_its_own_thread():
    closed = []

    def endless():
        try:
            while True:
                yield threading.get_ident()
        finally:
            closed.append(threading.get_ident())

    def passed_on(source):
        with closing(source):
            for thread in source:
                yield thread, threading.get_ident()

    before = threading.active_count()
    ahead = run_ahead(passed_on(run_ahead(endless(), n_ahead=1)), n_ahead=1)
    inner, outer = next(ahead)
    assert len({inner, outer, threading.get_ident()}) == 3
    ahead.close()
    assert closed == [inner]
    assert threading.active_count() == before
