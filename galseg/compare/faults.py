"""Why an answer to an item cannot count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galseg.compare.records import TIE, Item, Questions

__all__ = ["answer_fault"]


def answer_fault(answer: Mapping[str, Any], item: Item, questions: Questions) -> str:
    """Check an answer against what was asked.

    Parameters
    ----------
    answer : mapping
        As in the page's file: ``quality, best, seconds, n_changes, comment``.
    item : Item
    questions : Questions

    Returns
    -------
    str
        Why it cannot count; empty if it can.

    Examples
    --------
    >>> item = Item("t1", "Ann", "J1", "bar", ("model", "crowd"))
    >>> answer = {"quality": ["failed", "perfect"], "best": 1, "seconds": 4.2, "n_changes": 0}
    >>> answer_fault(answer, item, Questions())
    "impossible: the best mask is rated 'failed' and another 'perfect'"
    """
    quality, best, n_places = answer.get("quality"), answer.get("best"), len(item.methods)
    return (
        _quality_fault(quality, n_places, questions)
        or _best_fault(best, n_places, questions)
        or _effort_fault(answer)
        or _contradiction(best, quality, questions)
    )


def _quality_fault(quality: Any, n_places: int, questions: Questions) -> str:
    n_asked = n_places if questions.quality else 0
    if not isinstance(quality, list) or len(quality) != n_asked:
        return f"quality must be a list of {n_asked}, got {quality!r:.60}"
    for level in quality:
        if level is not None and level not in tuple(questions.quality):
            return f"unknown quality {level!r:.60}"
    if None in quality:
        return f"unfinished: no quality of {quality.count(None)} of {n_places} masks"
    return ""


def _best_fault(best: Any, n_places: int, questions: Questions) -> str:
    if not questions.best:
        return "" if best is None else f"the best mask was not asked for, got {best!r:.60}"
    if best is None:
        return "unfinished: no best mask" + (" and no tie" if questions.tie else "")
    if best == TIE:
        return "" if questions.tie else "a tie was not allowed"
    if type(best) is not int or not 1 <= best <= n_places:
        or_tie = f"{TIE!r} or " if questions.tie else ""
        return f"best must be {or_tie}a place from 1 to {n_places}, got {best!r:.60}"
    return ""


def _effort_fault(answer: Mapping[str, Any]) -> str:
    """Check what says how an answer was made; it may be missing, but not be impossible."""
    seconds, n_changes = answer.get("seconds"), answer.get("n_changes")
    if seconds is not None and not (_is_number(seconds) and 0 <= seconds < 2**31):
        return f"seconds must be a number from 0 to 2**31, got {seconds!r:.60}"
    if n_changes is not None and not (type(n_changes) is int and 0 <= n_changes < 2**31):
        return f"n_changes must be a count, got {n_changes!r:.60}"
    comment = answer.get("comment")
    if comment is not None and not isinstance(comment, str):
        return f"comment must be text, got {comment!r:.60}"
    return ""


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _contradiction(best: Any, quality: Any, questions: Questions) -> str:
    if not quality or type(best) is not int:
        return ""
    rank = {level: number for number, level in enumerate(questions.quality)}
    own, highest = quality[best - 1], min(quality, key=rank.__getitem__)
    if rank[highest] < rank[own]:
        return f"impossible: the best mask is rated {own!r} and another {highest!r}"
    return ""
