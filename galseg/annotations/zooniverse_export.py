"""Rows of a Zooniverse classification export: CSV with JSON in its cells, read one at a time."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from galseg.errors import FormatError, MissingInputError
from galseg.limits import MAX_TEXT_CELL
from galseg.parsing import brief, parse_json

__all__ = ["Annotation", "ExportRow", "read_rows"]

COLUMNS = (
    "classification_id",
    "user_name",
    "created_at",
    "metadata",
    "annotations",
    "subject_data",
    "subject_ids",
)

Size = tuple[int, int]


class Annotation(NamedTuple):
    """The answer to one task.

    Attributes
    ----------
    task, label : str
        The task's key and its question, where the export says it.
    value : object
        A list of marks if it is a drawing task.
    """

    task: str
    label: str
    value: Any

    @property
    def marks(self) -> list[dict[str, Any]]:
        """The drawings, none if it is no drawing task."""
        entries = self.value if isinstance(self.value, list) else []
        return [e for e in entries if isinstance(e, dict) and ("tool" in e or "toolIndex" in e)]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One classification.

    Attributes
    ----------
    where : str
        File and line, for messages.
    classification_id, annotator_id, subject_id, created_at : str
    workflow_id, workflow_version : str
        Empty if the export does not say.
    picture_sizes : tuple of (int, int) or None
        Natural width and height of each frame, None where the browser did not report it.
    annotations : tuple of Annotation
        Combined tasks taken apart.
    subject_metadata : mapping
    """

    where: str
    classification_id: str
    annotator_id: str
    subject_id: str
    created_at: str
    workflow_id: str
    workflow_version: str
    picture_sizes: tuple[Size | None, ...]
    annotations: tuple[Annotation, ...]
    subject_metadata: Mapping[str, Any]


def read_rows(path: str | os.PathLike[str]) -> Iterator[ExportRow]:
    """Read an export row by row, holding one row at a time.

    Parameters
    ----------
    path : path-like
        The CSV file.

    Yields
    ------
    ExportRow

    Raises
    ------
    MissingInputError
        If the file is not there.
    FormatError
        If a column is missing, a row is cut off, or a cell's JSON is damaged; the message has
        the line and the column.
    """
    for where, cells in _cells(Path(path)):
        yield _row(where, cells)


def _cells(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if not path.is_file():
        raise MissingInputError(f"no file {path}")
    limit = csv.field_size_limit(MAX_TEXT_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            header = _checked_header(next(_lines(reader, path), (0, []))[1], path)
            for line, cells in _lines(reader, path):
                if len(cells) != len(header):
                    raise FormatError(
                        f"{path}, line {line}: {len(cells)} cells where the header has "
                        f"{len(header)}; the file is cut off or was edited, download it again"
                    )
                yield f"{path}, line {line}", dict(zip(header, cells, strict=True))
    finally:
        csv.field_size_limit(limit)


def _lines(reader: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the line that it begins on."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise FormatError(
                f"{path}, line {line}: the row is not whole CSV ({error}); the file is cut off "
                "or was edited, download it again"
            ) from error
        except UnicodeDecodeError as error:
            raise FormatError(f"{path}, after line {line}: not UTF-8 text ({error})") from error
        if cells is None:
            return
        if cells:
            yield line, cells


def _checked_header(header: list[str], path: Path) -> list[str]:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise FormatError(
            f"{path}, line 1: lacks the columns {missing} of a Zooniverse classification export; "
            f"it has {header[:20]}"
        )
    return header


def _row(where: str, cells: Mapping[str, str]) -> ExportRow:
    metadata = _json(where, cells, "metadata", dict)
    subjects = _json(where, cells, "subject_data", dict)
    subject_id = cells["subject_ids"].strip()
    if not isinstance(subjects.get(subject_id), dict):
        raise FormatError(
            f"{where}: subject_ids says {subject_id!r} and subject_data tells of "
            f"{sorted(subjects)}; they must name the same one subject"
        )
    answers = _json(where, cells, "annotations", list)
    return ExportRow(
        where=where,
        classification_id=cells["classification_id"],
        annotator_id=_annotator(cells),
        subject_id=subject_id,
        created_at=cells["created_at"].removesuffix(" UTC"),
        workflow_id=cells.get("workflow_id", ""),
        workflow_version=cells.get("workflow_version", ""),
        picture_sizes=_sizes(metadata.get("subject_dimensions")),
        annotations=tuple(_flat(answers, f"{where}, column 'annotations'")),
        subject_metadata=subjects[subject_id],
    )


def _json(where: str, cells: Mapping[str, str], column: str, kind: type) -> Any:
    try:
        content = parse_json(cells[column])
    except ValueError as error:
        raise FormatError(
            f"{where}, column {column!r}: the JSON is cut off or damaged ({error}); "
            "download the export again"
        ) from error
    if not isinstance(content, kind):
        needed = "an object {...}" if kind is dict else "a list [...]"
        raise FormatError(f"{where}, column {column!r}: needs {needed}, got {brief(content)}")
    return content


def _flat(answers: Sequence[Any], where: str) -> Iterator[Annotation]:
    """Yield the answers of tasks, those inside combined tasks instead of the combination."""
    for answer in answers:
        if not isinstance(answer, dict) or "task" not in answer:
            raise FormatError(f"{where}: an answer names no task: {brief(answer)}")
        value = answer.get("value")
        if isinstance(value, list) and value and all(_is_answer(v) for v in value):
            yield from _flat(value, where)
        else:
            label = answer.get("task_label") or ""
            yield Annotation(str(answer["task"]), str(label), value)


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and "task" in value and "value" in value


def _annotator(cells: Mapping[str, str]) -> str:
    """Return the name; for one left out, the hash of the address, else the classification's own."""
    if cells["user_name"]:
        return cells["user_name"]
    if cells.get("user_ip"):
        return f"not-logged-in-{cells['user_ip']}"
    return f"classification-{cells['classification_id']}"


def _sizes(dimensions: Any) -> tuple[Size | None, ...]:
    entries = dimensions if isinstance(dimensions, list) else [dimensions]
    return tuple(_size(entry) for entry in entries)


def _size(entry: Any) -> Size | None:
    if not isinstance(entry, dict):
        return None
    try:
        width, height = round(entry["naturalWidth"]), round(entry["naturalHeight"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return (width, height) if min(width, height) > 0 else None
