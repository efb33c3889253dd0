"""Catalogues of images and of the volunteers' answers about them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
from numpy.typing import NDArray

from galseg.errors import FormatError, MissingInputError
from galseg.schemas import Schema

__all__ = ["VoteCatalogue", "read_vote_catalogue"]

PathLike = str | os.PathLike[str]

_ID, _FILE = "id_str", "file_loc"
_MOST = 2**24  # votes; as far as single precision counts


@dataclass(frozen=True, eq=False)
class VoteCatalogue:
    """Images of galaxies, and how many volunteers gave each answer.

    Attributes
    ----------
    source : pathlib.Path
        The file it was read from, for messages.
    rows : tuple of int
        Place of each galaxy in that file, the first row of values being 1.
    galaxy_ids : tuple of str
    files : tuple of pathlib.Path
        Images.
    votes : ndarray of float32, shape (N, A)
        One column an answer, in the order of the schema; 0 where nobody was asked.
    """

    source: Path
    rows: tuple[int, ...]
    galaxy_ids: tuple[str, ...]
    files: tuple[Path, ...]
    votes: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.galaxy_ids)

    def place(self, index: int) -> str:
        """Say where a galaxy stands, as ``"a.csv, row 3 (id_str 'J1')"``."""
        return _place(self.source, self.rows[index], self.galaxy_ids[index])

    def take(self, places: Sequence[int]) -> VoteCatalogue:
        """Return some of the galaxies."""
        return VoteCatalogue(
            self.source,
            tuple(self.rows[k] for k in places),
            tuple(self.galaxy_ids[k] for k in places),
            tuple(self.files[k] for k in places),
            self.votes[list(places)],
        )


def read_vote_catalogue(
    path: PathLike, schema: Schema, *, image_root: PathLike | None = None
) -> VoteCatalogue:
    r"""Read a catalogue as zoobot and galaxy-datasets write them.

    Parameters
    ----------
    path : path-like
        CSV or Parquet with the columns ``id_str`` and ``file_loc``, the path of the image, and the
        vote counts ``{question}-{campaign}_{answer}``. Further columns are passed over.
    schema : Schema
        A campaign of it must be there with all its columns, or with none: then nobody here was
        asked. Neither was anybody where all answers to a question are empty.
    image_root : path-like, optional
        What a ``file_loc`` that is not absolute is relative to; the folder of the catalogue if
        left out.

    Returns
    -------
    VoteCatalogue

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is no table, a column is missing, or a count is empty beside others of its question,
        negative or no number.

    References
    ----------
    Walmsley, M. et al. (2023), JOSS 8, 5312, doi:10.21105/joss.05312.

    Examples
    --------
    >>> import tempfile
    >>> from galseg.schemas import find_schema
    >>> path = Path(tempfile.mkdtemp()) / "catalogue.csv"
    >>> _ = path.write_text("id_str,file_loc,ring_yes,ring_no\nJ1,J1.jpg,3,37\nJ2,J2.jpg,,\n")
    >>> catalogue = read_vote_catalogue(path, find_schema(["rings"]))
    >>> catalogue.files[0].name, catalogue.votes.tolist()
    ('J1.jpg', [[3.0, 37.0], [0.0, 0.0]])
    """
    path = Path(path)
    table = _read(path)
    for column in (_ID, _FILE):
        if column not in table:
            raise FormatError(f"{path} has no column {column!r}; it has {_listed(table)}")
        _refuse_first(path, table, column, table[column].isna(), "is empty")
    _check_columns(path, table, schema)
    root = path.parent if image_root is None else Path(image_root)
    return VoteCatalogue(
        source=path,
        rows=tuple(range(1, len(table) + 1)),
        galaxy_ids=tuple(table[_ID]),
        files=tuple(root / file for file in table[_FILE]),
        votes=_votes(path, table, schema),
    )


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise MissingInputError(f"no catalogue at {path}")
    try:
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
            return table.astype({name: str for name in (_ID, _FILE) if name in table})
        if path.suffix == ".csv":
            return pd.read_csv(path, dtype={_ID: str, _FILE: str}, low_memory=False)
    except (ValueError, OSError, pyarrow.ArrowException) as error:
        raise FormatError(f"{path} is not a readable {path.suffix} table: {error}") from error
    raise FormatError(f"{path} must be a .csv or .parquet file")


def _check_columns(path: Path, table: pd.DataFrame, schema: Schema) -> None:
    n_found = 0
    for campaign, questions in schema.campaigns().items():
        columns = [column for question in questions for column in question.columns]
        missing = [column for column in columns if column not in table]
        if missing and len(missing) < len(columns):
            raise FormatError(
                f"{path} has no column {missing[0]!r} (of {len(missing)} missing), but others of "
                f"the campaign {campaign!r}; add it, empty where nobody was asked"
            )
        n_found += not missing
    if not n_found:
        raise FormatError(
            f"{path} has no column of the schema, such as {schema.columns[0]!r}; "
            f"it has {_listed(table)}"
        )


def _votes(path: Path, table: pd.DataFrame, schema: Schema) -> NDArray[np.float32]:
    counts = table.reindex(columns=list(schema.columns))
    for column in schema.columns:
        numbers = pd.to_numeric(counts[column], errors="coerce")
        _refuse_first(path, table, column, numbers.isna() & counts[column].notna(), "is no number")
        _refuse_first(path, table, column, ~numbers.fillna(0).between(0, _MOST), "is no count")
        counts[column] = numbers
    for question in schema.questions:
        empty = counts[list(question.columns)].isna()
        for column in question.columns:
            partly = empty[column] & ~empty.all(axis=1)
            _refuse_first(path, table, column, partly, "is empty beside counts of other answers")
    return counts.fillna(0).to_numpy(np.float32)


def _refuse_first(
    path: Path, table: pd.DataFrame, column: str, wrong: pd.Series, what: str
) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        galaxy, value = table[_ID].iloc[row], table[column].iloc[row]
        raise FormatError(
            f"{_place(path, row + 1, galaxy)}, column {column!r} {what} (got {value})"
        )


def _place(path: Path, row: int, galaxy_id: str) -> str:
    return f"{path}, row {row} ({_ID} {galaxy_id!r})"


def _listed(table: pd.DataFrame) -> str:
    shown = ", ".join(map(repr, table.columns[:8]))
    return shown + (", ..." if len(table.columns) > 8 else "")
