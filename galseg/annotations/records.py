"""What was drawn, by whom, and who looked without drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from galseg.errors import ShapeError, SubjectError, nearest_name

__all__ = ["AnnotationSet", "empty_table"]

MARK_COLUMNS = (
    "subject_id",
    "annotator_id",
    "classification_id",
    "feature",
    "geometry",
    "line_width_pix",
    "created_at",
)
CLASSIFICATION_COLUMNS = (
    "subject_id",
    "annotator_id",
    "classification_id",
    "features",
    "width",
    "height",
    "created_at",
)
SUBJECT_COLUMNS = ("subject_id", "galaxy_id", "image")
REJECTED_COLUMNS = (*MARK_COLUMNS, "reason")

_TEXT = ("subject_id", "annotator_id", "classification_id", "feature", "galaxy_id", "image")


def empty_table(columns: Sequence[str]) -> pd.DataFrame:
    """Return a table of no rows with the dtypes of these columns."""
    return _typed(pd.DataFrame({name: [] for name in columns}))


@dataclass(frozen=True, eq=False)
class AnnotationSet:
    """Drawings of volunteers or experts, and who looked without drawing.

    Attributes
    ----------
    marks : pandas.DataFrame
        One row a drawn shape: ``subject_id, annotator_id, classification_id, feature, geometry``
        (shapely, in image pixels, valid), ``line_width_pix`` (of a line or a point; NaN for
        areas), ``created_at`` (UTC).
    classifications : pandas.DataFrame
        One row a volunteer and subject: ``subject_id, annotator_id, classification_id, features``
        (tuple of the features asked about), ``width, height`` (image size in pixels),
        ``created_at``. Someone who looked and drew nothing has a row here and none in `marks`.
    subjects : pandas.DataFrame
        One row a subject: ``subject_id, galaxy_id`` (subjects of one galaxy share it) and
        ``image`` (file name, empty if the source does not say).
    rejected : pandas.DataFrame
        Marks that were not kept, with a ``reason``.
    repaired : pandas.DataFrame
        Marks that were kept in another form, as they came, with a ``reason``.

    Raises
    ------
    ShapeError
        If a table lacks a column, or a mark belongs to no classification.
    """

    marks: pd.DataFrame
    classifications: pd.DataFrame
    subjects: pd.DataFrame = field(default_factory=lambda: empty_table(SUBJECT_COLUMNS))
    rejected: pd.DataFrame = field(default_factory=lambda: empty_table(REJECTED_COLUMNS))
    repaired: pd.DataFrame = field(default_factory=lambda: empty_table(REJECTED_COLUMNS))

    def __post_init__(self) -> None:
        for name, columns in (
            ("marks", MARK_COLUMNS),
            ("classifications", CLASSIFICATION_COLUMNS),
            ("subjects", SUBJECT_COLUMNS),
            ("rejected", REJECTED_COLUMNS),
            ("repaired", REJECTED_COLUMNS),
        ):
            table = _with_columns(getattr(self, name), columns, name)
            object.__setattr__(self, name, table)
        if self.subjects.empty:
            object.__setattr__(self, "subjects", _subjects_of(self.classifications))
        known = set(self.classifications["classification_id"])
        orphans = sorted(set(self.marks["classification_id"]) - known)
        if orphans:
            raise ShapeError(
                f"{len(orphans)} marks belong to no classification, first {orphans[0]!r}; "
                "every mark needs a row in classifications, so that who looked is known"
            )

    @cached_property
    def subject_ids(self) -> tuple[str, ...]:
        """Subjects that somebody looked at, in order of first appearance."""
        return tuple(self.classifications["subject_id"].drop_duplicates())

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Features that anybody was asked about, in order of first appearance."""
        asked = (name for names in self.classifications["features"] for name in names)
        return tuple(dict.fromkeys(asked))

    def subject(self, subject_id: str) -> AnnotationSet:
        """Return the part that belongs to one subject.

        Raises
        ------
        SubjectError
            If nobody looked at it.
        """
        key = str(subject_id)
        here = self.classifications["subject_id"] == key
        if not here.any():
            raise SubjectError(
                f"no classification of subject {key!r}; {nearest_name(key, self.subject_ids)}"
            )
        tables = (self.marks, self.subjects, self.rejected, self.repaired)
        marks, subjects, rejected, repaired = (t[t["subject_id"] == key] for t in tables)
        return AnnotationSet(marks, self.classifications[here], subjects, rejected, repaired)

    def galaxy_id(self, subject_id: str) -> str:
        """Return the galaxy that a subject shows; the subject's own id where none is known."""
        found = self.subjects.loc[self.subjects["subject_id"] == str(subject_id), "galaxy_id"]
        return str(found.iloc[0]) if len(found) else str(subject_id)

    @classmethod
    def concat(cls, parts: Sequence[AnnotationSet]) -> AnnotationSet:
        """Join several sets into one; a subject told of twice keeps its first row."""
        names = ("marks", "classifications", "subjects", "rejected", "repaired")
        columns = (
            MARK_COLUMNS,
            CLASSIFICATION_COLUMNS,
            SUBJECT_COLUMNS,
            REJECTED_COLUMNS,
            REJECTED_COLUMNS,
        )
        tables = {}
        for name, wanted in zip(names, columns, strict=True):
            filled = [t for t in (getattr(part, name) for part in parts) if len(t)]
            tables[name] = pd.concat(filled, ignore_index=True) if filled else empty_table(wanted)
        tables["subjects"] = tables["subjects"].drop_duplicates("subject_id", ignore_index=True)
        return cls(**tables)


def _with_columns(table: pd.DataFrame, columns: Sequence[str], name: str) -> pd.DataFrame:
    missing = [c for c in columns if c not in table.columns]
    if missing:
        raise ShapeError(f"{name} lacks the columns {missing}; it needs {list(columns)}")
    return _typed(table.loc[:, list(columns)]).reset_index(drop=True)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    for name in table.columns:
        if name in _TEXT:
            table[name] = table[name].astype("str")
        elif name == "created_at":
            table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
        elif name in ("width", "height"):
            table[name] = table[name].astype(np.int64)
        elif name == "line_width_pix":
            table[name] = table[name].astype(np.float64)
        else:
            table[name] = table[name].astype(object)
    return table


def _subjects_of(classifications: pd.DataFrame) -> pd.DataFrame:
    ids = classifications["subject_id"].drop_duplicates().reset_index(drop=True)
    return _typed(pd.DataFrame({"subject_id": ids, "galaxy_id": ids, "image": ""}))
