"""A report as one page of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from string import Template

from galseg.compare.report_blocks import Block, FigureBlock, Heading, Paragraph, TableBlock

__all__ = ["html_page"]

_PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light; }
body { margin: 1.5rem auto; padding: 0 1.5rem; max-width: 60rem; color: #1b1f24;
       background: #fff; font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #d0d7de; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
figure img { max-width: 100%; width: 40rem; height: auto; }
figcaption, caption { color: #57606a; font-size: .9rem; text-align: left; padding: .25rem 0; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #d0d7de; text-align: right;
         vertical-align: top; }
thead th { border-bottom: 2px solid #57606a; vertical-align: bottom; }
.name { text-align: left; overflow-wrap: break-word; max-width: 20rem; }
td:not(.name) { white-space: nowrap; }
@media print { body { max-width: none; } .wide, figure { break-inside: avoid; } }
</style>
</head>
<body>
$body
</body>
</html>
""")


def html_page(title: str, blocks: Iterable[Block], *, pictures: Mapping[str, str]) -> str:
    """Write a report as a page.

    Parameters
    ----------
    title : str
    blocks : iterable of Block
    pictures : mapping of str to str
        The source of each figure's image, by its name.

    Returns
    -------
    str

    Examples
    --------
    >>> "<p>1 &lt; 2</p>" in html_page("Report", [Paragraph("1 < 2")], pictures={})
    True
    """
    body = "\n".join(_html(block, pictures) for block in blocks)
    return _PAGE.substitute(title=escape(title), body=body)


def _html(block: Block, pictures: Mapping[str, str]) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case FigureBlock(name, caption):
            image = f'<img src="{escape(pictures[name])}" alt="{escape(caption)}">'
            return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"
        case TableBlock():
            return _table(block)


def _table(table: TableBlock) -> str:
    def cell(tag: str, column: int, text: str) -> str:
        name = ' class="name"' if column < table.n_names else ""
        return f"<{tag}{name}>{escape(text)}</{tag}>"

    header = "".join(cell("th", column, text) for column, text in enumerate(table.header))
    rows = (
        "".join(cell("td", column, text) for column, text in enumerate(row)) for row in table.rows
    )
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<div class="wide"><table><caption>{escape(table.caption)}</caption>\n'
        f"<thead><tr>{header}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )
