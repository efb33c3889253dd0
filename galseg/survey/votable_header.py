"""The columns of a catalogue, told in the header of a VOTable."""

from __future__ import annotations

import pyarrow as pa
from astropy.io.votable.tree import Field, Resource, TableElement, VOTableFile

from galseg.errors import FormatError
from galseg.io.voparquet import voparquet_metadata

__all__ = ["with_votable_header"]

_DATATYPES = {
    pa.bool_(): "boolean",
    pa.int16(): "short",
    pa.int32(): "int",
    pa.int64(): "long",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "char",
    pa.large_string(): "char",
    pa.binary(): "unsignedByte",
    pa.large_binary(): "unsignedByte",
}
_LISTED = ("char", "unsignedByte")


def with_votable_header(schema: pa.Schema) -> pa.Schema:
    """Add the header of a VOTable, from which TOPCAT knows units and UCDs.

    Parameters
    ----------
    schema : pyarrow.Schema
        Of numbers, bools, text and bytes; ``unit``, ``ucd`` and ``description`` in the metadata
        of its fields.

    Returns
    -------
    pyarrow.Schema
        The same fields, with the header in the metadata of the whole.

    Raises
    ------
    FormatError
        If a field is of another type.

    Examples
    --------
    >>> schema = pa.schema([pa.field("ra_deg", pa.float64(), metadata={"unit": "deg"})])
    >>> b'name="ra_deg" unit="deg"' in with_votable_header(schema).metadata[
    ...     b"IVOA.VOTable-Parquet.content"
    ... ]
    True
    """
    file = VOTableFile()
    file.resources.append(resource := Resource())
    resource.tables.append(table := TableElement(file))
    for field in schema:
        told = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
        if (datatype := _DATATYPES.get(field.type)) is None:
            raise FormatError(
                f"column {field.name!r} is of {field.type}, which a catalogue does not hold; "
                f"it holds {', '.join(map(str, _DATATYPES))}"
            )
        table.fields.append(
            one := Field(
                file,
                name=field.name,
                datatype=datatype,
                arraysize="*" if datatype in _LISTED else None,
                unit=told.get("unit") or None,
                ucd=told.get("ucd") or None,
            )
        )
        one.description = told.get("description") or None
    return schema.with_metadata({**(schema.metadata or {}), **voparquet_metadata(file)})
