"""Simulated galaxies with exact structures, and simulated volunteers who draw them."""

from galseg.dataset.simulate.answers import simulate_answers
from galseg.dataset.simulate.crowd import (
    SimulatedClassification,
    simulate_annotations,
    simulate_classifications,
)
from galseg.dataset.simulate.galaxy import simulate_galaxy
from galseg.dataset.simulate.records import SimulatedGalaxy

__all__ = [
    "SimulatedClassification",
    "SimulatedGalaxy",
    "simulate_annotations",
    "simulate_answers",
    "simulate_classifications",
    "simulate_galaxy",
]
