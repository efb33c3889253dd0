"""The tables of a score, written for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from galseg.compare.records import ComparisonScore
from galseg.compare.report_blocks import TableBlock
from galseg.compare.wording import feature_words, interval, method_words, number, percent

__all__ = [
    "agreement_table",
    "consistency_table",
    "excluded_table",
    "pair_table",
    "position_table",
    "preference_table",
    "quality_table",
    "ranking_table",
    "rater_table",
]

_LONGEST_REASON = 100  # characters


def preference_table(score: ComparisonScore) -> TableBlock:
    """Tabulate how often each method, or a tie, was the choice."""
    level = f"{100 * score.level:g}%"
    return TableBlock(
        "Which mask is best: the share of evaluations in which each was the choice.",
        ["Feature", "Choice", "Chosen", "Of", "Share", level, f"{level}, Wilson"],
        [
            [
                feature_words(row.feature),
                method_words(row.choice),
                str(row.n_chosen),
                str(row.n_evaluations),
                percent(row.share),
                interval(row.resampled_low, row.resampled_high),
                interval(row.share_low, row.share_high),
            ]
            for row in _rows(score.preferences)
        ],
        n_names=2,
    )


def ranking_table(score: ComparisonScore) -> TableBlock:
    """Tabulate the worths of Davidson's model."""
    return TableBlock(
        "Ranking: the probability that a method is chosen from all, given that there is no tie; "
        "its error, of independent answers; its interval; and the share of resamples in which "
        "the method is first. Nu is Davidson's parameter of ties.",
        ["Feature", "Method", "Rank", "Worth", "Error", f"{100 * score.level:g}%", "First", "Nu"],
        [
            [
                feature_words(row.feature),
                row.method,
                str(row.rank),
                number(row.worth, 3),
                number(row.worth_err, 3),
                f"{number(row.resampled_low, 3)}–{number(row.resampled_high, 3)}",
                percent(row.first_share),
                number(row.tie_ratio),
            ]
            for row in _rows(score.ranking)
        ],
        n_names=2,
    )


def pair_table(score: ComparisonScore) -> TableBlock:
    """Tabulate the pairs of methods, and what would settle them."""
    return TableBlock(
        "Pairs of methods: the share of the first among the choices between the two, and how many "
        f"more evaluations would settle an open pair with a power of {number(score.power)}, if "
        "the share stays.",
        [
            "Feature",
            "Method",
            "Other",
            "Choices",
            "Share",
            f"{100 * score.level:g}%",
            "Settled",
            "Design effect",
            "Evaluations needed",
        ],
        [
            [
                feature_words(row.feature),
                row.method,
                row.other,
                f"{row.n_preferred} : {row.n_other}",
                percent(row.share),
                interval(row.resampled_low, row.resampled_high),
                "no" if row.is_open else "yes",
                number(row.design_effect, 1),
                "no number would" if pd.isna(row.n_more) else number(row.n_more, 0),
            ]
            for row in _rows(score.settle)
        ],
        n_names=3,
    )


