"""What a command line says of an option that it does not know."""

from __future__ import annotations

import re

__all__ = ["unknown_option"]

# How jsonargparse words it, on the command line and in a file.
_WORDINGS = (
    re.compile(r"unrecognized arguments: -*([\w.]+)"),
    re.compile(r"does not accept option '([\w.]+)'"),
    re.compile(r"Option '([\w.]+)' is not accepted"),
    re.compile(r"[Kk]ey ['\"]([\w.]+)['\"] is not expected"),
)


def unknown_option(message: str) -> str | None:
    """Return the unknown option that a parser's error is about, None if it is about another thing.

    Examples
    --------
    >>> unknown_option("unrecognized arguments: --metod weighted")
    'metod'
    """
    found = (wording.search(message) for wording in _WORDINGS)
    return next((match[1] for match in found if match), None)
