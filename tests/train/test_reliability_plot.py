"""The reliability diagram shows the curve."""

import numpy as np
import pytest
import torch
from PIL import Image

from galseg.errors import MissingDependencyError
from galseg.train.answers import Answers
from galseg.train.calibration import Calibration
from galseg.train.evaluation import evaluate
from galseg.train.reliability_plot import reliability_figure, write_reliability_plot


@pytest.fixture
def scores():
    """Bars of which half of the probability is seen, and nobody asked about tidal features."""
    probability = torch.linspace(0.01, 0.99, 128).reshape(1, 2, 8, 8)
    n_asked = torch.tensor([[10.0, 0.0]])
    fraction = probability / 2
    votes = fraction * n_asked[..., None, None]
    valid = (n_asked > 0)[..., None, None].expand_as(votes)
    answers = Answers(probability.logit(), votes, fraction, n_asked, valid)
    calibration = Calibration({"spiral_arm": 1.0, "tidal": 1.0}, {})
    return {name: evaluate([answers], calibration) for name in ("val observed", "val simulated")}


def test_each_feature_has_its_curves(scores):
    figure = reliability_figure(scores)
    arms, tidal = figure.axes[:2]
    assert arms.get_title() == "spiral arm"
    _, observed, simulated = arms.lines
    x, y = observed.get_data()
    np.testing.assert_allclose(y, x / 2, atol=1e-4)
    assert observed.get_linestyle() != simulated.get_linestyle()
    assert len(tidal.lines) == 1
    assert tidal.get_legend() is None


def test_the_legend_tells_the_errors(scores):
    (first, _) = reliability_figure(scores).axes[0].get_legend().get_texts()
    its = scores["val observed"].features["spiral_arm"]
    errors = f"{its.calibration_error:.3f} ({its.calibration_error_inside:.3f})"
    assert first.get_text() == f"val observed: {errors}"


def test_the_file_is_a_picture(scores, tmp_path):
    write_reliability_plot(tmp_path / "a.png", scores, dpi=40)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width > 100
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_without_matplotlib_the_extra_is_named(scores, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match=r"galseg\[plots\]"):
        reliability_figure(scores)
