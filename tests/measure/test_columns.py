"""Columns keep in step with the records, the vocabulary and the documentation."""

from dataclasses import fields

import astropy.units as u
import numpy as np
import pytest
from astropy.io.votable.ucd import parse_ucd
from astropy.table import QTable

from galseg.measure import (
    ArmMeasurement,
    BarLight,
    BarMeasurement,
    SpiralMeasurement,
    TidalMeasurement,
)
from galseg.measure.columns import (
    ARM_COLUMNS,
    BAR_COLUMNS,
    GALAXY_COLUMNS,
    TIDAL_COLUMNS,
    ColumnSpec,
    percentile_columns,
    unit_of,
)
from galseg.measure.table import build_table, with_decoded_flags
from tests.measure.tables_page import PAGE, page
from tests.measure.test_catalog import OWN_COLUMNS

TABLES = {
    "galaxies": GALAXY_COLUMNS,
    "bars": BAR_COLUMNS,
    "arms": ARM_COLUMNS,
    "tidal": TIDAL_COLUMNS,
}
# Fields that no column holds: places in pixels, for plots; the arms have a table of their own.
LEFT_OUT = {"ends_xy", "ridge_xy", "medial_xy", "centre_xy", "arms"}


@pytest.mark.parametrize(
    ("record", "columns", "prefix"),
    [
        (BarMeasurement, GALAXY_COLUMNS, ""),
        (BarMeasurement, BAR_COLUMNS, ""),
        (SpiralMeasurement, GALAXY_COLUMNS, ""),
        (BarLight, GALAXY_COLUMNS, "light_"),
        (ArmMeasurement, ARM_COLUMNS, ""),
        (TidalMeasurement, TIDAL_COLUMNS, ""),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_field_of_a_record_has_its_column(record, columns, prefix):
    renamed = {"flags": "spiral_flags"} if record is SpiralMeasurement else {}
    expected = {prefix + renamed.get(field.name, field.name) for field in fields(record)
                if field.name not in LEFT_OUT}  # fmt: skip
    assert expected <= {column.name for column in columns}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_comes_from_a_record_or_from_the_table_itself(table):
    records = {
        "galaxies": (BarMeasurement, SpiralMeasurement),
        "bars": (BarMeasurement,),
        "arms": (ArmMeasurement,),
        "tidal": (TidalMeasurement,),
    }
    known = OWN_COLUMNS | {field.name for record in records[table] for field in fields(record)}
    known |= {f"light_{field.name}" for field in fields(BarLight)}
    names = [column.name for column in TABLES[table]]
    assert set(names) <= known
    assert len(set(names)) == len(names)


def test_the_bar_table_starts_as_it_always_did():
    start = "galaxy_id ra_deg dec_deg length_pix length_arcsec length_kpc length_deprojected_arcsec length_deprojected_kpc width_arcsec axis_ratio position_angle_deg probability flags"  # noqa: E501
    for columns in (GALAXY_COLUMNS, BAR_COLUMNS):
        names = [column.name for column in columns if not column.name.endswith("_err")]
        assert names[:13] == start.split()


def every_column(table):
    return (*TABLES[table], *percentile_columns(TABLES[table]))


@pytest.mark.parametrize("table", TABLES)
def test_ucds_are_words_of_the_vocabulary_in_their_places(table):
    for column in every_column(table):
        assert parse_ucd(column.ucd, check_controlled_vocabulary=True), column.name


@pytest.mark.parametrize("table", TABLES)
def test_descriptions_and_kinds_are_of_one_form(table):
    for column in every_column(table):
        assert column.description.rstrip(".") == column.description != ""
        assert column.kind in (str, int, float)
        assert column.description.isascii()  # FITS keywords hold nothing else


def test_errors_and_percentiles_follow_their_number_in_unit_and_ucd():
    for table in TABLES:
        by_name = {column.name: column for column in every_column(table)}
        for name, column in by_name.items():
            if name.endswith(("_err", "_p16", "_p84")):
                number = by_name[name[:-4]]
                assert column.ucd.partition(";")[2] == number.ucd
                assert unit_of(name) == unit_of(number.name)


def test_units_stand_in_names():
    expected = {"a_deg": u.deg, "a_arcsec_err": u.arcsec, "a_arcsec2": u.arcsec**2,
                "a_pix": u.pix, "a_kpc_p16": u.kpc, "axis_ratio": None, "deg": u.deg}  # fmt: skip
    assert {name: unit_of(name) for name in expected} == expected


def test_a_table_has_the_units_ucds_and_descriptions_of_its_columns():
    columns = (ColumnSpec("galaxy_id", str, "meta.id", "galaxy"), *TIDAL_COLUMNS[4:6])
    table = build_table([("a", 1.5, np.nan), ("bb", 2.0, 0.1)], columns)
    assert table["galaxy_id"].tolist() == ["a", "bb"]
    assert table["area_arcsec2"].unit == u.arcsec**2
    for column in columns:
        assert table[column.name].info.description == column.description
        assert table[column.name].info.meta == {"ucd": column.ucd}


def test_flags_are_decoded_beside_their_numbers():
    table = QTable({"flags": [3, 0], "x": [1.0, 2.0], "spiral_flags": [0, 16384]})
    decoded = with_decoded_flags(table)
    assert decoded.colnames == [
        "flags",
        "flags_decoded",
        "x",
        "spiral_flags",
        "spiral_flags_decoded",
    ]
    assert decoded["flags_decoded"].tolist() == ["EMPTY NO_DATA", ""]
    assert decoded["spiral_flags_decoded"].tolist() == ["", "FAILED"]
    assert decoded["spiral_flags_decoded"].info.meta["ucd"] == "meta.code.qual"
    assert table.colnames == ["flags", "x", "spiral_flags"]
    assert with_decoded_flags(table[:0])["flags_decoded"].dtype.kind == "U"


def test_the_page_of_the_documentation_is_up_to_date():
    told = f"python -m tests.measure.tables_page > {PAGE.name} makes it again"
    assert PAGE.read_text(encoding="utf-8") == page(), told
