"""Run lengths, against pycocotools; damaged ones must end in an error, never in a crash."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from galseg.errors import FormatError, ShapeError
from galseg.geometry.rle import decode_rle, encode_rle

masks = st.builds(
    lambda ny, nx, filled, seed: np.random.default_rng(seed).random((ny, nx)) < filled,
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0, 0.03, 0.5, 0.9, 1]),
    st.integers(0, 2**32 - 1),
)


def runs_of(mask):
    """Lengths of the runs in column order, one pixel after another."""
    lengths, inside = [0], False
    for pixel in mask.T.ravel():
        if bool(pixel) != inside:
            lengths.append(0)
            inside = not inside
        lengths[-1] += 1
    return lengths


@given(masks)
def test_unpacks_both_forms_to_the_same_mask(mask):
    np.testing.assert_array_equal(decode_rle(encode_rle(mask)), mask)
    plain = {"size": list(mask.shape), "counts": runs_of(mask)}
    np.testing.assert_array_equal(decode_rle(plain), mask)


def test_a_large_mask_with_long_runs():
    mask = np.zeros((1000, 1200), dtype=bool)
    mask[100:900, 300:301] = mask[5, 700:] = mask[:, 1100:] = True
    rle = encode_rle(mask)
    np.testing.assert_array_equal(decode_rle(rle), mask)
    np.testing.assert_array_equal(coco_mask.decode(rle), mask)


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60)))
def test_random_strings_are_refused_or_fill_the_mask(counts):
    try:
        mask = decode_rle({"size": [7, 9], "counts": counts})
    except FormatError:
        return
    assert mask.shape == (7, 9)


@given(masks, st.data())
def test_a_string_with_one_wrong_character_never_crashes(mask, data):
    rle = encode_rle(mask)
    place = data.draw(st.integers(0, max(len(rle["counts"]) - 1, 0)))
    character = data.draw(st.characters(min_codepoint=0, max_codepoint=300))
    rle["counts"] = rle["counts"][:place] + character + rle["counts"][place + 1 :]
    try:
        unpacked = decode_rle(rle)
    except FormatError:
        return
    assert unpacked.shape == mask.shape


@pytest.mark.parametrize(
    ("rle", "message"),
    [
        ("2111", "must be an object"),
        ({"size": [2, 3]}, "must be an object"),
        ({"size": [2, 3.0], "counts": [6]}, "two whole numbers"),
        ({"size": [2, float("nan")], "counts": [6]}, "two whole numbers"),
        ({"size": [-2, -3], "counts": [6]}, "two whole numbers"),
        ({"size": [10**9, 10**9], "counts": [10**18]}, "over the limit"),
        ({"size": [2, 3], "counts": [2, 3]}, "do not fill"),
        ({"size": [2, 3], "counts": [8, -2]}, "do not fill"),
        ({"size": [2, 3], "counts": [10**30]}, "too large"),
        ({"size": [2, 3], "counts": [1.5, 4.5]}, "whole numbers"),
        ({"size": [2, 3], "counts": None}, "whole numbers"),
        ({"size": [2, 3], "counts": ""}, "do not fill"),
        ({"size": [2, 3], "counts": "2 11"}, "character"),
        ({"size": [2, 3], "counts": "211o"}, "cut off"),
        ({"size": [2, 3], "counts": "o" * 9 + "1"}, "35 bits"),
        ({"size": [2, 3], "counts": "oooo0"}, "exceed"),
    ],
)
def test_damaged_run_lengths_say_what_is_wrong(rle, message):
    with pytest.raises(FormatError, match=message):
        decode_rle(rle)


@pytest.mark.parametrize("mask", [np.zeros((2, 3)), np.zeros(4, bool), np.zeros((1, 2, 3), bool)])
def test_only_masks_are_packed(mask):
    with pytest.raises(ShapeError):
        encode_rle(mask)
