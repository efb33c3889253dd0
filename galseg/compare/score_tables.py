"""The tables of a score, as files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from astropy.table import Table

from galseg.compare.records import ComparisonScore
from galseg.io.tables import write_table

__all__ = ["SCORE_TABLES", "write_score_tables"]

SCORE_TABLES = (
    "preferences",
    "ranking",
    "quality",
    "settle",
    "agreement",
    "consistency",
    "position",
    "raters",
    "evaluations",
    "excluded",
)
_SUFFIXES = (".ecsv", ".csv")


def write_score_tables(folder: Path, score: ComparisonScore) -> None:
    """Write every table of a score as ECSV and as CSV.

    Parameters
    ----------
    folder : pathlib.Path
        An existing one.
    score : ComparisonScore
        What the comparison and the analysis were goes into the ECSV's metadata; the secret of
        the key does not.
    """
    meta = {
        "package": score.key.package_id,
        "key_sha256": score.key_sha256,
        "methods": list(score.key.methods),
        "level": score.level,
        "power": score.power,
        "n_resamples": score.n_resamples,
        "seed": score.seed,
    }
    for name in SCORE_TABLES:
        table = _table(getattr(score, name))
        table.meta.update(meta)
        for suffix in _SUFFIXES:
            write_table(folder / f"{name}{suffix}", table)


def _table(frame: pd.DataFrame) -> Table:
    """Make a table that astropy can write; missing text is empty."""
    written = frame.copy()
    for name in frame:
        if pd.api.types.is_string_dtype(frame[name]) or frame[name].dtype == object:
            written[name] = _text(frame[name])
    return Table.from_pandas(written)


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(str)
