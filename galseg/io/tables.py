"""Tables in the formats of the field, by their suffix."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import astropy.units as u
import numpy as np
import pyarrow
from astropy.io import fits, votable
from astropy.io.votable.tree import Info
from astropy.table import Column, MaskedColumn, QTable, Table

from galseg.errors import ConfigError, FormatError, GalsegError, MissingInputError
from galseg.io.atomic import write_whole
from galseg.io.fits_file import open_fits

__all__ = ["TABLE_SUFFIXES", "read_table", "write_table"]

_META = "GALSEG"  # keyword or INFO with the metadata as JSON, where a format has no other place
_UNITS = {"deg": u.deg, "arcsec": u.arcsec, "arcsec2": u.arcsec**2, "pix": u.pix, "kpc": u.kpc}
_TEXT = ("galaxy_id", "subject_id", "annotator_id", "winding", "status")


def write_table(path: str | os.PathLike[str], table: Table, *, overwrite: bool = True) -> None:
    """Write a table, whole or not at all.

    ECSV, Parquet (readable by pandas and others), FITS and VOTable keep units, descriptions and
    metadata. CSV keeps names and values only; galseg's column names hold their units, and
    `read_table` puts them back.

    Parameters
    ----------
    path : path-like
        Its suffix says the format: .ecsv, .parquet, .fits, .vot, .xml or .csv.
    table : astropy.table.Table or QTable
        Columns of numbers, bools and text.
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Raises
    ------
    ConfigError
        If the suffix names no format.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "bars.ecsv"
    >>> write_table(path, QTable({"galaxy_id": ["0042"], "length_arcsec": [31.5] * u.arcsec}))
    >>> read_table(path)["length_arcsec"]
    <Quantity [31.5] arcsec>
    """
    format_ = _format_of(path)
    with write_whole(path, overwrite=overwrite) as temporary:
        format_.write(temporary, table)


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
        If the suffix names no format.
    MissingInputError
        If there is no such file.
    FormatError
        If the file is not what its suffix says.
    """
    format_ = _format_of(path)
    source = Path(path)
    if not source.is_file():
        raise MissingInputError(f"no table at {source}")
    try:
        return _plain(format_.read(source))
    except GalsegError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OSError, pyarrow.ArrowException) as error:
        raise FormatError(
            f"{source} is not a readable {source.suffix} table: {error}; is it cut short, or "
            "named with the suffix of another format?"
        ) from error


class _Format(NamedTuple):
    """How to write and read the tables of one suffix."""

    write: Callable[[Path, Table], None]
    read: Callable[[Path], Table]


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
        unit = _UNITS.get(name.removesuffix("_err").rpartition("_")[2])
        if unit is not None and table[name].dtype.kind == "f":
            table[name].unit = unit
    return table


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
        if table[name].info.description:
            hdu.header[f"TCOMM{number}"] = table[name].info.description
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
    for info in file.resources[0].infos:
        if info.name == _META:
            table.meta = json.loads(info.value)
    return table


_FORMATS = {
    ".ecsv": _astropy_format("ascii.ecsv"),
    ".parquet": _astropy_format("parquet"),
    ".fits": _Format(_write_fits, _read_fits),
    ".vot": _Format(_write_votable, _read_votable),
    ".xml": _Format(_write_votable, _read_votable),
    ".csv": _Format(_astropy_format("ascii.csv").write, _read_csv),
}

TABLE_SUFFIXES: tuple[str, ...] = tuple(_FORMATS)


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
