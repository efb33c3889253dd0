"""What the measured tables hold, in a few numbers and small figures."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import QTable
from numpy.typing import NDArray

from galseg.measure import decode_flags
from galseg.measure.catalog import CatalogTables
from galseg.report.extra import need
from galseg.report.numbers import plain_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["count_flags", "count_structures", "distributions_svg"]

_HISTOGRAMS = (
    ("galaxies", "length_arcsec", "bar length [arcsec]"),
    ("galaxies", "length_kpc", "bar length [kpc]"),
    ("galaxies", "axis_ratio", "bar axis ratio"),
    ("arms", "pitch_angle_deg", "pitch angle of arms [deg]"),
    ("tidal", "length_arcsec", "tidal length [arcsec]"),
)
_TALLIES = (
    ("galaxies", "n_arms", "arms in a galaxy"),
    ("galaxies", "winding", "winding of galaxies"),
    ("tidal", "shape", "shape of tidal features"),
)
_PANEL = (2.4, 1.9)  # inches
_N_BINS = 12
_COLOUR = "#0072b2"


def count_structures(tables: CatalogTables) -> dict[str, int]:
    """Count galaxies, and the bars, arms and tidal features found in them.

    Returns
    -------
    dict of str to int
        By what is counted, in words.
    """
    galaxies = tables.galaxies
    n_arms = plain_column(galaxies["n_arms"])
    return {
        "galaxies": len(galaxies),
        "with a bar": int(np.isfinite(plain_column(galaxies["length_pix"])).sum()),
        "with spiral arms": int((n_arms > 0).sum()),
        "spiral arms": int(np.nansum(n_arms)),
        "tidal features": int((plain_column(tables.tidal["tidal_id"]) > 0).sum()),
        "stopped with an error": int((plain_column(galaxies["status"]) != "").sum()),
    }


def count_flags(table: QTable) -> dict[str, int]:
    """Count the rows with each flag in any of a table's columns of flags, most frequent first."""
    names = [name for name in table.colnames if name.endswith("flags")]
    if not names:
        return {}
    values = np.bitwise_or.reduce([plain_column(table[name]).astype(np.int64) for name in names])
    return dict(Counter(flag for row in decode_flags(values) for flag in row).most_common())


def distributions_svg(tables: CatalogTables) -> str:
    """Draw how the measured numbers are spread, as SVG; empty if there is nothing to draw.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    need("matplotlib")
    import matplotlib as mpl
    from matplotlib.figure import Figure

    numbers = [(label, _finite(values)) for label, values in _columns(tables, _HISTOGRAMS)]
    numbers = [(label, values) for label, values in numbers if len(values) > 1]
    tallies = [(label, _tally(values)) for label, values in _columns(tables, _TALLIES)]
    tallies = [(label, tally) for label, tally in tallies if tally]
    n_panels = len(numbers) + len(tallies)
    if n_panels == 0:
        return ""
    figure = Figure(figsize=(_PANEL[0] * n_panels, _PANEL[1]), layout="constrained")
    panels = iter(figure.subplots(1, n_panels, squeeze=False)[0])
    for label, values in numbers:
        _style(axes := next(panels), label)
        axes.hist(values, bins=_N_BINS, color=_COLOUR)
    for label, tally in tallies:
        _style(axes := next(panels), label)
        axes.bar(list(tally), list(tally.values()), color=_COLOUR)
    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "galseg"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _columns(
    tables: CatalogTables, wanted: Iterable[tuple[str, str, str]]
) -> Iterable[tuple[str, NDArray[Any]]]:
    for name, column, label in wanted:
        table = getattr(tables, name)
        if column in table.colnames:
            yield label, plain_column(table[column])


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(values[np.isfinite(values)])


def _tally(values: NDArray[Any]) -> dict[str, int]:
    """Count each value in order; numbers as whole numbers, nothing for NaN and empty text."""
    if values.dtype.kind == "f":
        return {f"{value:.0f}": n for value, n in sorted(Counter(_finite(values).tolist()).items())}
    return {value: n for value, n in sorted(Counter(values.tolist()).items()) if value}


def _style(axes: Axes, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(label, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
