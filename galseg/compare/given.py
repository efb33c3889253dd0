"""One answer as it was read, before anyone knows whether it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Given"]


@dataclass(frozen=True)
class Given:
    """What a rater said of one item, as a file has it.

    Attributes
    ----------
    file : str
        Where it stands; with the line, where the file has lines.
    item : str
        Token of the item; empty if none was named.
    rater : str
        Who answered.
    deal : str
        The rater of the key whose items alone were to be answered; empty: anybody's.
    given_at : str
        When, in a form that sorts by time within one kind of file.
    answer : object
        As in the page's file; anything, where it is none.
    fault : str
        Why it cannot count, as far as reading tells; empty if it may.
    """

    file: str
    item: str
    rater: str
    deal: str
    given_at: str
    answer: Any
    fault: str = ""
