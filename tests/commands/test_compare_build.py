"""``galseg compare build``, through the command line, on files right and wrong."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits

from galseg.cli import main
from galseg.compare.key import read_key
from galseg.compare.records import QUALITY_LEVELS
from galseg.frame import ImageFrame
from galseg.io.predictions import write_prediction
from galseg.prediction import Prediction

GALAXIES = [f"J{number}" for number in range(8)]


@pytest.fixture
def inputs(tmp_path):
    """Images, a folder of predictions and one of PNG, a table, and a config of them all."""
    rng = np.random.default_rng(0)
    for name in ("images", "pictures"):
        (tmp_path / name).mkdir()
    for number, galaxy in enumerate(GALAXIES):
        mask = np.zeros((30, 40), dtype=bool)
        mask[12:18, 5 + number : 30] = True
        fits.writeto(tmp_path / "images" / f"{galaxy}.fits", rng.normal(size=mask.shape))
        maps = Prediction(galaxy, ("bar",), mask[None].astype(np.float32), ImageFrame(mask.shape))
        write_prediction(tmp_path / "maps" / f"{galaxy}.fits", maps)
        cv2.imwrite(str(tmp_path / "pictures" / f"{galaxy}_bar.png"), np.uint8(255) * mask[::-1])
    table = pd.DataFrame({"galaxy_id": GALAXIES, "size": range(8)})
    table.to_csv(tmp_path / "table.csv", index=False)
    config = {
        "images": str(tmp_path / "images"),
        "methods": {"model": str(tmp_path / "maps"), "by hand": str(tmp_path / "pictures")},
        "features": ["bar"],
        "output": str(tmp_path / "package"),
        "panel_size": 64,
    }
    (tmp_path / "build.yaml").write_text(yaml.safe_dump(config))
    return tmp_path


def build(inputs, *words):
    return main(["compare", "build", f"--config={inputs / 'build.yaml'}", *words])


def test_every_option_reaches_the_package(inputs, capsys):
    words = [
        f"--sample_table={inputs / 'table.csv'}",
        "--sample_size=6",
        "--strata=[size]",
        "--n_quantiles=2",
        "--raters=[Ann, Bo]",
        "--quality={good: Good, poor: Poor}",
        "--tie=false",
        "--repeats=0.3",
        "--seed=5",
        "--zooniverse",
    ]
    assert build(inputs, *words) == 0
    key = read_key(inputs / "package_key.json")
    assert key.raters == ("Ann", "Bo")
    assert dict(key.questions.quality) == {"good": "Good", "poor": "Poor"}
    assert (key.questions.best, key.questions.tie) == (True, False)
    kinds = [item.kind for item in key.items if item.rater == "Ann"]
    assert (kinds.count("rated"), kinds.count("repeat")) == (6, 2)
    strata = pd.read_csv(inputs / "package_key_strata.csv")
    assert strata["n_drawn"].tolist() == [3, 3]
    assert (inputs / "package_zooniverse" / "workflow.json").is_file()
    printed = capsys.readouterr().out
    assert "16 items of 6 galaxies" in printed
    assert "package_key_strata.csv" in printed
    again = yaml.safe_load((inputs / "package_run" / "config.yaml").read_text())
    again["output"] = str(inputs / "again")
    (inputs / "build.yaml").write_text(yaml.safe_dump(again))
    assert build(inputs) == 0
    assert read_key(inputs / "again_key.json") == key


def test_left_alone_it_asks_the_usual_questions(inputs):
    assert build(inputs, "--galaxies=[J1, J4]") == 0
    key = read_key(inputs / "package_key.json")
    assert dict(key.questions.quality) == dict(QUALITY_LEVELS)
    assert sorted(item.galaxy_id for item in key.items) == ["J1", "J4"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sample_size=3"], "sample_table"),
        (["--strata=[size]"], "sample_size"),
        (["--sample_size=99", "--sample_table={0}/table.csv"], "only 8"),
        (["--sample_size=3", "--sample_table={0}/table.csv", "--strata=[sise]"], "did you mean 's"),
        (["--sample_size=3", "--sample_table={0}/table.csv", "--galaxies=[J1]"], "choose one"),
        (["--quality={{}}", "--best=false"], "ask for"),
        (["--quality={{fine: Fine}}"], "one quality tells nothing"),
        (["--repeats=2"], "repeats"),
        (["--practice={0}/images"], "has no images"),
        (["--galaxies=[K1]"], "no galaxy has an image and masks of every method"),
        (["--methods={{model: {0}/maps}}"], "methods must be 2"),
        (["--key={0}/package/key.json"], "would lie in the package"),
        (["--key={0}/package_zooniverse/key.json", "--zooniverse"], "would lie in the package"),
        (["--repaets=0.1"], "did you mean 'repeats'"),
    ],
)
def test_what_cannot_be_built_is_one_line_and_leaves_nothing(inputs, capsys, words, message):
    before = sorted(inputs.rglob("*"))
    assert build(inputs, *(word.format(inputs) for word in words)) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1
    assert sorted(inputs.rglob("*")) == before


def test_masks_upside_down_stop_the_build(inputs, capsys):
    for galaxy in GALAXIES:
        path = str(inputs / "pictures" / f"{galaxy}_bar.png")
        mask = np.zeros((30, 40), dtype=np.uint8)
        mask[:8, :10] = 255
        cv2.imwrite(path, mask)
        maps = Prediction(
            galaxy, ("bar",), (mask[None] > 0).astype(np.float32), ImageFrame(mask.shape)
        )
        write_prediction(inputs / "maps" / f"{galaxy}.fits", maps)
    assert build(inputs) == 2
    assert "turned upside down" in capsys.readouterr().err


def test_a_cut_off_file_costs_its_galaxy_and_is_reported(inputs):
    damaged = inputs / "pictures" / "J3_bar.png"
    damaged.write_bytes(damaged.read_bytes()[:60])
    assert build(inputs) == 0
    missing = pd.read_csv(inputs / "package_key_missing.csv")
    assert missing["galaxy_id"].tolist() == ["J3"]
    assert missing["reason"].str.contains(r"J3_bar\.png is not a whole PNG").all()
    items = json.loads((inputs / "package_key.json").read_text())["items"]
    assert "J3" not in {item["galaxy_id"] for item in items}
