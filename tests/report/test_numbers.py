"""Digits follow the error."""

import math

import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable
from hypothesis import given
from hypothesis import strategies as st

from galseg.report.numbers import plain_column, round_to_error


@pytest.mark.parametrize(
    ("value", "err", "text"),
    [
        (31.4567, 0.4321, "31.46 ± 0.43"),
        (1234.5, 678.0, "1234 ± 678"),
        (0.0123456, 0.00012, "0.01235 ± 0.00012"),
        (5.0, 1e-12, "5.000000 ± 0.000000"),
        (5.4321, math.nan, "5.432"),
        (5.4321, 0.0, "5.432"),
        (5.4321, math.inf, "5.432"),
        (math.nan, 1.0, ""),
    ],
)
def test_a_number_has_the_digits_of_its_error(value, err, text):
    assert round_to_error(value, err) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e4))
def test_rounding_costs_less_than_a_tenth_of_the_error(value, err):
    written = float(round_to_error(value, err).split()[0])
    assert abs(written - value) <= max(0.1 * err, 0.5 if err >= 10 else 0)


def test_masked_values_are_nan_or_empty():
    table = QTable(masked=True)
    table["n"] = MaskedColumn([1, 2], mask=[True, False])
    table["name"] = MaskedColumn(["a", "b"], mask=[False, True])
    np.testing.assert_array_equal(plain_column(table["n"]), [math.nan, 2])
    assert plain_column(table["name"]).tolist() == ["a", ""]
