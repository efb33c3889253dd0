"""Makes docs/tables.md: ``python -m tests.measure.tables_page > docs/tables.md``."""

import inspect
import re
from pathlib import Path

from galseg.measure import MeasureFlag
from galseg.measure.columns import (
    ARM_COLUMNS,
    BAR_COLUMNS,
    GALAXY_COLUMNS,
    TIDAL_COLUMNS,
    unit_of,
)

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"

HEAD = """\
# Tables

`galseg measure` writes three tables, joined by `galaxy_id`: `galaxies` (one row a galaxy), `arms`
(one row an arm) and `tidal` (one row a tidal feature). `galseg measure bars` writes the bar-extent
table, which is `galaxies` without what comes from arms and tidal features. In Python they come from
`galseg.measure_catalog`.

- **Errors** end in `_err` and are one standard deviation. With `--percentiles`, every number that
  draws give an error has its 16th and 84th percentile too, in `<name>_p16` and `<name>_p84`, after
  all other columns.
- **What is undefined** is NaN, and a flag says why. A galaxy, or a feature of it, whose measurement
  stopped with an error has the flag `FAILED` and the error's text in `status`; in `arms` and
  `tidal` it is one row, numbered 0.
- **Units, descriptions and UCDs** ([UCD1+](https://www.ivoa.net/documents/UCD1+/)) stand in the
  files: in ECSV and VOTable as those formats have them, in FITS as `TUNITn`, `TCOMMn` and `TUCDn`,
  in Parquet by the VOParquet convention, which TOPCAT and astropy's `parquet.votable` read. CSV has
  the units in the names alone. LaTeX joins a number and its error and is not read back.
- **Provenance** stands in the metadata: versions of galseg, NumPy and astropy, what made the maps
  (a model and the start of its weights' SHA-256, or the kind of consensus), the least and the
  greatest threshold of each feature, draws and seed, the cosmology, and the bits of the flags.
- **Flags** add up the bits listed at the end; `galseg.measure.decode_flags` names them, and
  `--decode_flags` puts the names beside every column of flags.

Columns of `light_...` come from the image, where `--images` gives it, and not from the maps; each
length is labelled by its definition, and the definitions bracket a bar's length by design.
"""


def page() -> str:
    """Return the whole page."""
    sections = [
        HEAD,
        _section("galaxies", GALAXY_COLUMNS),
        "## bars\n\nThe columns of `galaxies` without "
        + _names([c for c in GALAXY_COLUMNS if c not in BAR_COLUMNS])
        + ".\n",
        _section("arms", ARM_COLUMNS),
        _section("tidal", TIDAL_COLUMNS),
        _flags(),
    ]
    return "\n".join(sections)


def _section(name, columns):
    names = {column.name for column in columns}
    lines = [f"## {name}", "", "| column | unit | UCD | meaning |", "|---|---|---|---|"]
    for column in columns:
        number = column.name.removesuffix("_err")
        if number != column.name and number in names:
            continue  # stands with its number
        shown = f"`{number}`" + (", `_err`" if f"{number}_err" in names else "")
        unit = unit_of(number) or ""
        lines.append(f"| {shown} | {unit} | `{column.ucd}` | {column.description} |")
    return "\n".join(lines) + "\n"


def _names(columns):
    names = [f"`{column.name}`" for column in columns if not column.name.endswith("_err")]
    return ", ".join(names[:-1]) + f" and {names[-1]} (and their errors)"


def _flags():
    described = inspect.cleandoc(MeasureFlag.__doc__).partition("Attributes")[2]
    told = {
        name: " ".join(text.split())
        for name, text in re.findall(r"^([A-Z_]+)\n((?:    .+\n?)+)", described, re.MULTILINE)
    }
    lines = ["## flags", "", "| bit | name | meaning |", "|---|---|---|"]
    lines += [f"| {flag.value} | `{flag.name}` | {told[flag.name]} |" for flag in MeasureFlag]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
