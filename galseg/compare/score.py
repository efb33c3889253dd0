"""What the raters prefer, and how sure that is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from astropy.stats import binom_conf_interval
from numpy.typing import NDArray

from galseg.compare.answers import check_answers, find_answer_files
from galseg.compare.key import read_key
from galseg.compare.records import QUALITY_LEVELS, TIE, ComparisonScore
from galseg.errors import ConfigError, FormatError
from galseg.io.provenance import hash_of

__all__ = ["preference_shares", "quality_shares", "resampled_shares", "score_comparison"]

PathLike = str | os.PathLike[str]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_RESAMPLES = 100


def score_comparison(
    answers: PathLike | Iterable[PathLike],
    key: PathLike,
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> ComparisonScore:
    """Read the raters' answers, undo the blinding, and count.

    Parameters
    ----------
    answers : path-like or iterable of path-like
        The files that the raters saved, or folders of them.
    key : path-like
        The key that `build_comparison` wrote.
    level : float, optional
        Confidence of the intervals, between 0 and 1.
    n_resamples : int, optional
        Resamples of galaxies and raters.
    seed : int, optional
        Of the resampling.

    Returns
    -------
    ComparisonScore
        Answers that do not count are in ``excluded`` with the reason.

    Raises
    ------
    MissingInputError
        If the key or an answer file is not there.
    FormatError
        If the key is damaged, or no answer at all counts.
    ConfigError
        If the level or the number of resamples cannot be.
    """
    if not 0 < level < 1 or n_resamples < _LEAST_RESAMPLES:
        raise ConfigError(
            f"level must lie between 0 and 1 and n_resamples be at least {_LEAST_RESAMPLES}, "
            f"got {level} and {n_resamples}"
        )
    paths = find_answer_files(answers)
    opened = read_key(key)
    evaluations, excluded = check_answers(paths, opened, key_sha256=hash_of(Path(key)))
    if evaluations.empty:
        reasons = excluded["file"] + ": " + excluded["reason"]
        raise FormatError(
            f"no answer counts in {len(paths)} files; "
            f"{reasons.iloc[0] if len(reasons) else 'they are empty'}"
        )
    preferences = preference_shares(
        evaluations, opened.methods, level=level, n_resamples=n_resamples, seed=seed
    )
    quality = quality_shares(evaluations, opened.methods)
    return ComparisonScore(preferences, quality, evaluations, excluded)


def preference_shares(
    evaluations: pd.DataFrame,
    methods: Sequence[str],
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Count how often each method, or a tie, was the choice, feature by feature.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``feature, choice, galaxy_id, rater``, one row an answer.
    methods : sequence of str
    level, n_resamples, seed
        As in `score_comparison`.

    Returns
    -------
    pandas.DataFrame
        As ``preferences`` of `ComparisonScore`.

    References
    ----------
    Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> evaluations = pd.DataFrame(
    ...     {
    ...         "feature": "bar",
    ...         "choice": ["model"] * 3 + ["tie"],
    ...         "galaxy_id": ["a", "b", "c", "d"],
    ...         "rater": "r",
    ...     }
    ... )
    >>> preference_shares(evaluations, ["model", "crowd"])[["choice", "n_chosen", "share"]]
      choice  n_chosen  share
    0  model         3   0.75
    1  crowd         0   0.00
    2    tie         1   0.25
    """
    choices = pd.Index([*methods, TIE], name="choice")
    tables = []
    for feature, rows in evaluations.groupby("feature", sort=True):
        choice = choices.get_indexer(pd.Index(rows["choice"]))
        n_chosen, n_evaluations = np.bincount(choice, minlength=len(choices)), len(rows)
        table = pd.DataFrame({"feature": feature, "choice": choices, "n_chosen": n_chosen})
        table["n_evaluations"] = n_evaluations
        table["share"] = n_chosen / n_evaluations
        table["share_low"], table["share_high"] = binom_conf_interval(
            n_chosen, n_evaluations, confidence_level=level, interval="wilson"
        )
        resampled = resampled_shares(
            choice,
            pd.factorize(rows["galaxy_id"])[0],
            pd.factorize(rows["rater"])[0],
            n_choices=len(choices),
            n_resamples=n_resamples,
            rng=np.random.default_rng(seed),
        )
        table["resampled_low"], table["resampled_high"] = np.quantile(
            resampled, [(1 - level) / 2, (1 + level) / 2], axis=0
        )
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def resampled_shares(
    choice: Ints,
    galaxy: Ints,
    rater: Ints,
    *,
    n_choices: int,
    n_resamples: int,
    rng: np.random.Generator,
) -> Floats:
    """Shares of the choices, had other galaxies and raters been drawn.

    Galaxies and raters are each drawn again with replacement, and an answer counts as often as
    its galaxy times as often as its rater. Answers of one rater, or about one galaxy, are alike,
    and intervals that take them for independent are too narrow.

    Parameters
    ----------
    choice, galaxy, rater : ndarray of int, shape (N,)
        Of each answer, counted from 0.
    n_choices : int
        K, chosen or not.
    n_resamples : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (M, K)
        M is `n_resamples`, less those in which no answer was drawn.

    References
    ----------
    Owen, A. B. (2007), Ann. Appl. Stat. 1, 386, doi:10.1214/07-AOAS122.
    """
    n_galaxies, n_raters = int(galaxy.max()) + 1, int(rater.max()) + 1
    answers = np.zeros((n_choices, n_galaxies, n_raters))
    np.add.at(answers, (choice, galaxy, rater), 1)
    galaxy_drawn, rater_drawn = (
        rng.multinomial(n, np.full(n, 1 / n), size=n_resamples) for n in (n_galaxies, n_raters)
    )
    n_chosen = np.einsum("mg,kgr,mr->mk", galaxy_drawn, answers, rater_drawn, optimize=True)
    total = n_chosen.sum(axis=1, keepdims=True)
    drawn_any = total[:, 0] > 0
    return np.asarray(n_chosen[drawn_any] / total[drawn_any])


def quality_shares(evaluations: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """Count how good the raters found the masks of each method, feature by feature.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``feature`` and ``quality_<method>``, missing where a mask was not rated.
    methods : sequence of str

    Returns
    -------
    pandas.DataFrame
        As ``quality`` of `ComparisonScore`; methods that nobody rated have no rows.
    """
    rows: list[dict[str, Any]] = []
    for feature, answers in evaluations.groupby("feature", sort=True):
        for method in methods:
            counts = answers[f"quality_{method}"].value_counts()
            n_ratings = int(counts.sum())
            rows.extend(
                {
                    "feature": feature,
                    "method": method,
                    "quality": quality,
                    "n_rated": int(counts.get(quality, 0)),
                    "n_ratings": n_ratings,
                    "share": counts.get(quality, 0) / n_ratings,
                }
                for quality in QUALITY_LEVELS
                if n_ratings
            )
    columns = ["feature", "method", "quality", "n_rated", "n_ratings", "share"]
    return pd.DataFrame(rows, columns=columns)
