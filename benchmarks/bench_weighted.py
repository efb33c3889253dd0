"""Consensus with the truth when 3 of 15 volunteers are wrong: plain, weighted, STAPLE.

``python benchmarks/bench_weighted.py`` prints the table of the README.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from galseg.consensus.staple import staple_fraction
from galseg.consensus.votes import Ballots, collect_ballots
from galseg.consensus.weighted import weighted_fraction
from galseg.geometry import polygon_mask

SHAPE = (128, 128)
CENTRE = (64.0, 64.0)
N_GOOD, N_WRONG = 12, 3
N_CROWDS = 200

Rng = np.random.Generator
Draw = Callable[[Rng], BaseGeometry]


def bar(width_pix: float = 12, length_pix: float = 50, angle_deg: float = 30) -> BaseGeometry:
    half_length, half_width = length_pix / 2, width_pix / 2
    box = shapely.box(-half_length, -half_width, half_length, half_width)
    return affinity.translate(affinity.rotate(box, angle_deg, origin=(0, 0)), *CENTRE)


def drawn_bar(rng: Rng) -> BaseGeometry:
    """Draw a bar with errors of 15% in length, 20% in width, 8 degrees and 2 pixels."""
    width, length = (12, 50) * np.exp(rng.normal(0, (0.20, 0.15)))
    return affinity.translate(bar(width, length, rng.normal(30, 8)), *rng.normal(0, 2, 2))


def arm(phase: float, wobble: NDArray[np.float64], begin: float, end: float) -> BaseGeometry:
    along = np.linspace(begin, end, 30)
    radius, angle = 55 * along, phase + 4 * along
    xy = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + CENTRE
    knots = np.linspace(0.3, 1, len(wobble))
    xy += np.column_stack([np.interp(along, knots, column) for column in wobble.T])
    return shapely.LineString(xy).buffer(5, cap_style="flat")


def two_arms() -> BaseGeometry:
    return shapely.union_all([arm(phase, np.zeros((2, 2)), 0.3, 1) for phase in (0, np.pi)])


def drawn_arms(rng: Rng) -> BaseGeometry:
    """Draw arms off by 2.5 pixels, of other ends; two of five volunteers draw but one."""
    phases = [(0, np.pi), (0, np.pi), (0, np.pi), (0,), (np.pi,)][rng.integers(5)]
    return shapely.union_all(
        [
            arm(p, rng.normal(0, 2.5, (4, 2)), rng.uniform(0.3, 0.4), rng.uniform(0.85, 1))
            for p in phases
        ]
    )


def box(rng: Rng, draw: Draw) -> BaseGeometry:
    x, y = rng.uniform(0, 20, 2)
    return shapely.box(x, y, *(np.array(SHAPE) - rng.uniform(1, 20, 2)))


def elsewhere(rng: Rng, draw: Draw) -> BaseGeometry:
    return affinity.translate(draw(rng), *rng.choice([-25, 25], 2))


def scribble(rng: Rng, draw: Draw) -> BaseGeometry:
    return shapely.LineString(rng.uniform(0, 127, (5, 2))).buffer(4)


def all_but_it(rng: Rng, draw: Draw) -> BaseGeometry:
    return box(rng, draw).difference(draw(rng))


def nothing(rng: Rng, draw: Draw) -> BaseGeometry:
    return shapely.Polygon()


WRONG = {f.__name__.replace("_", " "): f for f in (box, elsewhere, scribble, all_but_it, nothing)}
TRUTH: dict[str, tuple[BaseGeometry, Draw]] = {
    "bar": (bar(), drawn_bar),
    "two arms": (two_arms(), drawn_arms),
}


def crowd(rng: Rng, draw: Draw, wrong: str) -> Ballots:
    kinds = list(WRONG.values()) if wrong == "mixed" else [WRONG[wrong]]
    drawings = [draw(rng) for _ in range(N_GOOD)]
    drawings += [kinds[rng.integers(len(kinds))](rng, draw) for _ in range(N_WRONG)]
    names = [str(i) for i in range(len(drawings))]
    marks = pd.DataFrame({"annotator_id": names, "geometry": drawings, "line_width_pix": np.nan})
    return collect_ballots(marks, annotator_ids=names, shape=SHAPE)


def scores(feature: str, wrong: str, n_crowds: int) -> pd.DataFrame:
    """IoU with the truth of the pixels at half of the votes or more, one row a crowd."""
    truth, draw = TRUTH[feature]
    true_mask = polygon_mask(truth, SHAPE)
    rows = []
    for seed in range(n_crowds):
        ballots = crowd(np.random.default_rng(seed), draw, wrong)
        fractions = {
            "plain": ballots.n_votes / len(ballots.marked),
            "weighted": weighted_fraction(ballots)[0],
            "staple": staple_fraction(ballots)[0],
            "the 12 alone": ballots.marked[:N_GOOD].mean(axis=0),
        }
        masks = {name: ballots.on_image(f) >= 0.5 for name, f in fractions.items()}
        rows.append({n: (m & true_mask).sum() / (m | true_mask).sum() for n, m in masks.items()})
    return pd.DataFrame(rows)


def table(n_crowds: int) -> str:
    lines = [
        "| feature | the 3 wrong draw | plain | weighted | STAPLE | the 12 alone | gain | better |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for feature in TRUTH:
        for wrong in (*WRONG, "mixed"):
            found = scores(feature, wrong, n_crowds)
            gain = found["weighted"] - found["plain"]
            error = gain.std() / np.sqrt(n_crowds)
            means = " | ".join(f"{mean:.3f}" for mean in found.mean())
            lines.append(
                f"| {feature} | {wrong} | {means} | {gain.mean():+.3f} ± {error:.3f} "
                f"| {(gain > 0).mean():.0%} |"
            )
    return "\n".join(lines)


@pytest.mark.parametrize("feature", TRUTH)
def test_weighted_beats_the_plain_majority(feature: str) -> None:
    found = scores(feature, "mixed", 60)
    gain = found["weighted"] - found["plain"]
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


if __name__ == "__main__":
    print(table(N_CROWDS))
