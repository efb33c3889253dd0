"""What a report is made of, whatever it is written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Block", "FigureBlock", "Heading", "Paragraph", "TableBlock"]


@dataclass(frozen=True)
class Heading:
    """A heading of the first, second or third level."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text, to be shown letter for letter."""

    text: str


@dataclass(frozen=True)
class TableBlock:
    """A table of text.

    Attributes
    ----------
    caption : str
    header : sequence of str
    rows : sequence of sequence of str
        As long as the header.
    n_names : int
        The first columns, which hold names; the others hold numbers.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    n_names: int = 1


@dataclass(frozen=True)
class FigureBlock:
    """A figure, by its name, with what it shows."""

    name: str
    caption: str


Block: TypeAlias = Heading | Paragraph | TableBlock | FigureBlock
