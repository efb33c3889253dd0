"""A report as Markdown, for pandoc and for whatever shows GitHub's tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from galseg.compare.report_blocks import Block, FigureBlock, Heading, Paragraph, TableBlock

__all__ = ["markdown", "markdown_text"]

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$&!@^])")


def markdown(blocks: Iterable[Block], *, pictures: Mapping[str, str]) -> str:
    """Write a report as Markdown.

    Parameters
    ----------
    blocks : iterable of Block
    pictures : mapping of str to str
        Where each figure is, by its name.

    Returns
    -------
    str
    """
    return "\n\n".join(_markdown(block, pictures) for block in blocks) + "\n"


def markdown_text(text: str) -> str:
    r"""Write text so that it is shown letter for letter, on one line.

    Examples
    --------
    >>> markdown_text("a_b | <c>")
    'a\\_b \\| \\<c\\>'
    """
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _markdown(block: Block, pictures: Mapping[str, str]) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {markdown_text(text)}"
        case Paragraph(text):
            return markdown_text(text)
        case FigureBlock(name, caption):
            return f"![{markdown_text(caption)}]({pictures[name]})"
        case TableBlock():
            return _table(block)


def _table(table: TableBlock) -> str:
    rules = ["---" if column < table.n_names else "---:" for column in range(len(table.header))]
    rows = [_row(table.header), f"| {' | '.join(rules)} |", *map(_row, table.rows)]
    return f"*{markdown_text(table.caption)}*\n\n" + "\n".join(rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(markdown_text, cells))} |"
