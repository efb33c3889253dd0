"""Numbers as a paper prints them."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from galseg.io.latex import write_latex
from galseg.measure.columns import unit_of


def cells(tmp_path, **columns):
    write_latex(tmp_path / "a.tex", Table({name: [value] for name, value in columns.items()}))
    lines = (tmp_path / "a.tex").read_text().splitlines()
    heads, row = (line.removesuffix(r" \\").split(" & ") for line in (lines[3], lines[5]))
    return dict(zip(heads, row, strict=True))


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (31.5234, 0.4132, r"$31.52 \pm 0.41$"),
        (31.5234, 12.3, r"$32 \pm 12$"),
        (31234.2, 1234.5, r"$31234 \pm 1234$"),
        (1e-4, 2.34e-6, r"$0.0001000 \pm 0.0000023$"),
        (-0.52, 0.1, r"$-0.52 \pm 0.10$"),
        (31.5234, np.nan, "$31.52$"),
        (31.5234, 0.0, r"$31.5234 \pm 0.0000$"),
        (np.nan, np.nan, r"\ldots"),
        (np.nan, 1.0, r"\ldots"),
    ],
)
def test_an_error_sets_the_digits_of_its_number(tmp_path, value, error, expected):
    row = cells(tmp_path, axis_ratio=value, axis_ratio_err=error)
    assert row == {"axis ratio": expected}


def test_percentiles_stand_above_and_below(tmp_path):
    row = cells(tmp_path, x=31.52, x_err=0.4, x_p16=31.19, x_p84=32.04)
    assert row == {"x": "$31.52^{+0.52}_{-0.33}$"}
    assert cells(tmp_path, x=31.52, x_p16=np.nan, x_p84=32.04) == {"x": "$31.52$"}
    assert cells(tmp_path, x=31.52, x_p16=31.52, x_p84=31.52) == {
        "x": "$31.5200^{+0.0000}_{-0.0000}$"
    }


def test_an_error_of_a_number_that_was_left_out_stands_alone(tmp_path):
    assert cells(tmp_path, x_err=0.41234) == {"x err": "$0.4123$"}


def test_places_on_the_sky_keep_their_decimals(tmp_path):
    row = cells(tmp_path, ra_deg=119.633812, dec_deg=-0.000051)
    assert list(row.values()) == ["$119.63381$", "$-0.00005$"]


def test_large_numbers_have_no_exponent(tmp_path):
    assert cells(tmp_path, n=123456.0) == {"n": "$123500$"}


def test_units_stand_in_the_heading_and_tell_columns_apart(tmp_path):
    row = cells(tmp_path, length_pix=1.0, length_kpc=2.0, area_arcsec2=3.0)
    assert list(row) == [
        rf"{word} ({unit_of(name).to_string('latex_inline')})"
        for word, name in (("length", "a_pix"), ("length", "a_kpc"), ("area", "a_arcsec2"))
    ]


def test_text_is_escaped_and_what_is_missing_is_an_ellipsis(tmp_path):
    assert cells(tmp_path, galaxy_id="J1_a&b 5%", winding="") == {
        "galaxy id": r"J1\_a\&b 5\%",
        "winding": r"\ldots",
    }
    write_latex(tmp_path / "a.tex", Table({"n": MaskedColumn([1, 2], mask=[False, True])}))
    assert (tmp_path / "a.tex").read_text().splitlines()[5:7] == [r"1 \\", r"\ldots \\"]


def test_a_table_of_no_rows_keeps_its_headings(tmp_path):
    write_latex(tmp_path / "a.tex", Table(names=["galaxy_id", "x"], dtype=[str, float]))
    assert "galaxy id & x" in (tmp_path / "a.tex").read_text()
