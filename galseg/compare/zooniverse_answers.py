"""The answers in a Zooniverse classification export."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from galseg.annotations.zooniverse_export import ExportRow, read_rows
from galseg.compare.given import Given
from galseg.compare.records import TIE, TIE_LABEL, Key, Questions, place_letter
from galseg.errors import FormatError

__all__ = ["read_zooniverse_answers"]

_ANONYMOUS = "not-logged-in-"


def read_zooniverse_answers(path: Path, key: Key, *, key_sha256: str) -> list[Given]:
    """Read an export, one answer a classification.

    A rater is a user name. Who was not logged in is left out: nobody knows whether two such
    classifications are one person's. The tasks are those of the workflow's text that the build
    wrote: the quality of each place, the best place, a comment, counted T0, T1, ... as far as
    they were asked.

    Parameters
    ----------
    path : pathlib.Path
        CSV file.
    key : Key
    key_sha256 : str
        Of the key's file, as the subjects carry it.

    Returns
    -------
    list of Given

    Raises
    ------
    FormatError
        If it is no export, or a damaged one.
    """
    n_places = {item.token: len(item.methods) for item in key.items}
    return [_given(row, key, key_sha256, n_places) for row in read_rows(path)]


def _given(row: ExportRow, key: Key, key_sha256: str, n_places: Mapping[str, int]) -> Given:
    token = str(row.subject_metadata.get("#item", ""))
    answer: Any = None
    fault = _row_fault(row, key, key_sha256) or ("" if token in n_places else "unknown item")
    if not fault:
        try:
            answer = _answer(row, key.questions, n_places[token])
        except FormatError as error:
            fault = str(error)
    return Given(row.where, token, row.annotator_id, "", row.created_at, answer, fault)


def _row_fault(row: ExportRow, key: Key, key_sha256: str) -> str:
    subject = row.subject_metadata
    if "#item" not in subject:
        return f"subject {row.subject_id} is not of this comparison: it carries no #item"
    if subject.get("#package") != key.package_id:
        return f"subject of package {subject.get('#package')!r:.60}, not {key.package_id!r}"
    if subject.get("#key_sha256") != key_sha256:
        return "the key is not the one that the package was built with"
    nameless = row.annotator_id == f"classification-{row.classification_id}"
    if nameless or row.annotator_id.startswith(_ANONYMOUS):
        return "not logged in: nobody knows whose answer it is"
    return ""


def _answer(row: ExportRow, questions: Questions, n_places: int) -> dict[str, Any]:
    """Put a classification into the form of the page's answers."""
    values = {task.task: task.value for task in row.annotations}
    levels = {words: level for level, words in questions.quality.items()}
    letters = [place_letter(place) for place in range(1, n_places + 1)]
    places: dict[str, Any] = {letter: place for place, letter in enumerate(letters, start=1)}
    n_quality = n_places if questions.quality else 0
    best = values.get(f"T{n_quality}") if questions.best else None
    comment = values.get(f"T{n_quality + questions.best}") if questions.comment else None
    return {
        "item": row.subject_metadata["#item"],
        "quality": [
            _meaning(values.get(f"T{number}"), levels, f"T{number}") for number in range(n_quality)
        ],
        "best": _meaning(best, {**places, TIE_LABEL: TIE}, f"T{n_quality}"),
        "comment": comment if isinstance(comment, str) else "",
        "seconds": None,
    }


def _meaning(label: Any, meanings: Mapping[str, Any], task: str) -> Any:
    """Look up what the words of an answer mean; no answer means none."""
    if label is None:
        return None
    if not isinstance(label, str) or label.strip() not in meanings:
        raise FormatError(
            f"task {task} has the answer {label!r:.60}, needed is one of {', '.join(meanings)}; "
            "does the workflow say what the build wrote?"
        )
    return meanings[label.strip()]
