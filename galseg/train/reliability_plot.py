"""The reliability diagram: vote fractions against probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from galseg.features import feature_colour
from galseg.io.atomic import write_whole
from galseg.report.extra import need
from galseg.train.reliability import EDGES
from galseg.train.scores import FeatureScores, Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["reliability_figure", "write_reliability_plot"]

Floats = NDArray[np.float64]

_STYLES = (("o", "-"), ("s", "--"), ("^", ":"), ("D", "-."))  # of the sets of galaxies, in order
_WIDTH, _HEIGHT = 3.4, 4.8  # inches, of a feature's panels
_FEWEST = 1e-6  # share of the votes, the least that is drawn


def reliability_figure(scores: Mapping[str, Scores]) -> Figure:
    """Draw, per feature, the vote fraction found in each bin of the probability.

    On the diagonal a probability is what it says. Below stands the share of the votes that fell
    into each bin. The legend tells expected calibration errors: of all pixels, and of those with
    a probability of at least 0.05.

    Parameters
    ----------
    scores : mapping of str to Scores
        By the set of galaxies, of the same features.

    Returns
    -------
    matplotlib.figure.Figure
        It belongs to no window.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    need("matplotlib")
    from matplotlib.figure import Figure

    features = list(next(iter(scores.values())).features)
    figure = Figure(figsize=(_WIDTH * len(features), _HEIGHT), layout="constrained")
    panels = figure.subplots(
        2, len(features), sharex=True, sharey="row", squeeze=False, height_ratios=(3, 1)
    )
    for feature, (upper, lower) in zip(features, panels.T, strict=True):
        upper.plot((0, 1), (0, 1), color="0.6", lw=1, zorder=0)
        for (name, its), (marker, line) in zip(scores.items(), _STYLES, strict=False):
            _draw(upper, lower, its.features[feature], name, feature, marker, line)
        upper.set(title=feature.replace("_", " "), xlim=(0, 1), ylim=(0, 1), aspect="equal")
        if len(upper.lines) > 1:
            upper.legend(
                title="calibration error (where p ≥ 0.05)",
                alignment="left",
                fontsize="x-small",
                title_fontsize="x-small",
                loc="upper left",
                frameon=False,
            )
        lower.set(xlabel="probability", yscale="log", ylim=(_FEWEST, 1.5))
    panels[0, 0].set_ylabel("fraction of the volunteers")
    panels[1, 0].set_ylabel("share of votes")
    return figure


def write_reliability_plot(path: Path, scores: Mapping[str, Scores], *, dpi: float = 150) -> None:
    """Write the reliability diagram as PNG, whole or not at all.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    OutputError
        If the file cannot be written.
    """
    figure = reliability_figure(scores)
    with write_whole(path) as temporary:
        figure.savefig(temporary, dpi=dpi, metadata={"Software": None})


def _draw(
    upper: Axes, lower: Axes, its: FeatureScores, name: str, feature: str, marker: str, line: str
) -> None:
    if its.calibration_error is None:
        return
    label = f"{name}: {its.calibration_error:.3f}"
    if its.calibration_error_inside is not None:
        label += f" ({its.calibration_error_inside:.3f})"
    colour = [part / 255 for part in feature_colour(feature)]
    probability, fraction = _floats(its.curve.probability), _floats(its.curve.fraction)
    seen = np.isfinite(probability)
    upper.plot(
        probability[seen],
        fraction[seen],
        color=colour,
        linestyle=line,
        marker=marker,
        markersize=4,
        markeredgecolor="0.2",
        markeredgewidth=0.5,
        label=label,
    )
    n_votes = _floats(its.curve.n_votes)
    lower.stairs(n_votes / n_votes.sum(), EDGES, baseline=_FEWEST, color=colour, linestyle=line)


def _floats(values: tuple[float | None, ...]) -> Floats:
    return np.array(values, dtype=float)
