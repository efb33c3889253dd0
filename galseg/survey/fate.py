"""Whether a row of a survey went well, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple, TypeVar

from galseg.survey.reasons import is_fault_of_machine, reason_of
from galseg.survey.sources.item import Item

__all__ = ["FINE", "TURN", "Fate", "attempt"]

T = TypeVar("T")

TURN = Lock()
"""Held while images are read and while they are measured, so that these take turns.

Both set the filters of `warnings`, which all threads of a process share: two at it would undo each
other's, and a file that is cut short might pass for a whole one.
"""


class Fate(NamedTuple):
    """Whether a row went well, and what went wrong.

    Attributes
    ----------
    status : str
        ``"ok"``, ``"partial"``, ``"unreadable"`` or ``"set aside"``.
    reason : str
        One line; empty for ``"ok"``.
    failure : str
        The kind of reason, of which there are few, where there is no measurement at all.
    """

    status: str
    reason: str = ""
    failure: str = ""


FINE = Fate("ok")


def attempt(work: Callable[[], T], *, item: Item, status: str) -> T | Fate:
    """Do some work on a row when it is its turn, or return what befell the row.

    Raises
    ------
    Exception
        What is not the row's own fault; see `is_fault_of_machine`.
    """
    try:
        with TURN:
            return work()
    except Exception as error:
        if is_fault_of_machine(error):
            raise
        return Fate(status, reason_of(error, place=item.place), type(error).__name__)
