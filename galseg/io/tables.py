"""Tables in the formats of the field, by their suffix."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow
import pyarrow.parquet
from astropy.io import fits, votable
from astropy.io.votable.tree import Info
from astropy.table import Column, MaskedColumn, QTable, Table

from galseg.errors import ConfigError, FormatError, GalsegError, MissingInputError
from galseg.io.atomic import write_whole
from galseg.io.fits_file import open_fits
from galseg.io.latex import write_latex
from galseg.io.voparquet import voparquet_metadata
from galseg.measure.columns import unit_of

__all__ = ["TABLE_SUFFIXES", "read_table", "write_table"]

_META = "GALSEG"  # keyword or INFO with the metadata as JSON, where a format has no other place
_TEXT = ("galaxy_id", "subject_id", "annotator_id", "winding", "shape", "status", "*_decoded")
_UCD = "ucd"  # in a column's metadata, where astropy reads and writes that of a VOTable


def write_table(path: str | os.PathLike[str], table: Table, *, overwrite: bool = True) -> None:
    """Write a table, whole or not at all.

    ECSV, Parquet, FITS and VOTable keep units, descriptions, UCDs and metadata. In Parquet, which
    pandas reads, they are kept as the VOParquet convention of the IVOA has it (TOPCAT and
    astropy's ``parquet.votable`` read them); in FITS the UCD of a column is its ``TUCDn``. CSV
    keeps names and values only; galseg's column names hold their units, and `read_table` puts
    them back. LaTeX is for the eye: see `galseg.io.latex.write_latex`.

    Parameters
    ----------
    path : path-like
        Its suffix says the format: .ecsv, .parquet, .fits, .vot, .xml, .csv, or .tex, which is
        not read back.
    table : astropy.table.Table or QTable
        Columns of numbers, bools and text.
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Raises
    ------
    ConfigError
        If the suffix names no format.
    FormatError
        If FITS is to hold text beyond ASCII.
    OutputError
        If the file cannot be written.

    References
    ----------
    Taylor, M. (2025), Parquet in the VO, IVOA Note 1.0,
    https://www.ivoa.net/documents/Notes/VOParquet/20250116/.

    Examples
    --------
    >>> import tempfile
    >>> import astropy.units as u
    >>> path = Path(tempfile.mkdtemp()) / "bars.ecsv"
    >>> write_table(path, QTable({"galaxy_id": ["0042"], "length_arcsec": [31.5] * u.arcsec}))
    >>> read_table(path)["length_arcsec"]
    <Quantity [31.5] arcsec>
    """
    write = _format_of(path).write
    with write_whole(path, overwrite=overwrite) as temporary:
        write(temporary, table)


def read_table(path: str | os.PathLike[str]) -> QTable:
    """Read a table that `write_table` wrote, or another of these formats.

    Parameters
    ----------
    path : path-like
        Its suffix says the format.

    Returns
    -------
    astropy.table.QTable
        Missing numbers are NaN and missing text is empty, in every format alike.

    Raises
    ------
    ConfigError
        If the suffix names no format, or one that is only written.
    MissingInputError
        If there is no such file.
    FormatError
        If the file is not what its suffix says.
    """
    read = _format_of(path).read
    source = Path(path)
    if read is None:
        raise ConfigError(
            f"{source} is LaTeX, which galseg writes and does not read; read the same table from "
            f"{', '.join(TABLE_SUFFIXES)}"
        )
    if not source.is_file():
        raise MissingInputError(f"no table at {source}")
    try:
        return _plain(read(source))
    except GalsegError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OSError, pyarrow.ArrowException) as error:
        raise FormatError(
            f"{source} is not a readable {source.suffix} table: {error}; is it cut short, or "
            "named with the suffix of another format?"
        ) from error


class _Format(NamedTuple):
    """How to write the tables of one suffix, and how to read them if that can be done."""

    write: Callable[[Path, Table], None]
    read: Callable[[Path], Table] | None


def _astropy_format(name: str) -> _Format:
    def write(path: Path, table: Table) -> None:
        table.write(path, format=name, overwrite=True)

    def read(path: Path) -> Table:
        return Table.read(path, format=name)

    return _Format(write, read)


def _read_csv(path: Path) -> Table:
    """Read CSV; text that is all digits stays text, and names give their units."""
    table = Table.read(path, format="ascii.csv", converters=dict.fromkeys(_TEXT, str))
    for name in table.colnames:
        unit = unit_of(name)
        if unit is not None and table[name].dtype.kind == "f":
            table[name].unit = unit
    return table


def _write_parquet(path: Path, table: Table) -> None:
    """Write Parquet as astropy reads it, and beside its metadata the header of a VOTable."""
    table.write(path, format="parquet", overwrite=True)
    stored = pyarrow.parquet.read_table(path)
    told = voparquet_metadata(votable.from_table(table[:0]))
    described = stored.replace_schema_metadata({**stored.schema.metadata, **told})
    pyarrow.parquet.write_table(described, path)


def _write_fits(path: Path, table: Table) -> None:
    bare = table.copy(copy_data=False)
    bare.meta.clear()
    try:
        hdu = fits.table_to_hdu(bare)
    except UnicodeEncodeError as error:
        raise FormatError(
            f"FITS holds ASCII text only, got {error.object!r}; write .ecsv or .parquet instead"
        ) from error
    hdu.header[_META] = json.dumps(dict(table.meta), default=str)
    for number, name in enumerate(table.colnames, start=1):
        if description := table[name].info.description:
            hdu.header[f"TCOMM{number}"] = description
        if ucd := (table[name].info.meta or {}).get(_UCD):
            hdu.header[f"TUCD{number}"] = ucd
    hdu.writeto(path, overwrite=True)


def _read_fits(path: Path) -> Table:
    with open_fits(path) as hdus:
        tables = [hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU | fits.TableHDU)]
        if not tables:
            raise FormatError(f"{path} holds no table; is it cut short, or a file of images?")
        header = tables[0].header
        table = Table.read(tables[0])
    table.convert_bytestring_to_unicode()
    for number, name in enumerate(table.colnames, start=1):
        table[name].description = header.get(f"TCOMM{number}") or None
        table[name].meta = {_UCD: header[f"TUCD{number}"]} if f"TUCD{number}" in header else {}
    if _META in header:
        table.meta = json.loads(header[_META])
    return table


def _write_votable(path: Path, table: Table) -> None:
    file = votable.from_table(table)
    info = Info(name=_META, value=json.dumps(dict(table.meta), default=str))
    file.resources[0].infos.append(info)
    file.to_xml(str(path))


def _read_votable(path: Path) -> Table:
    file = votable.parse(path)
    table = file.get_first_table().to_table(use_names_over_ids=True)
    table.meta.clear()
    for column in table.itercols():
        column.info.meta = {key: text for key, text in column.info.meta.items() if key == _UCD}
        if column.info.description:  # long lines are broken in the file
            column.info.description = " ".join(column.info.description.split())
    for info in file.resources[0].infos:
        if info.name == _META:
            table.meta = json.loads(info.value)
    return table


_FORMATS = {
    ".ecsv": _astropy_format("ascii.ecsv"),
    ".parquet": _Format(_write_parquet, _astropy_format("parquet").read),
    ".fits": _Format(_write_fits, _read_fits),
    ".vot": _Format(_write_votable, _read_votable),
    ".xml": _Format(_write_votable, _read_votable),
    ".csv": _Format(_astropy_format("ascii.csv").write, _read_csv),
    ".tex": _Format(write_latex, None),
}

TABLE_SUFFIXES: tuple[str, ...] = tuple(name for name, one in _FORMATS.items() if one.read)


def _format_of(path: str | os.PathLike[str]) -> _Format:
    suffix = Path(path).suffix.lower()
    if suffix not in _FORMATS:
        raise ConfigError(
            f"{path} has the suffix {suffix!r}, which names no table format; "
            f"known: {', '.join(_FORMATS)}"
        )
    return _FORMATS[suffix]


def _plain(table: Table) -> QTable:
    """Put NaN and empty text for what is masked; whole numbers and bools stay masked."""
    for name in table.colnames:
        column = table[name]
        if isinstance(column, MaskedColumn):
            kind = column.dtype.kind
            if kind in "fU" or not column.mask.any():
                fill = {"f": np.nan, "U": ""}.get(kind)
                table[name] = Column(column.filled(fill), copy=False)
    return QTable(table)
