"""One vote a volunteer and pixel, against a mask a volunteer."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from galseg.consensus.votes import Ballots, collect_ballots
from galseg.errors import ShapeError
from galseg.geometry import polygon_mask

SHAPE = (13, 17)
NAMES = ["ann", "bob", "cid", "dee"]

corner = st.integers(-4, 40).map(lambda n: n / 2)
side = st.integers(1, 30).map(lambda n: n / 2)
boxes = st.tuples(corner, corner, side, side).map(
    lambda b: shapely.box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)
drawn = st.lists(st.tuples(st.sampled_from(NAMES), boxes, st.just(np.nan)), max_size=8)


def table(marks):
    return pd.DataFrame(marks, columns=["annotator_id", "geometry", "line_width_pix"])


def masks_of(marks):
    empty = np.zeros(SHAPE, dtype=bool)
    return np.array(
        [
            np.any([empty, *(polygon_mask(box, SHAPE) for who, box, _ in marks if who == n)], 0)
            for n in NAMES
        ]
    )


@given(drawn)
def test_ballots_hold_every_volunteers_mask(marks):
    ballots = collect_ballots(table(marks), annotator_ids=NAMES, shape=SHAPE)
    masks = masks_of(marks)
    for row, mask in zip(ballots.marked, masks, strict=True):
        np.testing.assert_array_equal(ballots.on_image(row), mask)
    np.testing.assert_array_equal(ballots.on_image(ballots.n_votes), masks.sum(axis=0))
    flat = masks.reshape(len(NAMES), -1).astype(int)
    np.testing.assert_array_equal(ballots.shared_pixels(), flat @ flat.T)
    np.testing.assert_array_equal(ballots.drew, flat.any(axis=1))


def test_overlapping_marks_of_one_volunteer_are_one_vote():
    box = shapely.box(1.5, 1.5, 5.5, 5.5)
    marks = [("ann", box, np.nan)] * 3 + [("bob", box, np.nan)]
    ballots = collect_ballots(table(marks), annotator_ids=NAMES, shape=SHAPE)
    assert ballots.on_image(ballots.n_votes).max() == 2


def test_a_line_votes_over_its_width():
    line = shapely.LineString([(2, 6), (12, 6)])
    marks = table([("ann", line, 3.0)])
    ballots = collect_ballots(marks, annotator_ids=NAMES, shape=SHAPE)
    rows, columns = np.nonzero(ballots.on_image(ballots.n_votes))
    assert (rows.min(), rows.max()) == (5, 7)
    assert (columns.min(), columns.max()) == (3, 11)


def test_a_mark_by_someone_who_was_not_asked_is_refused():
    marks = table([("eve", shapely.box(1, 1, 5, 5), np.nan)])
    with pytest.raises(ShapeError, match="'eve' marked a feature without having been asked"):
        collect_ballots(marks, annotator_ids=NAMES, shape=SHAPE)


@pytest.mark.parametrize(
    ("first", "length", "message"),
    [
        ([3, 1], [2, 1], "follow each other"),
        ([1, 2], [2, 1], "follow each other"),
        ([1, 4], [0, 1], "follow each other"),
        ([-1, 4], [1, 1], "follow each other"),
        ([1, 200], [1, 30], "follow each other"),
        ([1], [2], "2 runs|1 runs"),
    ],
)
def test_runs_that_cannot_be_are_refused(first, length, message):
    with pytest.raises(ShapeError, match=message):
        Ballots(np.ones((3, 2), dtype=bool), np.array(first), np.array(length), SHAPE)
