"""Why a row could not be used: one line that is the same on every machine."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

import cv2

from galseg.errors import MissingDependencyError, OutputError

__all__ = ["MAX_REASON", "is_fault_of_machine", "one_line", "reason_of"]

MAX_REASON = 500
"""Characters of a reason."""

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")  # of an object in memory
_FOLDER = re.compile(r"(?<![^\s'\"(])/(?:[^/\s'\"]+/)+")
_SHORTAGES = {errno.ENOMEM, errno.EMFILE, errno.ENFILE}


def reason_of(error: BaseException, *, place: str) -> str:
    r"""Tell an error in one line.

    Parameters
    ----------
    error : BaseException
    place : str
        Of the image, as its source names it.

    Returns
    -------
    str
        The error's name and message; see `one_line`.

    Examples
    --------
    >>> reason_of(ValueError("/disk 2/images/J1.fits:\n  cut short"), place="images/J1.fits")
    'ValueError: images/J1.fits: cut short'
    """
    name, text = type(error).__name__, str(error)
    return one_line(f"{name}: {text}" if text else name, place=place)


def one_line(text: str, *, place: str) -> str:
    """Put a message on one line of at most `MAX_REASON` characters.

    The line must not depend on where the survey lies, so folders are left out, but for those of a
    relative place. Left out as well are addresses in memory, and characters that are not printed
    are shown as ``?``.
    """
    line, named = " ".join(text.split()), " ".join(place.split())
    if named.startswith("/"):
        line = line.replace(named, named.rpartition("/")[2])
    elif named:
        whole = rf"(?<![^\s'\"(])/(?:\S.*?/)?{re.escape(named)}"
        line = re.sub(whole, lambda _: named, line)
    line = _ADDRESS.sub("0x...", _FOLDER.sub("", line))
    line = "".join(character if character.isprintable() else "?" for character in line)
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 3] + "..."


def is_fault_of_machine(error: BaseException) -> bool:
    """Whether an error says nothing about the row: memory or files ran out, or a package lacks."""
    return any(map(_says_so, _causes(error)))


def _says_so(error: BaseException) -> bool:
    if isinstance(error, MemoryError | OutputError | MissingDependencyError):
        return True
    if isinstance(error, cv2.error):
        return getattr(error, "code", None) == cv2.Error.StsNoMem
    return isinstance(error, OSError) and error.errno in _SHORTAGES


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
