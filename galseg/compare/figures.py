"""Figures of a score: preferences, qualities, and how well raters agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galseg.compare.records import TIE, ComparisonScore
from galseg.compare.wording import feature_words, method_words, percent
from galseg.extras import extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["agreement_figure", "preference_figure", "quality_figure", "score_figures"]

Floats = NDArray[np.float64]
Style: TypeAlias = dict[str, Any]

_WIDTH = 6.4  # inches
_ROW, _PANEL = 0.34, 0.75  # inches a bar, and a panel around its bars
_BLUE, _GREY, _INK = "#0072b2", "#8c959f", "#1b1f24"
_LADDER = ("#00547f", "#6fb0d8", "#f2c08a", "#a8480e")  # good to bad, also without hue
_HATCHES = ("", "///", "...", "xxx")
_LEAST_LABELLED = 0.08  # of the width of a figure
_FAIR, _GOOD = 0.667, 0.8  # Krippendorff's limits for tentative and for firm conclusions


def score_figures(score: ComparisonScore) -> dict[str, Figure]:
    """Draw what a score has to show.

    Parameters
    ----------
    score : ComparisonScore

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        ``preferences``, ``quality`` and ``agreement``, without those of which nothing is known.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    figures = {}
    if len(score.preferences):
        figures["preferences"] = preference_figure(score.preferences)
    if len(score.quality):
        words = dict(score.key.questions.quality)
        figures["quality"] = quality_figure(score.quality, words=words)
    if score.agreement["alpha"].notna().any():
        figures["agreement"] = agreement_figure(score.agreement)
    return figures


def preference_figure(preferences: pd.DataFrame) -> Figure:
    """Draw the shares of the choices with their resampled intervals, a panel a feature.

    Parameters
    ----------
    preferences : pandas.DataFrame
        Of a `ComparisonScore`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, panels = _panels(preferences)
    for axes, rows in panels:
        where = np.arange(len(rows))
        is_tie = rows["choice"] == TIE
        bars = axes.barh(where, rows["share"], color=np.where(is_tie, _GREY, _BLUE), height=0.7)
        for bar in np.array(bars)[is_tie]:
            bar.set(hatch="///", edgecolor="white", linewidth=0)
        reach = _reach(rows, "share", "resampled_low", "resampled_high")
        axes.errorbar(rows["share"], where, xerr=reach, fmt="none", ecolor=_INK, capsize=3)
        for at, share, end in zip(
            where, rows["share"], rows[["share", "resampled_high"]].max(axis=1), strict=True
        ):
            axes.annotate(
                percent(share), (end, at), (5, 0), textcoords="offset points", va="center"
            )
        _name_rows(axes, [method_words(choice) for choice in rows["choice"]])
        axes.set_xlim(0, 1.15)
        _percent_axis(axes)
    panels[-1][0].set_xlabel("share of evaluations")
    return figure


def quality_figure(quality: pd.DataFrame, *, words: dict[str, str]) -> Figure:
    """Draw how the ratings are distributed, a bar a method and a panel a feature.

    Parameters
    ----------
    quality : pandas.DataFrame
        Of a `ComparisonScore`.
    words : dict of str to str
        What may be said, best first, as raters read it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, panels = _panels(quality[["feature", "method"]].drop_duplicates())
    styles = dict(zip(words, _styles(len(words)), strict=True))
    for axes, shown in panels:
        rows = quality[quality["feature"] == shown["feature"].iloc[0]]
        shares = rows.pivot_table(index="method", columns="quality", values="share", sort=False)
        shares = shares.reindex(columns=list(words), fill_value=0)
        left = np.zeros(len(shares))
        for level in words:
            width = shares[level].to_numpy()
            axes.barh(np.arange(len(shares)), width, left=left, height=0.7, **styles[level])
            _label_parts(axes, left, width)
            left = left + width
        _name_rows(axes, list(shares.index))
        axes.set_xlim(0, 1)
        _percent_axis(axes)
    panels[-1][0].set_xlabel("share of ratings")
    handles = [_swatch(styles[level], text) for level, text in words.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(words), frameon=False)
    return figure


