"""Columns that say what they are."""

import pytest
from astropy import units as u
from astropy.io.votable.ucd import check_ucd

from galseg.measure.columns import ARM_COLUMNS, GALAXY_COLUMNS, TIDAL_COLUMNS
from galseg.survey.schema import ARM_SCHEMA, GALAXY_SCHEMA, MASK_SCHEMAS, TIDAL_SCHEMA

SCHEMAS = {"galaxies": GALAXY_SCHEMA, "arms": ARM_SCHEMA, "tidal": TIDAL_SCHEMA, **MASK_SCHEMAS}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_column_has_one_name_a_description_and_a_valid_ucd(schema):
    assert len(set(schema.names)) == len(schema.names)
    for field in schema:
        assert field.metadata[b"description"]
        ucd = field.metadata[b"ucd"].decode()
        assert check_ucd(ucd, check_controlled_vocabulary=True, has_colon=True), ucd
    mains = [f.name for f in schema if f.metadata[b"ucd"].startswith(b"pos.eq.ra;meta.main")]
    assert mains == ["ra_deg"]


def test_units_are_those_of_the_names():
    units = {f.name: f.metadata.get(b"unit") for f in TIDAL_SCHEMA}
    assert u.Unit(units["area_arcsec2"].decode(), format="vounit") == u.arcsec**2
    assert u.Unit(units["tidal_ra_deg"].decode(), format="vounit") == u.deg
    assert units["shape"] is None


@pytest.mark.parametrize(
    ("schema", "columns", "part"),
    [
        (GALAXY_SCHEMA, GALAXY_COLUMNS, "bar"),
        (ARM_SCHEMA, ARM_COLUMNS, "arm"),
        (TIDAL_SCHEMA, TIDAL_COLUMNS, "tidal"),
    ],
    ids=["galaxies", "arms", "tidal"],
)
def test_nothing_that_is_measured_is_left_out(schema, columns, part):
    for column in columns:
        renamed = f"{part}_{column.name}" if column.name in ("ra_deg", "dec_deg") else column.name
        assert renamed in schema.names or column.name in ("subject_id", "status")
