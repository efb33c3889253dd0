"""Galaxies with masks of three methods that differ in all that pixels can show."""

import numpy as np
import pytest

from galseg.compare import build_comparison
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage

SHAPE = (40, 48)
GALAXIES = tuple(f"galaxy{number:02d}" for number in range(24))
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]


def smooth_mask(galaxy, feature):
    return np.hypot(X - 20, Y - 15) < 6 + galaxy % 5 + 3 * (feature == "spiral_arm")


def ragged_mask(galaxy, feature):
    rng = np.random.default_rng([galaxy, feature == "spiral_arm"])
    return smooth_mask(galaxy, feature) & (rng.random(SHAPE) < 0.6)


def tiny_mask(galaxy, feature):
    return (abs(X - 10 - galaxy % 7) < 1) & (abs(Y - 22) < 2 + (feature == "bar"))


METHODS = {"galmodel": smooth_mask, "volunteers": ragged_mask, "SpArcFiRe": tiny_mask}


@pytest.fixture(scope="session")
def images():
    rng = np.random.default_rng(0)
    return {
        name: GalaxyImage(name, rng.random((1, *SHAPE), dtype=np.float32), ImageFrame(SHAPE))
        for name in GALAXIES
    }


@pytest.fixture(scope="session")
def methods():
    return {
        method: {
            name: {feature: draw(number, feature) for feature in ("bar", "spiral_arm")}
            for number, name in enumerate(GALAXIES)
        }
        for method, draw in METHODS.items()
    }


@pytest.fixture(scope="session")
def package(images, methods, tmp_path_factory):
    return build_comparison(
        images,
        methods,
        tmp_path_factory.mktemp("compare") / "package",
        features=("bar", "spiral_arm"),
        raters=["Ann", "Bo"],
        seed=2023,
        panel_size=96,
    )
