"""Drawings to votes: galseg against `matplotlib.path.Path.contains_points`.

Fifteen volunteers and two features on 525 x 525 pixels: the drawings of Galaxy Zoo:3D where
``../shared/data`` holds them, else simulated strokes of about the same number of vertices.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from matplotlib.path import Path as Outline
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from shapely.geometry.base import BaseGeometry

from galseg.geometry import enclosed_by_stroke, votes_of

SHAPE = (525, 525)
N_VOLUNTEERS = 15
DRAWINGS = Path(__file__).parents[2] / "shared" / "data" / "gz3d-drawings"
FEATURES = ("1-304336_spiral.json", "1-379196_bar.json")
MOST_SECONDS = 0.010
LEAST_RATIO = 50


class Drawn(NamedTuple):
    """The areas of one feature and who drew each."""

    areas: list[BaseGeometry]
    volunteers: list[int]


def gz3d(path: Path) -> Drawn:
    classifications = json.loads(path.read_text())["classifications"]
    strokes = [(i, xy) for i, c in enumerate(classifications) for xy in c["paths"]]
    return Drawn([enclosed_by_stroke(xy) for _, xy in strokes], [i for i, _ in strokes])


def simulated(seed: int) -> Drawn:
    """Two round strokes of 150 vertices a volunteer."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 150, endpoint=False)
    volunteers = np.repeat(np.arange(N_VOLUNTEERS), 2)
    areas = []
    for _ in volunteers:
        radius = rng.uniform(40, 90) * (1 + 0.2 * np.cos(rng.integers(2, 6) * angle))
        ring = np.column_stack([radius * np.cos(angle), 0.4 * radius * np.sin(angle)])
        areas.append(enclosed_by_stroke(ring + rng.uniform(150, 375, 2)))
    return Drawn(areas, volunteers.tolist())


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    if DRAWINGS.is_dir():
        return [gz3d(DRAWINGS / name) for name in FEATURES]
    return [simulated(seed) for seed in range(2)]


def by_galseg(drawn: list[Drawn]) -> list[NDArray[np.int32]]:
    return [votes_of(areas, volunteers, SHAPE) for areas, volunteers in drawn]


def by_matplotlib(drawn: list[Drawn]) -> list[NDArray[np.int32]]:
    yy, xx = np.mgrid[: SHAPE[0], : SHAPE[1]]
    centres = np.column_stack([xx.ravel(), yy.ravel()])
    images = []
    for areas, volunteers in drawn:
        masks = np.zeros((N_VOLUNTEERS, len(centres)), dtype=bool)
        for area, volunteer in zip(areas, volunteers, strict=True):
            for polygon in shapely.get_parts(area):
                inside = Outline(shapely.get_coordinates(polygon.exterior)).contains_points(centres)
                for hole in polygon.interiors:
                    inside &= ~Outline(shapely.get_coordinates(hole)).contains_points(centres)
                masks[volunteer] |= inside
        images.append(masks.sum(axis=0, dtype=np.int32).reshape(SHAPE))
    return images


def n_off_outlines(pixels: NDArray[np.bool_], areas: list[BaseGeometry]) -> int:
    """Pixels whose centres lie on no outline, where inside and outside are beyond dispute."""
    y, x = np.nonzero(pixels)
    outlines = shapely.multilinestrings(shapely.get_parts(shapely.boundary(areas)))
    return int((shapely.distance(outlines, shapely.points(x, y)) > 1e-9).sum())


def test_votes(benchmark: BenchmarkFixture, drawn: list[Drawn]) -> None:
    benchmark(by_galseg, drawn)


def test_votes_by_matplotlib(benchmark: BenchmarkFixture, drawn: list[Drawn]) -> None:
    benchmark.pedantic(by_matplotlib, args=(drawn,), rounds=3)


def test_the_same_votes_and_the_speed_that_is_promised(drawn: list[Drawn]) -> None:
    begin = time.perf_counter()
    theirs = by_matplotlib(drawn)
    their_seconds = time.perf_counter() - begin
    seconds = []
    for _ in range(50):
        begin = time.perf_counter()
        ours = by_galseg(drawn)
        seconds.append(time.perf_counter() - begin)
    ours_seconds = float(np.median(seconds))
    n_wrong = sum(
        n_off_outlines(a != b, areas) for a, b, (areas, _) in zip(ours, theirs, drawn, strict=True)
    )
    print(
        f"\ngalseg {1e3 * ours_seconds:.1f} ms, matplotlib {1e3 * their_seconds:.0f} ms, "
        f"ratio {their_seconds / ours_seconds:.0f}"
    )
    assert n_wrong == 0
    assert ours_seconds <= MOST_SECONDS
    assert their_seconds >= LEAST_RATIO * ours_seconds
