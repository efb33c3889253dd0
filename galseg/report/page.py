"""A page of the measured tables, for a browser."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template

from astropy.table import QTable

from galseg.io.atomic import write_whole
from galseg.measure.catalog import CatalogTables
from galseg.report.cells import page_columns, picture_column
from galseg.report.extra import need
from galseg.report.interactive import interactive_table, table_script
from galseg.report.numbers import plain_column
from galseg.report.summary import count_flags, count_structures, distributions_svg
from galseg.report.thumbnails import embedded_picture, linked_picture

__all__ = ["write_report"]

PathLike = str | os.PathLike[str]

_HEADINGS = {"galaxies": "Galaxies", "arms": "Spiral arms", "tidal": "Tidal features"}
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
body { margin: 1rem 1.5rem; font: 0.95rem/1.4 system-ui, sans-serif; color: #1b1f24;
       background: #fff; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0; }
dl div { display: flex; flex-direction: column-reverse; }
dt { color: #57606a; }
dd { margin: 0; font-size: 1.4rem; font-weight: 600; }
p { color: #57606a; max-width: 70rem; }
#distributions { display: block; max-width: 100%; margin-top: 1rem; }
td img { height: 8rem; display: block; }
th span[title] { text-decoration: underline dotted; }
</style>
$script
</head>
<body>
<h1>$title</h1>
<dl>$counts</dl>
$distributions
$sections
<p>$provenance</p>
</body>
</html>
""")


def write_report(
    path: PathLike,
    tables: CatalogTables,
    *,
    pictures: Mapping[str, PathLike] | None = None,
    embed: bool = True,
    title: str = "Measured galaxies",
) -> None:
    """Write a page of the measured tables: a summary, and tables to sort and to search.

    It opens from disk and needs no network, for the tables' script (DataTables, through itables)
    stands in it. Numbers stand beside their errors, units below the names, flags by their names;
    columns without any content are left out. Text out of the tables is shown letter for letter.

    Parameters
    ----------
    path : path-like
        HTML file to make; it appears whole or not at all.
    tables : CatalogTables
        Of `galseg.measure.measure_catalog`.
    pictures : mapping of str to path-like, optional
        PNG or JPEG files by subject_id, or galaxy_id where that is empty, as of
        `galseg.report.write_measurement_plot`.
    embed : bool, optional
        Whether small copies of the pictures stand in the page itself, about 8 kB each. If not,
        it shows the files where they are, seen from its own folder, and loads only those in
        sight: better for thousands of galaxies.
    title : str, optional

    Raises
    ------
    MissingInputError
        If a picture to embed is missing.
    FormatError
        If a picture to embed is none.
    MissingDependencyError
        If itables or matplotlib is not installed.
    OutputError
        If the file cannot be written.
    """
    need("itables")
    shown = embedded_picture if embed else linked_picture(Path(path).absolute().parent)
    images = {name: shown(picture) for name, picture in (pictures or {}).items()}
    page = _PAGE.substitute(
        title=escape(title),
        script=table_script(),
        counts="".join(
            f"<div><dt>{name}</dt><dd>{n}</dd></div>"
            for name, n in count_structures(tables).items()
        ),
        distributions=_distributions(tables),
        sections="\n".join(
            _section(name, getattr(tables, name), images if name == "galaxies" else {})
            for name in _HEADINGS
        ),
        provenance=_provenance(tables.galaxies),
    )
    with write_whole(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _distributions(tables: CatalogTables) -> str:
    svg = distributions_svg(tables)
    if not svg:
        return ""
    source = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return f'<img id="distributions" src="{source}" alt="Distributions of what was measured">'


def _section(name: str, table: QTable, pictures: Mapping[str, str]) -> str:
    heading = f"<h2>{_HEADINGS[name]}</h2>"
    if len(table) == 0:
        return f"{heading}\n<p>None.</p>"
    flags = ", ".join(f"{flag} {n}" for flag, n in count_flags(table).items())
    columns = page_columns(table)
    if pictures:
        columns.insert(1, picture_column([pictures.get(name, "") for name in _names(table)]))
    return f"{heading}\n<p>Flags: {flags or 'none'}</p>\n{interactive_table(name, columns)}"


def _names(table: QTable) -> list[str]:
    """Tell the rows of several crowds on one galaxy apart."""
    subjects, galaxies = (
        plain_column(table[name]).astype(str).tolist() for name in ("subject_id", "galaxy_id")
    )
    return [subject or galaxy for subject, galaxy in zip(subjects, galaxies, strict=True)]


def _provenance(table: QTable) -> str:
    return "<br>".join(escape(f"{key}: {value}") for key, value in table.meta.items())
