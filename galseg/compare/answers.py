"""The raters' answers, read and checked against the key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from galseg.compare.records import ANSWERS_FORMAT, QUALITY_LEVELS, TIE, Item, Key
from galseg.errors import FormatError, GalsegError, MissingInputError, nearest_name

__all__ = ["Checked", "check_answers", "find_answer_files"]

PathLike = str | os.PathLike[str]

_VERSION = 1
_RANK = {level: rank for rank, level in enumerate(QUALITY_LEVELS)}


class Checked(NamedTuple):
    """Answers by whether they count.

    Attributes
    ----------
    evaluations, excluded : pandas.DataFrame
        As in `galseg.compare.ComparisonScore`.
    """

    evaluations: pd.DataFrame
    excluded: pd.DataFrame


@dataclass(frozen=True)
class _AnswerFile:
    path: Path
    rater: str
    exported_at: str
    answers: list[Any]


def find_answer_files(answers: PathLike | Iterable[PathLike]) -> list[Path]:
    """Return the files to read: those named, and all ``*.json`` of the folders named.

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
        found.extend(sorted(path.glob("*.json")) if path.is_dir() else [path])
    if not found:
        raise MissingInputError(
            f"no answers in {', '.join(map(str, named)) or 'an empty list'}; "
            "needed are the JSON files that the raters saved"
        )
    return found


def check_answers(paths: Iterable[Path], key: Key, *, key_sha256: str) -> Checked:
    """Sort answers into those that count and those that do not, with the reason.

    Of several good answers of a rater to one item the last exported counts.

    Parameters
    ----------
    paths : iterable of pathlib.Path
        Files of the raters.
    key : Key
    key_sha256 : str
        Of the key's file, as the package and so the answers carry it.

    Returns
    -------
    Checked
    """
    files: list[_AnswerFile] = []
    excluded: list[tuple[str, str, str]] = []
    for path in paths:
        try:
            files.append(_read(path, key, key_sha256))
        except GalsegError as error:
            excluded.append((str(path), "", str(error)))
    items = {item.token: item for item in key.items}
    counted: dict[str, dict[str, Any]] = {}
    for file in sorted(files, key=lambda file: file.exported_at, reverse=True):
        for answer in reversed(file.answers):
            token = str(answer.get("item")) if isinstance(answer, dict) else ""
            reason = _fault(answer, items.get(token), file.rater)
            if not reason and token in counted:
                reason = f"answered again in {counted[token]['file']}, which counts"
            if reason:
                excluded.append((str(file.path), token, reason))
            else:
                counted[token] = _evaluation(answer, items[token], file.path)
    return Checked(
        pd.DataFrame([counted[token] for token in items if token in counted]),
        pd.DataFrame(excluded, columns=["file", "item", "reason"]),
    )


def _read(path: Path, key: Key, key_sha256: str) -> _AnswerFile:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"not whole JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != ANSWERS_FORMAT:
        raise FormatError("not a file of answers")
    if content.get("version") != _VERSION:
        raise FormatError(f"answers of version {content.get('version')!r}, known is {_VERSION}")
    if content.get("package") != key.package_id:
        raise FormatError(
            f"answers to package {content.get('package')!r}, the key is of {key.package_id!r}"
        )
    if content.get("key_sha256") != key_sha256:
        raise FormatError("the key is not the one that the package was built with")
    rater, answers = content.get("rater"), content.get("answers")
    if rater not in key.raters:
        raise FormatError(
            f"rater {rater!r} is not in the key; {nearest_name(str(rater), key.raters)}"
        )
    if not isinstance(answers, list):
        raise FormatError("no list of answers")
    return _AnswerFile(path, rater, str(content.get("exported_at", "")), answers)


def _fault(answer: Any, item: Item | None, rater: str) -> str:
    """Say why an answer cannot count; empty if it can."""
    if not isinstance(answer, dict):
        return f"not an answer: {answer!r:.60}"
    if item is None:
        return "unknown item"
    if item.rater != rater:
        return f"the item of another rater, {item.rater!r}"
    best, quality = answer.get("best"), answer.get("quality")
    n_places = len(item.methods)
    if not isinstance(quality, list) or len(quality) != n_places:
        return f"quality must be a list of {n_places}, got {quality!r:.60}"
    for level in quality:
        if level is not None and level not in tuple(QUALITY_LEVELS):
            return f"unknown quality {level!r:.60}"
    if best is None:
        return "unfinished: no best mask and no tie"
    if best == TIE:
        return ""
    if type(best) is not int or not 1 <= best <= n_places:
        return f"best must be {TIE!r} or a place from 1 to {n_places}, got {best!r:.60}"
    return _contradiction(best, quality)


def _contradiction(best: int, quality: list[str | None]) -> str:
    own = quality[best - 1]
    better = [level for level in quality if level and own and _RANK[level] < _RANK[own]]
    if better:
        return f"impossible: the best mask is rated {own!r} and another {better[0]!r}"
    return ""


def _evaluation(answer: Mapping[str, Any], item: Item, path: Path) -> dict[str, Any]:
    best = answer["best"]
    return {
        "file": str(path),
        "rater": item.rater,
        "item": item.token,
        "galaxy_id": item.galaxy_id,
        "feature": item.feature,
        "choice": TIE if best == TIE else item.methods[best - 1],
        "comment": str(answer.get("comment", "")),
        **{
            f"quality_{method}": level
            for method, level in zip(item.methods, answer["quality"], strict=True)
        },
    }
