"""The header of a VOTable tells what the columns of a Parquet file are."""

import io

import pyarrow as pa
import pytest
from astropy.io import votable

from galseg.errors import FormatError
from galseg.survey.schema import ARM_SCHEMA, GALAXY_SCHEMA, MASK_SCHEMAS, TIDAL_SCHEMA
from galseg.survey.votable_header import with_votable_header


@pytest.mark.parametrize(
    "schema", [GALAXY_SCHEMA, ARM_SCHEMA, TIDAL_SCHEMA, *MASK_SCHEMAS.values()]
)
def test_another_reader_finds_units_ucds_and_descriptions(schema):
    header = with_votable_header(schema).metadata[b"IVOA.VOTable-Parquet.content"]
    table = votable.parse(io.BytesIO(header), verify="exception").get_first_table()
    for told, field in zip(table.fields, schema, strict=True):
        assert told.name == field.name
        for key, value in (
            (b"unit", told.unit and told.unit.to_string("vounit")),
            (b"ucd", told.ucd),
            (b"description", told.description),
        ):
            assert (value or "").encode() == field.metadata.get(key, b"")


def test_a_type_that_a_votable_lacks_is_named():
    schema = pa.schema([pa.field("seen", pa.timestamp("s"))])
    with pytest.raises(FormatError, match=r"'seen' is of timestamp\[s\]"):
        with_votable_header(schema)
