"""Flags as data."""

import numpy as np

from galseg.measure import MeasureFlag, decode_flags


def test_every_flag_is_one_bit_and_is_explained():
    for flag in MeasureFlag:
        assert flag.value.bit_count() == 1
        assert f"    {flag.name}\n" in MeasureFlag.__doc__


def test_flags_are_decoded_by_name():
    column = np.array([MeasureFlag.EMPTY | MeasureFlag.FAILED, 0])
    assert decode_flags(column) == [("EMPTY", "FAILED"), ()]
    assert decode_flags(MeasureFlag.RING) == [("RING",)]
