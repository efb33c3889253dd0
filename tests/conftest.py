"""Fixtures that every test may use."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("galseg", deadline=None, derandomize=True)
settings.load_profile("galseg")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real galaxies and drawings, which the repository does not hold."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real galaxies and drawings in ../shared/data")
    return folder


@pytest.fixture(scope="session")
def sample() -> Path:
    """Folder of the bundled sample of simulated galaxies and drawings."""
    return ROOT / "annotations"