def agreement_figure(agreement: pd.DataFrame) -> Figure:
    """Draw Krippendorff's alpha with its interval, a panel a feature.

    Parameters
    ----------
    agreement : pandas.DataFrame
        Of a `ComparisonScore`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    known = agreement.dropna(subset="alpha")
    figure, panels = _panels(known)
    least = min(-0.05, float(known[["alpha", "alpha_low"]].min().min()) - 0.05)
    for axes, rows in panels:
        where = np.arange(len(rows))
        axes.errorbar(
            rows["alpha"],
            where,
            xerr=_reach(rows, "alpha", "alpha_low", "alpha_high"),
            fmt="o",
            color=_BLUE,
            ecolor=_INK,
            capsize=3,
        )
        for limit, style in ((0, "-"), (_FAIR, ":"), (_GOOD, "--")):
            axes.axvline(limit, color=_GREY, linestyle=style, linewidth=1, zorder=0)
        names = zip(rows["question"], rows["method"], strict=True)
        _name_rows(axes, [_question_words(question, method) for question, method in names])
        axes.set_xlim(least, 1.05)
    panels[-1][0].set_xlabel("Krippendorff's alpha (0: chance, 1: full agreement)")
    return figure


def _panels(rows: pd.DataFrame) -> tuple[Figure, list[tuple[Axes, pd.DataFrame]]]:
    """Make a figure with a panel for each feature, as high as it has rows."""
    with extra("plots", "plots, unless they are left out, need the package matplotlib"):
        from matplotlib.figure import Figure
    groups = list(rows.groupby("feature", sort=False))
    heights = [len(group) * _ROW + _PANEL for _, group in groups]
    figure = Figure(figsize=(_WIDTH, sum(heights) + 0.4), layout="constrained")
    grid = figure.subplots(len(groups), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (feature, _) in zip(grid, groups, strict=True):
        axes.set_title(feature_words(str(feature)), loc="left", parse_math=False)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, [(axes, group) for axes, (_, group) in zip(grid, groups, strict=True)]


def _reach(rows: pd.DataFrame, middle: str, low: str, high: str) -> Floats:
    """Lengths of the error bars to both sides, shape (2, N); none where an interval is unknown."""
    below, above = rows[middle] - rows[low], rows[high] - rows[middle]
    return np.asarray(np.nan_to_num(np.array([below, above], dtype=float)).clip(min=0))


def _name_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.45, -0.55)


def _percent_axis(axes: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])


def _styles(n_levels: int) -> Iterator[Style]:
    """Colours from good to bad that differ in lightness too, and hatches."""
    for number in range(n_levels):
        step = round(number * (len(_LADDER) - 1) / (n_levels - 1))
        yield {
            "color": _LADDER[step],
            "hatch": _HATCHES[number % len(_HATCHES)],
            "edgecolor": "white",
        }


def _label_parts(axes: Axes, left: Floats, width: Floats) -> None:
    """Write the shares into the parts of the bars that have room."""
    box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5}
    for at, (start, part) in enumerate(zip(left, width, strict=True)):
        if part >= _LEAST_LABELLED:
            axes.annotate(
                percent(part, 0), (start + part / 2, at), ha="center", va="center",
                color=_INK, bbox=box, fontsize="small",
            )  # fmt: skip


def _swatch(style: Style, text: str) -> object:
    from matplotlib.patches import Patch

    return Patch(label=text.replace("$", r"\$"), facecolor=style["color"], hatch=style["hatch"],
                 edgecolor="white")  # fmt: skip


def _question_words(question: str, method: str) -> str:
    if question == "best":
        return "best mask"
    return f"quality, {method}" if method else "quality, all methods"
