"""A report of a score: one page for a browser, and Markdown for a paper's appendix."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from galseg.compare.figures import score_figures
from galseg.compare.records import ComparisonScore
from galseg.compare.report_blocks import Block, FigureBlock, Heading, Paragraph
from galseg.compare.report_html import html_page
from galseg.compare.report_markdown import markdown
from galseg.compare.report_methods import REFERENCES, methods_text
from galseg.compare.report_tables import (
    agreement_table,
    consistency_table,
    excluded_table,
    pair_table,
    position_table,
    preference_table,
    quality_table,
    ranking_table,
    rater_table,
)
from galseg.version import __version__

__all__ = ["compose_report", "write_score_report"]

_TITLE = "Blinded comparison of masks"
_FIGURES = "figures"
_DPI = 200
_UNDATED = {"png": {"Software": None}, "pdf": {"CreationDate": None, "Producer": None}}


def write_score_report(folder: Path, score: ComparisonScore, *, plots: bool = True) -> None:
    """Write ``report.html``, ``report.md``, and their figures.

    The page is complete in itself; the Markdown shows the PNG files of ``figures``, beside
    which each figure stands as PDF too. Text out of the data is shown letter for letter.

    Parameters
    ----------
    folder : pathlib.Path
        An existing one.
    score : ComparisonScore
    plots : bool, optional
        Whether to draw figures.

    Raises
    ------
    MissingDependencyError
        If figures are to be drawn and matplotlib is not installed.
    """
    pictures = dict(_draw(folder, score)) if plots else {}
    blocks = list(compose_report(score, figures=pictures))
    page = html_page(_TITLE, blocks, pictures=pictures)
    (folder / "report.html").write_text(page, encoding="utf-8")
    places = {name: f"{_FIGURES}/{name}.png" for name in pictures}
    (folder / "report.md").write_text(markdown(blocks, pictures=places), encoding="utf-8")


def compose_report(score: ComparisonScore, *, figures: Mapping[str, str]) -> Iterator[Block]:
    """Yield what the report says, in order.

    Parameters
    ----------
    score : ComparisonScore
    figures : mapping
        By the names of the figures that there are.
    """
    yield Heading(_TITLE, level=1)
    yield Heading("Methods")
    yield from map(Paragraph, methods_text(score))
    if len(score.preferences):
        yield Heading("Preferences")
        yield from _figure("preferences", "Shares of the choices, with intervals.", figures)
        yield from (preference_table(score), ranking_table(score), pair_table(score))
    if len(score.quality):
        yield Heading("Quality")
        yield from _figure("quality", "How the ratings of each method are distributed.", figures)
        yield quality_table(score)
    yield Heading("Raters")
    limits = "Dotted and dashed: 0.667 and 0.8, below which agreement is poor and tentative."
    yield from _figure("agreement", f"Agreement between raters. {limits}", figures)
    tables = (agreement_table, consistency_table, position_table, rater_table, excluded_table)
    yield from (table for table in (make(score) for make in tables) if table.rows)
    yield Heading("References")
    yield from map(Paragraph, REFERENCES)
    yield Paragraph(f"Made with galseg {__version__}.")


def _figure(name: str, caption: str, figures: Mapping[str, str]) -> Iterator[FigureBlock]:
    if name in figures:
        yield FigureBlock(name, caption)


def _draw(folder: Path, score: ComparisonScore) -> Iterator[tuple[str, str]]:
    """Write the figures; yield each name with the picture as the source of an HTML image."""
    (folder / _FIGURES).mkdir()
    for name, figure in score_figures(score).items():
        for kind, metadata in _UNDATED.items():
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, dpi=_DPI, metadata=metadata)
            (folder / _FIGURES / f"{name}.{kind}").write_bytes(buffer.getvalue())
            if kind == "png":
                yield name, f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
