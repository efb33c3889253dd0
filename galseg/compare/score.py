"""What the raters prefer, and how sure that is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from galseg.compare.agreement import rater_agreement
from galseg.compare.answers import Checked, check_answers, find_answer_files
from galseg.compare.consistency import self_consistency
from galseg.compare.key import read_key
from galseg.compare.position import position_bias
from galseg.compare.ranking import rank_methods
from galseg.compare.raters import rater_summary
from galseg.compare.records import ComparisonScore, Key
from galseg.compare.settle import settle_pairs
from galseg.compare.shares import preference_shares, quality_shares, ratings_of
from galseg.errors import ConfigError, FormatError
from galseg.io.provenance import hash_of

__all__ = ["score_comparison"]

PathLike = str | os.PathLike[str]

_LEAST_RESAMPLES = 100


def score_comparison(
    answers: PathLike | Iterable[PathLike],
    key: PathLike,
    *,
    level: float = 0.95,
    power: float = 0.8,
    n_resamples: int = 2000,
    seed: int = 0,
) -> ComparisonScore:
    """Read the raters' answers, undo the blinding, and count.

    Practice items count for nothing but the raters' summary, and repeats for nothing but
    self-consistency.

    Parameters
    ----------
    answers : path-like or iterable of path-like
        The files that the raters saved (JSON), Zooniverse classification exports (CSV), or
        folders of them.
    key : path-like
        The key that `build_comparison` wrote.
    level : float, optional
        Confidence of the intervals, between 0 and 1.
    power : float, optional
        With which an open pair is to be settled, between 0 and 1.
    n_resamples : int, optional
        Resamples of galaxies and raters.
    seed : int, optional
        Of the resampling.

    Returns
    -------
    ComparisonScore
        Answers that cannot be used are in ``excluded`` with the reason.

    Raises
    ------
    MissingInputError
        If the key or an answer file is not there.
    FormatError
        If the key is damaged, or no answer at all counts.
    ConfigError
        If the level, the power or the number of resamples cannot be.
    """
    if not (0 < level < 1 and 0 < power < 1) or n_resamples < _LEAST_RESAMPLES:
        raise ConfigError(
            "level and power must lie between 0 and 1 and n_resamples be at least "
            f"{_LEAST_RESAMPLES}, got {level}, {power} and {n_resamples}"
        )
    paths = find_answer_files(answers)
    opened, key_sha256 = read_key(key), hash_of(Path(key))
    checked = check_answers(paths, opened, key_sha256=key_sha256)
    _check_any_counts(checked, len(paths))
    how: dict[str, Any] = {"level": level, "n_resamples": n_resamples, "seed": seed}
    return _score(checked, opened, key_sha256=key_sha256, power=power, how=how)


def _check_any_counts(checked: Checked, n_files: int) -> None:
    evaluations, excluded = checked
    if not evaluations.empty and evaluations["counted"].any():
        return
    reasons = excluded["file"] + ": " + excluded["reason"]
    practice = "only practice was answered" if len(evaluations) else "they are empty"
    raise FormatError(
        f"no answer counts in {n_files} files; {reasons.iloc[0] if len(reasons) else practice}"
    )


def _score(
    checked: Checked, key: Key, *, key_sha256: str, power: float, how: dict[str, Any]
) -> ComparisonScore:
    evaluations = checked.evaluations
    counted = evaluations[evaluations["counted"]]
    chosen = counted if key.questions.best else counted[:0]
    methods, qualities = key.methods, tuple(key.questions.quality)
    level = how["level"]
    position = position_bias(chosen, level=level)
    return ComparisonScore(
        preferences=preference_shares(chosen, methods, **how),
        ranking=rank_methods(chosen, methods, ties=key.questions.tie, **how),
        quality=quality_shares(ratings_of(counted, methods), methods, qualities=qualities, **how),
        settle=settle_pairs(chosen, methods, power=power, **how),
        agreement=rater_agreement(counted, methods, qualities=qualities, **how),
        consistency=self_consistency(evaluations, methods, qualities=qualities, level=level),
        position=position,
        raters=rater_summary(evaluations, position=position, items=key.items),
        evaluations=evaluations,
        excluded=checked.excluded,
        key=key,
        key_sha256=key_sha256,
        power=power,
        **how,
    )