def quality_table(score: ComparisonScore) -> TableBlock:
    """Tabulate the qualities, a method a row, with the share of good masks."""
    words = score.key.questions.quality
    good = list(words)[len(words) // 2 - 1]
    groups = score.quality.groupby(["feature", "method"], sort=False)
    rows = [
        _quality_row(str(feature), str(method), rows.set_index("quality"), list(words), good)
        for (feature, method), rows in groups
    ]
    return TableBlock(
        f"Quality of the masks; good is {words[good].lower()} or better.",
        ["Feature", "Method", "Ratings", *words.values(), "Good", f"{100 * score.level:g}%"],
        rows,
        n_names=2,
    )


def _quality_row(
    feature: str, method: str, rows: pd.DataFrame, levels: list[str], good: str
) -> list[str]:
    at: Any = rows.loc[good]
    return [
        feature_words(feature),
        method,
        str(at["n_ratings"]),
        *(percent(share) for share in rows["share"].reindex(levels)),
        percent(at["or_better"]),
        interval(at["or_better_low"], at["or_better_high"]),
    ]


def agreement_table(score: ComparisonScore) -> TableBlock:
    """Tabulate Krippendorff's alpha."""
    return TableBlock(
        "Agreement between raters: Krippendorff's alpha, 0 for chance and 1 for full agreement. "
        "Units are what two raters or more answered.",
        ["Feature", "Question", "Method", "Units", "Answers", "Alpha", f"{100 * score.level:g}%"],
        [
            [
                feature_words(row.feature),
                "best mask" if row.question == "best" else "quality",
                method_words(row.method) if row.question == "quality" else "",
                str(row.n_units),
                str(row.n_answers),
                number(row.alpha),
                interval(row.alpha_low, row.alpha_high, of_shares=False),
            ]
            for row in _rows(score.agreement)
        ],
        n_names=3,
    )


def consistency_table(score: ComparisonScore) -> TableBlock:
    """Tabulate how often raters gave the same answer again."""
    return TableBlock(
        "Self-consistency: answers to what a rater saw twice.",
        [
            "Feature",
            "Question",
            "Pairs",
            "Same",
            "Share",
            f"{100 * score.level:g}%, Wilson",
            "Scott's pi",
        ],
        [
            [
                feature_words(row.feature),
                "best mask" if row.question == "best" else "quality",
                str(row.n_pairs),
                str(row.n_same),
                percent(row.share),
                interval(row.share_low, row.share_high),
                number(row.kappa),
            ]
            for row in _rows(score.consistency)
        ],
        n_names=2,
    )


def position_table(score: ComparisonScore) -> TableBlock:
    """Tabulate how often each place was chosen, over all raters."""
    together = score.position[score.position["rater"] == ""]
    return TableBlock(
        "Position bias: how often each place was chosen, by all raters together, and the "
        "probability of shares at least as unequal if places did not matter.",
        ["Places", "Place", "Chosen", "Of", "Share", f"{100 * score.level:g}%, Wilson", "p"],
        [
            [
                str(row.n_places),
                str(row.place),
                str(row.n_chosen),
                str(row.n_decided),
                percent(row.share),
                interval(row.share_low, row.share_high),
                number(row.p_value, 4),
            ]
            for row in _rows(together)
        ],
        n_names=0,
    )


def rater_table(score: ComparisonScore) -> TableBlock:
    """Tabulate the raters."""
    return TableBlock(
        "Raters: evaluations that count, items without an answer to be used, ties, median time of "
        "an answer, practice answered right, agreement with the majority of the others where "
        "there is one, equal answers to repeats, and the probability of places chosen at least as "
        "unequally if they did not matter (one rater in twenty is below 0.05 by chance).",
        [
            "Rater",
            "Evaluations",
            "Unanswered",
            "Ties",
            "Seconds",
            "Practice right",
            "With majority",
            "Repeats",
            "p of places",
        ],
        [
            [
                row.rater,
                str(row.n_evaluations),
                "n/a" if pd.isna(row.n_unanswered) else str(row.n_unanswered),
                str(row.n_ties),
                number(row.median_seconds, 1),
                f"{row.n_practice_right} of {row.n_practice}",
                f"{percent(row.majority_share, 0)} of {row.n_with_majority}",
                f"{percent(row.repeat_share, 0)} of {row.n_repeats}",
                number(row.place_p_value, 4),
            ]
            for row in _rows(score.raters)
        ],
    )


def excluded_table(score: ComparisonScore) -> TableBlock:
    """Tabulate why answers could not be used, and in which files."""
    return TableBlock(
        "Answers that could not be used; the table excluded has them one by one.",
        ["Reason", "Answers", "Files"],
        list(_reasons(score.excluded)),
    )


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    yield from frame.itertuples()


def _reasons(excluded: pd.DataFrame) -> Iterator[list[str]]:
    groups = excluded.groupby("reason", sort=False)["file"].agg(["size", "nunique"])
    for reason, row in groups.sort_values("size", ascending=False, kind="stable").iterrows():
        text = str(reason)
        cut = text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"
        yield [cut, str(row["size"]), str(row["nunique"])]
