"""Every example runs, every config is understood."""

import runpy
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
import yaml

from galseg.cli import VERBS, parser_of

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))
LIGHTNING = ("pretrain", "train")  # their configs are tested with their own parsers
CONFIGS = sorted(p for p in (ROOT / "configs").glob("*.yaml") if not p.name.startswith(LIGHTNING))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_runs_and_draws(path, monkeypatch):
    matplotlib.use("agg")
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf().axes))
    runpy.run_path(str(path))
    plt.close("all")
    assert shown
    assert shown[0]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_config_is_understood(path):
    name = path.stem.replace("_", " ")
    options = parser_of(name, VERBS[name].load()).parse_args([f"--config={path}"])
    given = yaml.safe_load(path.read_text())
    assert all(options[key] is not None for key in given)
