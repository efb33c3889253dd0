"""Pieces of known spirals that belong together, and that do not."""

import numpy as np
import pytest

from galseg.measure.joining import join_ridges
from galseg.measure.polar import PolarMap
from galseg.measure.ridges import Ridge

EMPTY = PolarMap(np.zeros((360, 200), np.float32), threshold=0.5, core=0.5, radius_step=1.0)
FULL = PolarMap(np.ones((360, 200), np.float32), threshold=0.5, core=0.5, radius_step=1.0)


def spiral_ridge(start, stop, *, slope=0.2, level=3.0):
    azimuth = np.arange(start, stop, 0.01)
    radius = np.exp(level + slope * azimuth)
    return Ridge(azimuth, radius, np.full_like(azimuth, 5.0))


@pytest.mark.parametrize(
    ("pieces", "n_arms"),
    [
        ([(0.0, 1.0), (1.3, 2.5)], 1),
        ([(0.0, 1.0), (1.8, 2.5)], 2),
        ([(0.0, 1.0), (1.2, 2.0), (2.4, 3.5), (3.6, 4.0)], 1),
        ([(0.0, 3.0), (3.2, 9.0)], 1),
    ],
)
def test_pieces_of_one_spiral_join_over_short_gaps(pieces, n_arms):
    ridges, has_ring = join_ridges([spiral_ridge(*piece) for piece in pieces], EMPTY)
    assert (len(ridges), has_ring) == (n_arms, False)
    assert ridges[0].azimuth_span == pytest.approx(
        pieces[-1][1] - pieces[0][0] if n_arms == 1 else 1.0, abs=0.02
    )


def test_a_neighbouring_arm_is_not_joined():
    ridges, _ = join_ridges([spiral_ridge(0, 1.5), spiral_ridge(1.7, 3.0, level=3.4)], EMPTY)
    assert len(ridges) == 2


def test_arcs_of_a_circle_join_to_a_ring_and_drop_out():
    arcs = [spiral_ridge(start, start + 1.8, slope=0.0) for start in (0.0, 2.1, 4.2)]
    ridges, has_ring = join_ridges(arcs, EMPTY)
    assert ridges == []
    assert has_ring


def test_a_long_gap_is_bridged_only_where_the_map_is_filled():
    pieces = [spiral_ridge(0, 1.2), spiral_ridge(2.6, 4.0)]
    assert len(join_ridges(pieces, EMPTY)[0]) == 2
    assert len(join_ridges(pieces, FULL)[0]) == 1
