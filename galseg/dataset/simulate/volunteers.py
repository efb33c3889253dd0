"""Simulated volunteers, and how each goes about a galaxy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import Polygon

from galseg.dataset.simulate.records import SimulatedGalaxy
from galseg.dataset.simulate.strokes import junk, trace

__all__ = ["Stroke", "Volunteer", "draw_volunteers"]

Floats = NDArray[np.float64]

_EASY_CONTRAST = 0.2  # at which a perfect eye finds 63% of the structures
_GRID = 20  # vertices lie on multiples of 1/20 pixel


@dataclass(frozen=True, eq=False)
class Stroke:
    """A freehand stroke: its feature, and its vertices (N, 2) in image pixels."""

    feature: str
    xy: Floats


@dataclass(frozen=True)
class Volunteer:
    """Somebody who draws.

    Parameters
    ----------
    name : str
        As in a classification export; ``"not-logged-in-..."`` for the anonymous.
    skill : float
        0 to 1; says how many structures are found, how steady the hand is, and how seldom
        something is drawn where nothing is.
    size_bias : float
        Drawn size over true size.
    careless : bool
        Turns outlines round the galaxy's centre by any angle, and often draws junk.
    """

    name: str
    skill: float
    size_bias: float = 1.0
    careless: bool = False

    def draw(
        self, rng: np.random.Generator, galaxy: SimulatedGalaxy, features: Sequence[str]
    ) -> tuple[Stroke, ...]:
        """Draw what this volunteer sees in a galaxy, which may be nothing.

        Parameters
        ----------
        rng : numpy.random.Generator
        galaxy : SimulatedGalaxy
        features : sequence of str
            What is asked about.
        """
        strokes = []
        for feature in features:
            for outline in self._seen(rng, galaxy, feature):
                strokes.append(Stroke(feature, self._trace(rng, outline, galaxy)))
            if rng.random() < (0.25 if self.careless else 0.01):
                strokes.append(Stroke(feature, _on_grid(junk(rng, galaxy.image.shape))))
        return tuple(strokes)

    def _seen(
        self, rng: np.random.Generator, galaxy: SimulatedGalaxy, feature: str
    ) -> list[Polygon]:
        contrast = np.array(galaxy.truth.contrasts(feature))
        chance = np.sqrt(self.skill) * (1 - np.exp(-contrast / _EASY_CONTRAST))
        found = rng.random(len(contrast)) < chance
        seen = [o for o, f in zip(galaxy.outlines[feature], found, strict=True) if f]
        if len(seen) > 1 and rng.random() < 0.15 * (1 - self.skill):
            seen = [shapely.MultiPolygon(seen[:2]).convex_hull.normalize(), *seen[2:]]
        if not seen and rng.random() < 0.15 * (1 - self.skill):
            seen = [_imagined(rng, galaxy)]
        return seen

    def _trace(self, rng: np.random.Generator, outline: Polygon, galaxy: SimulatedGalaxy) -> Floats:
        side, clumsy = min(galaxy.image.shape), 1 - self.skill
        scale = self.size_bias * np.exp(rng.normal(0, 0.05 + 0.1 * clumsy))
        drawn = affinity.scale(outline, scale, scale, origin="centroid")
        if self.careless:
            drawn = affinity.rotate(drawn, rng.uniform(20, 340), origin=galaxy.truth.centre_xy)
        stroke = trace(
            rng,
            drawn,
            wobble_pix=side * (0.006 + 0.02 * clumsy),
            step_pix=side * rng.uniform(0.015, 0.025),
            swell_pix=side * rng.normal(0.003, 0.006 + 0.008 * clumsy),
            overshoot=rng.normal(0, 0.04),
        )
        return _on_grid(stroke)


def draw_volunteers(
    rng: np.random.Generator, n_volunteers: int, *, n_careless: int
) -> tuple[Volunteer, ...]:
    """Draw a crowd; every seventh is not logged in.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_volunteers, n_careless : int
        How many, and how many of them are careless: the last ones.
    """
    crowd = []
    for k in range(n_volunteers):
        careless = k >= n_volunteers - n_careless
        skill = rng.uniform(0.1, 0.4) if careless else rng.beta(5, 1.5)
        digits = rng.integers(16, size=20)
        anonymous = "not-logged-in-" + "".join(f"{digit:x}" for digit in digits)
        name = anonymous if k % 7 == 3 else f"volunteer-{k + 1:02d}"
        size_bias = float(np.exp(rng.normal(0, 0.07)))
        crowd.append(Volunteer(name, float(skill), size_bias, careless))
    return tuple(crowd)


def _imagined(rng: np.random.Generator, galaxy: SimulatedGalaxy) -> Polygon:
    """Draw an ellipse near the centre, where somebody thought there was something."""
    side = min(galaxy.image.shape)
    circle = shapely.Point(galaxy.truth.centre_xy).buffer(1.0)
    along = side * rng.uniform(0.05, 0.15)
    ellipse = affinity.scale(circle, along, along * rng.uniform(0.3, 0.8))
    east, north = rng.normal(0, 0.08 * side, 2)
    return affinity.translate(affinity.rotate(ellipse, rng.uniform(0, 180)), east, north)


def _on_grid(xy: Floats) -> Floats:
    return np.round(xy * _GRID) / _GRID
