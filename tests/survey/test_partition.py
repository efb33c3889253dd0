"""Places get their HEALPix pixels, and pixels are put together up to a limit."""

from itertools import pairwise

import astropy.units as u
import numpy as np
import pytest
from astropy_healpix import HEALPix

from galseg.survey import partition
from galseg.survey.partition import (
    FINEST_ORDER,
    INDEX_ORDER,
    UNPLACED,
    choose_partitions,
    empty_map,
    pixels_of,
    spatial_index,
)
from tests.survey.made_up_shards import on_the_sky

pytest.importorskip("hats", reason="HATS catalogues need hats")


def held_by(weights, order, pixel):
    size = 4 ** (FINEST_ORDER - order)
    return weights[pixel * size : (pixel + 1) * size].sum()


def brute_force(weights, limit):
    """Split the sky until a pixel fits and has rows in two of its quarters."""
    finest = FINEST_ORDER
    while finest > 1 and weights.reshape(12 * 4 ** (finest - 1), -1).sum(axis=1).max() <= limit:
        finest -= 1

    def within(order, pixel):
        if not held_by(weights, order, pixel):
            return []
        quarters = range(4 * pixel, 4 * pixel + 4)
        if order == finest:
            return [(order, pixel)]
        n_filled = sum(held_by(weights, order + 1, quarter) > 0 for quarter in quarters)
        if held_by(weights, order, pixel) <= limit and n_filled > 1:
            return [(order, pixel)]
        return [one for quarter in quarters for one in within(order + 1, quarter)]

    return [one for base in range(12) for one in within(0, base)]


def test_the_index_is_that_of_another_library():
    ra, dec = on_the_sky(1000)
    ra = np.concatenate([ra, [0, 0, 77, 360, -10]])
    dec = np.concatenate([dec, [90, -90, 90, 12, 12]])
    theirs = HEALPix(nside=2**INDEX_ORDER, order="nested").lonlat_to_healpix(
        ra * u.deg, dec * u.deg
    )
    # at the borders of pixels of 0.4 mas the two libraries round differently
    assert np.mean(spatial_index(ra, dec) == theirs) > 0.98
    near = spatial_index(ra, dec) >> 20 == theirs >> 20
    assert near.all()


def test_right_ascension_goes_round():
    dec = np.full(3, 5.0)
    assert len(set(spatial_index(np.array([-10.0, 350.0, 710.0]), dec))) == 1


@pytest.mark.parametrize(
    "place", [(np.nan, 0), (0, np.nan), (np.inf, 0), (0, -np.inf), (0, 90.5), (0, -999)]
)
def test_what_is_no_place_is_unplaced(place):
    index = spatial_index(*np.array([place, (1, 2)], dtype=float).T)
    assert index[0] == UNPLACED
    assert index[1] >= 0


def test_pixels_leave_out_what_has_no_place():
    index = spatial_index(np.array([10.0, np.nan, 20.0]), np.zeros(3))
    pixels, placed = pixels_of(index)
    theirs = HEALPix(nside=2**FINEST_ORDER, order="nested").lonlat_to_healpix(
        [10, 20] * u.deg, [0, 0] * u.deg
    )
    assert pixels.tolist() == theirs.tolist()
    assert placed.tolist() == [True, False, True]


@pytest.mark.parametrize(("patch", "limit"), [(None, 400), (None, 37), (5.0, 100), (2.0, 1000)])
def test_partitions_are_the_largest_that_fit(patch, limit):
    weights = empty_map()
    pixels, _ = pixels_of(spatial_index(*on_the_sky(2000, patch=patch)))
    np.add.at(weights, pixels, 1)
    chosen = choose_partitions(weights, limit=limit)
    assert [tuple(one) for one in chosen] == brute_force(weights, limit)
    assert all(a.end <= b.first for a, b in pairwise(chosen))


def test_what_cannot_be_divided_stays_together(monkeypatch):
    monkeypatch.setattr(partition, "FINEST_ORDER", 4)
    weights = empty_map()
    weights[2000] = 1000
    assert choose_partitions(weights, limit=10) == [(4, 2000)]


def test_an_empty_sky_has_no_partition():
    assert choose_partitions(empty_map(), limit=10) == []
