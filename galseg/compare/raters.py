"""Each rater in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from galseg.compare.consistency import repeat_pairs
from galseg.compare.records import TIE, Item

__all__ = ["majority_agreement", "rater_summary"]


def rater_summary(
    evaluations: pd.DataFrame, *, position: pd.DataFrame, items: Iterable[Item] = ()
) -> pd.DataFrame:
    """Sum up what each rater did.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        As of `galseg.compare.ComparisonScore`.
    position : pandas.DataFrame
        As of `galseg.compare.position.position_bias`.
    items : iterable of Item, optional
        What the raters of the key were asked.

    Returns
    -------
    pandas.DataFrame
        As ``raters`` of `galseg.compare.ComparisonScore`.
    """
    counted = evaluations[evaluations["counted"]]
    practice = evaluations[evaluations["right"].notna()]
    decided_not = counted[counted["choice"] == TIE]
    with_majority = counted.assign(agrees=majority_agreement(counted)).dropna(subset="agrees")
    pairs = repeat_pairs(evaluations)
    pairs["same"] = pairs["choice_first"] == pairs["choice_again"]
    columns: dict[str, pd.Series] = {
        "n_evaluations": counted.groupby("rater").size(),
        "n_ties": decided_not.groupby("rater").size(),
        "median_seconds": evaluations.groupby("rater")["seconds"].median(),
        "n_practice": practice.groupby("rater").size(),
        "n_practice_right": practice.groupby("rater")["right"].sum(),
        "n_with_majority": with_majority.groupby("rater").size(),
        "majority_share": with_majority.groupby("rater")["agrees"].mean(),
        "n_repeats": pairs.groupby("rater").size(),
        "repeat_share": pairs.groupby("rater")["same"].mean(),
        "place_p_value": position.groupby("rater")["p_value"].min(),
    }
    raters = pd.Index(sorted(evaluations["rater"].unique()), name="rater")
    table = pd.DataFrame({name: values.reindex(raters) for name, values in columns.items()})
    counts = [name for name in columns if name.startswith("n_")]
    table[counts] = table[counts].fillna(0)
    kinds = {name: int if name in counts else float for name in columns}
    table = table.astype(kinds)
    n_asked = pd.Series(Counter(item.rater for item in items), dtype="Int64").reindex(raters)
    table.insert(1, "n_unanswered", n_asked - evaluations.groupby("rater").size())
    return table.reset_index()


def majority_agreement(evaluations: pd.DataFrame) -> pd.Series:
    """Say of each answer whether it is what most of the other raters chose.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``galaxy_id, feature, rater, choice``, one row a rater, galaxy and feature.

    Returns
    -------
    pandas.Series of float
        1 or 0; NaN where nobody else answered, or the others' most frequent choice is not unique.

    Examples
    --------
    >>> answers = pd.DataFrame({"galaxy_id": "a", "feature": "bar", "choice": list("xxy")})
    >>> majority_agreement(answers).tolist()
    [nan, nan, 0.0]
    """
    known = evaluations.dropna(subset="choice")
    unit = known.groupby(["galaxy_id", "feature"]).ngroup().to_numpy()
    choice, choices = pd.factorize(known["choice"])
    counts = np.zeros((unit.max(initial=-1) + 1, len(choices)))
    np.add.at(counts, (unit, choice), 1)
    others = counts[unit] - np.eye(len(choices))[choice]
    top = others.max(axis=1, initial=0)
    is_top = others == top[:, None]
    decided = (top > 0) & (is_top.sum(axis=1) == 1)
    agrees = np.where(decided, is_top[np.arange(len(known)), choice], np.nan)
    return pd.Series(agrees, index=known.index).reindex(evaluations.index)
