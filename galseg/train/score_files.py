"""The numbers of a checkpoint as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from galseg.io.atomic import write_whole
from galseg.train.reliability_plot import write_reliability_plot
from galseg.train.scores import Scores

__all__ = ["write_scores"]


def write_scores(folder: Path, scores: Mapping[str, Scores]) -> None:
    """Write ``scores.json``, ``scores.csv`` and ``reliability.png``, replacing older ones.

    Parameters
    ----------
    folder : pathlib.Path
    scores : mapping of str to Scores
        By the set of galaxies.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    OutputError
        If a file cannot be written.
    """
    content = {name: asdict(its) for name, its in scores.items()}
    with write_whole(folder / "scores.json") as path:
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    rows = [{"galaxies": name, **row} for name, its in scores.items() for row in its.rows()]
    with write_whole(folder / "scores.csv") as path:
        pd.DataFrame(rows).to_csv(path, index=False)
    write_reliability_plot(folder / "reliability.png", scores)
