"""The raters' answers, read and checked against the key."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from galseg.compare.faults import answer_fault
from galseg.compare.given import Given
from galseg.compare.page_answers import read_page_answers
from galseg.compare.records import Item, Key
from galseg.compare.zooniverse_answers import read_zooniverse_answers
from galseg.errors import GalsegError, MissingInputError

__all__ = ["Checked", "check_answers", "find_answer_files"]

PathLike = str | os.PathLike[str]

_READERS = {".json": read_page_answers, ".csv": read_zooniverse_answers}
_KIND_ORDER = {"rated": 0, "repeat": 1, "practice": 2}


class Checked(NamedTuple):
    """Answers by whether they can be used.

    Attributes
    ----------
    evaluations, excluded : pandas.DataFrame
        As in `galseg.compare.ComparisonScore`. Together they have a row for every answer that
        was read, and one for every file that could not be.
    """

    evaluations: pd.DataFrame
    excluded: pd.DataFrame


def find_answer_files(answers: PathLike | Iterable[PathLike]) -> list[Path]:
    """Return the files to read: those named, and all ``*.json`` and ``*.csv`` of the folders.

    Raises
    ------
    MissingInputError
        If one is not there, or there is none at all.
    """
    named = [answers] if isinstance(answers, str | os.PathLike) else list(answers)
    found: list[Path] = []
    for path in map(Path, named):
        if not path.exists():
            raise MissingInputError(f"there is no file or folder of answers {path}")
        if path.is_dir():
            found.extend(sorted(file for file in path.iterdir() if file.suffix in _READERS))
        else:
            found.append(path)
    if not found:
        raise MissingInputError(
            f"no answers in {', '.join(map(str, named)) or 'an empty list'}; needed are the JSON "
            "files that the raters saved, or a Zooniverse classification export (CSV)"
        )
    return list(dict.fromkeys(found))


def check_answers(paths: Iterable[Path], key: Key, *, key_sha256: str) -> Checked:
    """Sort answers into those that can be used and those that cannot, with the reason.

    Of several good answers of a rater to one item the last is used. Of a rater's answers about
    one galaxy and feature, the one to the rated item counts, or else the first; the others tell
    how consistent the rater is.

    Parameters
    ----------
    paths : iterable of pathlib.Path
        Files of the raters, or Zooniverse exports.
    key : Key
    key_sha256 : str
        Of the key's file, as the package and so the answers carry it.

    Returns
    -------
    Checked
    """
    given: list[Given] = []
    excluded: list[tuple[str, str, str]] = []
    for path in paths:
        read = _READERS.get(path.suffix.lower(), read_page_answers)
        try:
            given.extend(read(path, key, key_sha256=key_sha256))
        except GalsegError as error:
            excluded.append((str(path), "", str(error)))
    items = {item.token: item for item in key.items}
    used: dict[tuple[str, str], Given] = {}
    for one in sorted(given, key=lambda one: one.given_at)[::-1]:
        reason = _fault(one, items.get(one.item), key)
        if not reason and (later := used.get((one.rater, one.item))):
            reason = f"answered again in {later.file}, which counts"
        if reason:
            excluded.append((one.file, one.item, reason))
        else:
            used[one.rater, one.item] = one
    return Checked(
        _evaluations(list(used.values()), key),
        pd.DataFrame(excluded, columns=["file", "item", "reason"]),
    )


def _fault(given: Given, item: Item | None, key: Key) -> str:
    if given.fault:
        return given.fault
    if not isinstance(given.answer, dict):
        return f"not an answer: {given.answer!r:.60}"
    if item is None:
        return "unknown item"
    if given.deal and item.rater != given.deal:
        return f"the item of another rater, {item.rater!r}"
    return answer_fault(given.answer, item, key.questions)


def _evaluations(used: Sequence[Given], key: Key) -> pd.DataFrame:
    place_in_key = {item.token: number for number, item in enumerate(key.items)}
    rows = [
        _evaluation(one, key.items[place_in_key[one.item]])
        for one in sorted(used, key=lambda one: (place_in_key[one.item], one.rater))
    ]
    if not rows:
        return pd.DataFrame()
    evaluations = pd.DataFrame(rows).astype(
        {"place": "Int64", "n_changes": "Int64", "right": "boolean", "seconds": float}
    )
    first = evaluations.assign(order=evaluations["kind"].map(_KIND_ORDER)).sort_values(
        ["order", "given_at"], kind="stable"
    )
    repeated = first.duplicated(["rater", "galaxy_id", "feature"])
    counted = ~repeated.reindex(evaluations.index) & (evaluations["kind"] != "practice")
    evaluations["counted"] = counted
    return evaluations


def _evaluation(given: Given, item: Item) -> dict[str, Any]:
    answer = given.answer
    best = answer.get("best")
    place = best if type(best) is int else None
    choice = item.methods[place - 1] if place else best
    return {
        "file": given.file,
        "rater": given.rater,
        "item": item.token,
        "kind": item.kind,
        "counted": False,
        "galaxy_id": item.galaxy_id,
        "feature": item.feature,
        "choice": choice,
        "place": place,
        "n_places": len(item.methods),
        "right": choice in item.expected if item.kind == "practice" and choice else None,
        "seconds": answer.get("seconds"),
        "n_changes": answer.get("n_changes"),
        "given_at": given.given_at,
        "comment": answer.get("comment") or "",
        **{f"place_{number}": method for number, method in enumerate(item.methods, start=1)},
        **{
            f"quality_{method}": level
            for method, level in zip(item.methods, answer["quality"], strict=False)
        },
    }
