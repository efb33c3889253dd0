"""The file of answers that a rater saved from the page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from galseg.compare.given import Given
from galseg.compare.records import ANSWERS_FORMAT, ANSWERS_VERSION, Key
from galseg.errors import FormatError, nearest_name
from galseg.parsing import parse_json

__all__ = ["read_page_answers"]


def read_page_answers(path: Path, key: Key, *, key_sha256: str) -> list[Given]:
    """Read what a rater saved.

    Parameters
    ----------
    path : pathlib.Path
        JSON file.
    key : Key
    key_sha256 : str
        Of the key's file, as the package and so the answers carry it.

    Returns
    -------
    list of Given
        One an answer. Where the file as a whole cannot count, each says why.

    Raises
    ------
    FormatError
        If it holds no list of answers, or none that can count because of the whole file and no
        answer that could say so.
    """
    content = _content(path)
    answers = content.get("answers")
    fault = _file_fault(content, key, key_sha256)
    if not isinstance(answers, list) or (fault and not answers):
        raise FormatError(fault or "no list of answers")
    rater = str(content.get("rater"))
    return [
        Given(
            file=str(path),
            item=str(answer.get("item")) if isinstance(answer, dict) else "",
            rater=rater,
            deal=rater,
            given_at=_utc(content.get("exported_at")),
            answer=answer,
            fault=fault,
        )
        for answer in answers
    ]


def _content(path: Path) -> dict[str, Any]:
    try:
        content = parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise FormatError(f"not whole JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != ANSWERS_FORMAT:
        raise FormatError("not a file of answers")
    return content


def _file_fault(content: dict[str, Any], key: Key, key_sha256: str) -> str:
    """Say why nothing in a file can count; empty if it can."""
    if content.get("version") != ANSWERS_VERSION:
        return f"answers of version {content.get('version')!r:.60}, known is {ANSWERS_VERSION}"
    if content.get("package") != key.package_id:
        return (
            f"answers to package {content.get('package')!r:.60}, the key is of {key.package_id!r}"
        )
    if content.get("key_sha256") != key_sha256:
        return "the key is not the one that the package was built with"
    rater = content.get("rater")
    if rater not in key.raters:
        return f"rater {rater!r:.60} is not in the key; {nearest_name(str(rater), key.raters)}"
    if not _utc(content.get("exported_at")):
        return f"exported_at must be a date and time, got {content.get('exported_at')!r:.60}"
    return _signature_fault(content.get("signed_off"))


def _utc(time: Any) -> str:
    """Write an ISO 8601 time so that text sorts as time does; empty if it is none."""
    try:
        given = datetime.fromisoformat(time)
        aware = given if given.tzinfo else given.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="microseconds")
    except (TypeError, ValueError, OverflowError):
        return ""


def _signature_fault(signed_off: Any) -> str:
    if signed_off is None:
        return "not signed off: the rater has not declared the answers final"
    name = signed_off.get("name") if isinstance(signed_off, dict) else None
    if not isinstance(name, str) or not name.strip():
        return f"not signed off by anybody: {signed_off!r:.60}"
    return ""
