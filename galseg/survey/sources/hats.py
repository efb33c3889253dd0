"""HATS catalogues of cutouts, which are Parquet files in folders by HEALPix pixel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from galseg.errors import FormatError, MissingInputError
from galseg.survey.sources.columns import Columns

__all__ = ["hats_columns", "hats_partitions", "hats_properties", "primary_catalogue"]

_PROPERTIES = ("hats.properties", "properties")
_COLLECTION = "collection.properties"
_PRIMARY = "hats_primary_table_url"


def primary_catalogue(folder: Path) -> Path:
    """Return the main catalogue of a HATS collection; a folder that is none, itself.

    Raises
    ------
    FormatError
        If the collection does not name it.
    """
    path = folder / _COLLECTION
    if not path.is_file():
        return folder
    name = _read_properties(path).get(_PRIMARY)
    if not name:
        raise FormatError(f"{path} does not name the main catalogue as {_PRIMARY}")
    return folder / name


def hats_properties(folder: Path) -> dict[str, str] | None:
    """Read what a HATS catalogue says of itself; None if the folder is no HATS catalogue.

    Raises
    ------
    FormatError
        If the file is no text.
    """
    found = (folder / name for name in _PROPERTIES)
    return next((_read_properties(path) for path in found if path.is_file()), None)


def hats_partitions(folder: Path) -> list[Path]:
    """Return the files of a HATS catalogue, in the order of their paths.

    Raises
    ------
    MissingInputError
        If there is none.
    """
    partitions = sorted(
        folder.glob("dataset/Norder=*/Dir=*/**/*.parquet"), key=lambda path: path.as_posix()
    )
    if not partitions:
        raise MissingInputError(
            f"{folder} has the properties of a HATS catalogue, and no files "
            "dataset/Norder=*/Dir=*/Npix=*.parquet in it"
        )
    return partitions


def hats_columns(columns: Columns, properties: dict[str, str]) -> Columns:
    """Name the columns of the place on the sky as the catalogue does, where they are not named."""
    return replace(
        columns,
        ra=columns.ra or properties.get("hats_col_ra"),
        dec=columns.dec or properties.get("hats_col_dec"),
    )


def _read_properties(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
    pairs = (line.partition("=") for line in lines if not line.startswith(("#", "!")))
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}
