"""A package holds what every method has, tells what is missing, and is whole or not there."""

import json
import subprocess
import sys
import weakref
from html.parser import HTMLParser
from pathlib import Path
from signal import Signals

import numpy as np
import pandas as pd
import pytest

from galseg.annotations.read import read_annotations
from galseg.compare import Questions, Sample, build_comparison
from galseg.compare.key import read_key
from galseg.consensus.build import build_consensus
from galseg.errors import (
    ConfigError,
    FeatureError,
    FormatError,
    MissingInputError,
    OutputError,
    SubjectError,
)
from galseg.frame import ImageFrame
from galseg.io.consensus import write_consensus
from galseg.io.images import GalaxyImage, read_image
from galseg.io.predictions import write_prediction
from galseg.io.provenance import hash_of
from galseg.prediction import Prediction

SMALL = {"features": ("bar",), "panel_size": 64, "seed": 1}


class Page(HTMLParser):
    """Tags with their attributes, and the JSON that the page carries."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.data, self._in_data = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._in_data = ("id", "data") in attributes

    def handle_endtag(self, tag):
        self._in_data = False

    def handle_data(self, data):
        self.data += data if self._in_data else ""


@pytest.fixture(scope="module")
def page(package):
    return Page((package.folder / "index.html").read_text())


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_package_carries_the_hash_of_its_key(package):
    told = json.loads((package.folder / "package.json").read_text())
    assert told == {"package": package.package_id, "key_sha256": hash_of(package.key_path)}
    assert told["key_sha256"] in (package.folder / "README.txt").read_text()
    assert not package.key_path.is_relative_to(package.folder)
    assert not package.report_path.is_relative_to(package.folder)


def test_manifest_and_key_agree(package, methods):
    manifest = pd.read_csv(package.folder / "manifest.csv")
    items = read_key(package.key_path).items
    assert package.n_items == len(items) == 2 * 2 * 24
    assert manifest["item"].unique().tolist() == [item.token for item in items]
    assert (manifest.groupby("item")["place"].apply(list).map(tuple) == (1, 2, 3)).all()
    assert all(sorted(item.methods) == sorted(methods) for item in items)
    for name in manifest[["image", "mask", "overlay"]].to_numpy().ravel():
        assert (package.folder / name).is_file()


def test_the_same_seed_makes_the_same_package(images, methods, tmp_path):
    one, two, other = (
        build_comparison(images, methods, tmp_path / name, **{**SMALL, "seed": seed})
        for name, seed in [("one", 1), ("two", 1), ("other", None)]
    )
    assert contents(one.folder) == contents(two.folder)
    assert not {p.name for p in contents(one.folder)} & {
        p.name for p in contents(other.folder) if p.suffix == ".png"
    }


def test_the_page_holds_every_item_of_every_rater(page, package):
    data = json.loads(page.data)
    manifest = pd.read_csv(package.folder / "manifest.csv")
    for rater, rows in manifest.groupby("rater"):
        items = data["raters"][rater]
        assert [item["item"] for item in items] == rows["item"].unique().tolist()
        shown = [place["overlay"] for item in items for place in item["places"]]
        assert shown == rows["overlay"].tolist()
    assert data["key_sha256"] == hash_of(package.key_path)
    assert list(data["questions"]["quality"]) == ["perfect", "mostly_good", "mostly_poor", "failed"]


def test_names_cannot_break_out_of_the_page(images, methods, tmp_path):
    rater = "</script><!--<script>&\"'"
    built = build_comparison(images, methods, tmp_path / "p", **SMALL, raters=[rater])
    text = (built.folder / "index.html").read_text()
    assert text.count("<script") == text.count("</script>") == 2
    assert list(json.loads(Page(text).data)["raters"]) == [rater]


def test_what_a_method_lacks_is_reported_and_left_out(images, methods, tmp_path):
    masks = {name: dict(of) for name, of in methods["volunteers"].items()}
    del masks["galaxy03"]
    del masks["galaxy04"]["bar"]
    masks["galaxy05"]["bar"] = np.zeros((5, 5), dtype=bool)
    masks["stranger"] = masks["galaxy00"]
    lacking = {"galmodel": methods["galmodel"], "volunteers": masks}
    more_images = images | {"unmarked": images["galaxy00"]}
    built = build_comparison(more_images, lacking, tmp_path / "p", **SMALL)
    reported = {(m.galaxy_id, m.feature, m.method) for m in built.missing.itertuples()}
    assert reported == {
        ("galaxy03", "", "volunteers"),
        ("galaxy04", "bar", "volunteers"),
        ("galaxy05", "", "volunteers"),
        ("stranger", "", ""),
        ("unmarked", "", ""),
    }
    assert "(5, 5)" in built.missing.set_index("galaxy_id").loc["galaxy05", "reason"]
    assert set(images) - set(built.galaxy_ids) == {"galaxy03", "galaxy04", "galaxy05"}
    written = pd.read_csv(built.report_path, keep_default_na=False)
    pd.testing.assert_frame_equal(written, built.missing.astype(written.dtypes))


def test_a_feature_that_nobody_marked_is_not_asked_about(images, methods, tmp_path):
    empty = {name: {"bar": np.zeros((40, 48), dtype=bool)} for name in ("galaxy00", "galaxy01")}
    marked = {**empty, "galaxy01": methods["galmodel"]["galaxy01"]}
    built = build_comparison(images, {"a": empty, "b": marked}, tmp_path / "p", **SMALL)
    assert built.galaxy_ids == ("galaxy01",)
    row = built.missing.set_index("galaxy_id").loc["galaxy00"]
    assert (row["feature"], row["method"]) == ("bar", "")


def test_folders_of_predictions_are_compared_at_one_threshold(tmp_path):
    frame = ImageFrame((30, 30))
    ramp = np.linspace(0, 1, 900, dtype=np.float32).reshape(1, 30, 30)
    for method in ("a", "b"):
        path = tmp_path / method / "J1.fits"
        write_prediction(path, Prediction("J1", ("bar",), ramp, frame, None, {"bar": 0.9}))
    images = {"J1": GalaxyImage("J1", ramp, frame)}
    folders = {method: tmp_path / method for method in ("a", "b")}
    built = build_comparison(
        images, folders, tmp_path / "p", **SMALL, threshold={"a": 0.5, "b": 0.5}
    )
    masks = [path.read_bytes() for path in (built.folder / "masks").iterdir()]
    assert masks[0] == masks[1]
    assert read_key(built.key_path).thresholds == {"a": 0.5, "b": 0.5}


def test_a_damaged_file_costs_its_galaxy_only(tmp_path):
    frame, ramp = ImageFrame((30, 30)), np.ones((1, 30, 30), dtype=np.float32)
    for method in ("a", "b"):
        for name in ("J1", "J2"):
            prediction = Prediction(name, ("bar",), ramp, frame)
            write_prediction(tmp_path / method / f"{name}.fits", prediction)
    damaged = tmp_path / "b" / "J2.fits"
    damaged.write_bytes(damaged.read_bytes()[:7000])
    images = {name: GalaxyImage(name, ramp, frame) for name in ("J1", "J2")}
    folders = {method: tmp_path / method for method in ("a", "b")}
    built = build_comparison(images, folders, tmp_path / "p", **SMALL)
    assert built.galaxy_ids == ("J1",)
    (row,) = built.missing.itertuples()
    assert (row.galaxy_id, row.method) == ("J2", "b")
    assert "J2.fits" in row.reason


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"raters": 0}, ConfigError, "raters"),
        ({"raters": "Ann"}, ConfigError, "raters"),
        ({"raters": ["Ann", "Ann"]}, ConfigError, "raters"),
        ({"threshold": 1.5}, ConfigError, "threshold"),
        ({"threshold": {"galmodl": 0.5}}, ConfigError, "did you mean 'galmodel'"),
        ({"panel_size": 8}, ConfigError, "panel_size"),
        ({"repeats": 0.6}, ConfigError, "repeats"),
        ({"repeats": -0.1}, ConfigError, "repeats"),
        ({"galaxies": []}, ConfigError, "galaxies"),
        ({"galaxies": "galaxy01"}, ConfigError, "galaxies"),
        ({"galaxies": ["galaxy01", "galaxy01"]}, ConfigError, "galaxies"),
        ({"galaxies": ["nowhere"]}, SubjectError, "no method has masks of it"),
        ({"practice": "nowhere"}, MissingInputError, "the practice set nowhere has no images"),
        ({"features": ["bars"]}, FeatureError, "did you mean 'bar'"),
        ({"features": ["bar", "bars"]}, FeatureError, "did you mean 'bar'"),
        ({"features": "bar"}, FeatureError, "list of names"),
        ({"features": ["disc"]}, SubjectError, "no mask of this feature"),
    ],
)
def test_options_that_cannot_be_followed(images, methods, tmp_path, options, error, words):
    with pytest.raises(error, match=words):
        build_comparison(images, methods, tmp_path / "p", **{**SMALL, **options})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [["galmodel"], ["galmodel", "tie"], ["galmodel", ""]])
def test_methods_that_cannot_be_compared(images, methods, tmp_path, names):
    with pytest.raises(ConfigError, match="method"):
        build_comparison(images, dict.fromkeys(names, methods["galmodel"]), tmp_path / "p", **SMALL)


def test_no_galaxy_in_common_is_an_error(images, methods, tmp_path):
    renamed = {f"{name}x": masks for name, masks in methods["volunteers"].items()}
    with pytest.raises(SubjectError, match="no galaxy has an image and masks of every method"):
        build_comparison(images, {"a": methods["galmodel"], "b": renamed}, tmp_path / "p", **SMALL)


def test_an_empty_folder_is_an_error(images, methods, tmp_path):
    with pytest.raises(MissingInputError, match="no masks in"):
        build_comparison(images, {"a": methods["galmodel"], "b": tmp_path}, tmp_path / "p", **SMALL)


def test_the_key_cannot_lie_in_the_package(images, methods, tmp_path):
    with pytest.raises(ConfigError, match="would lie in the package"):
        build_comparison(
            images, methods, tmp_path / "p", **SMALL, key_path=tmp_path / "p" / "key.json"
        )


def test_an_earlier_package_or_key_is_never_replaced(images, methods, tmp_path):
    (tmp_path / "p_key.json").write_text("{}")
    with pytest.raises(OutputError, match=r"p_key\.json exists"):
        build_comparison(images, methods, tmp_path / "p", **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["p_key.json"]


def test_an_interrupted_build_leaves_nothing(images, methods, tmp_path, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("galseg.compare.writing.rater_page", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_comparison(images, methods, tmp_path / "p", **SMALL, zooniverse=True)
    assert list(tmp_path.iterdir()) == []


STUCK = """
import signal, sys, time, numpy as np
from galseg.compare import build_comparison, panels, writing
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may ignore it

def stick(*_args, **_kwargs):
    print("stuck", flush=True)
    time.sleep({seconds})

{place} = stick
image = GalaxyImage("J1", np.ones((1, 9, 9), dtype=np.float32), ImageFrame((9, 9)))
masks = {{"J1": {{"bar": np.eye(9, dtype=bool)}}}}
build_comparison(
    {{"J1": image}}, {{"a": masks, "b": masks}}, {output!r}, features=["bar"], panel_size=64,
    zooniverse=True,
)
"""


@pytest.mark.parametrize(
    ("place", "signal"),
    [
        ("panels.Panels.draw", Signals.SIGKILL),
        ("writing.write_subject_set", Signals.SIGINT),
    ],
)
def test_a_killed_build_leaves_no_package_and_can_be_done_again(
    images, methods, tmp_path, place, signal
):
    code = STUCK.format(place=place, seconds=60, output=str(tmp_path / "p"))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "stuck\n"
        process.send_signal(signal)
        process.wait(timeout=30)
        assert process.returncode != 0
    left = [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert left == []
    if signal == Signals.SIGINT:
        assert list(tmp_path.iterdir()) == []
    build_comparison(images, methods, tmp_path / "p", **SMALL, galaxies=["galaxy00"])


def test_where_there_is_a_package_there_is_its_key(images, methods, tmp_path, monkeypatch):
    made, rename = [], Path.replace

    def note_and_rename(path, target):
        made.append(Path(target).name)
        rename(path, target)

    monkeypatch.setattr(Path, "replace", note_and_rename)
    one = ["galaxy00"]
    build_comparison(images, methods, tmp_path / "p", **SMALL, galaxies=one, zooniverse=True)
    assert made == ["p_key.json", "p_key_missing.csv", "p_zooniverse", "p"]


def test_galaxies_are_those_that_are_named(images, methods, tmp_path):
    named = ["galaxy05", "galaxy01", "nowhere"]
    built = build_comparison(images, methods, tmp_path / "p", **SMALL, galaxies=named)
    assert built.galaxy_ids == ("galaxy01", "galaxy05")
    assert built.missing["galaxy_id"].tolist() == ["nowhere"]
    assert built.strata.empty
    assert not built.strata_path.exists()


def test_for_what_cannot_be_compared_another_of_its_stratum_stands_in(images, methods, tmp_path):
    masks = {name: dict(of) for name, of in methods["volunteers"].items()}
    for name in list(masks)[::4]:
        masks[name]["bar"] = np.zeros((5, 5), dtype=bool)
    table = pd.DataFrame({"galaxy_id": list(masks), "half": np.arange(24) // 12})
    masks["imageless"] = masks["galaxy01"]
    built = build_comparison(
        images,
        {"a": methods["galmodel"], "b": masks},
        tmp_path / "p",
        **SMALL,
        galaxies=Sample(16, table, ["half"]),
    )
    stood_in_for = set(built.missing["galaxy_id"]) - {"imageless"}
    assert stood_in_for < set(built.missing["galaxy_id"])
    assert 0 < len(stood_in_for) <= 6
    assert stood_in_for <= set(list(masks)[::4])
    assert set(built.galaxy_ids).isdisjoint(list(masks)[::4])
    assert built.strata.to_numpy().tolist() == [["0", 12, 8, 8], ["1", 12, 8, 8]]
    written = pd.read_csv(built.strata_path, dtype={"half": str})
    pd.testing.assert_frame_equal(written, built.strata.astype(written.dtypes))


def test_too_few_galaxies_for_repeats_are_reported(images, methods, tmp_path):
    some = list(images)[:5]
    built = build_comparison(images, methods, tmp_path / "p", **SMALL, galaxies=some, repeats=0.2)
    (row,) = built.missing.itertuples()
    assert row.feature == "bar"
    assert "6 galaxies" in row.reason
    assert {item.kind for item in read_key(built.key_path).items} == {"rated"}


def test_what_is_asked_is_in_the_key_and_on_the_page(images, methods, tmp_path):
    questions = Questions(quality={}, tie=False, comment=False)
    built = build_comparison(images, methods, tmp_path / "p", **SMALL, questions=questions)
    assert read_key(built.key_path).questions == questions
    data = json.loads(Page((built.folder / "index.html").read_text()).data)
    assert data["questions"] == {"quality": {}, "best": True, "tie": False, "comment": False}


def test_memory_does_not_grow_with_the_galaxies(images, methods, tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    alive, most = weakref.WeakSet(), 0

    class Counted(dict):
        def __getitem__(self, name):
            nonlocal most
            image = GalaxyImage(name, images["galaxy00"].pixels.copy(), images["galaxy00"].frame)
            alive.add(image)
            most = max(most, len(alive))
            return image

    build_comparison(Counted(images), methods, tmp_path / "p", **SMALL)
    assert 1 <= most <= 8 < len(images)


@pytest.mark.parametrize("text", ["", "{}", '{"format": "galseg-comparison-key"', "[1]"])
def test_a_damaged_key_is_an_error(tmp_path, text):
    path = tmp_path / "key.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=r"key\.json"):
        read_key(path)


@pytest.mark.slow
def test_two_crowds_of_galaxy_builder_are_compared(shared_data, tmp_path):
    folder = shared_data / "galaxy-builder"
    drawings = read_annotations(folder / "drawings.json.gz", "galaxy-builder")
    crowds = drawings.subjects.groupby("galaxy_id")["subject_id"].apply(list)
    drawn_twice = crowds[crowds.map(len) == 2].head(6)
    for galaxy_id, subject_ids in drawn_twice.items():
        frame = read_image(folder / "images" / f"{galaxy_id}.fits").frame
        for crowd, subject_id in zip(("first", "second"), subject_ids, strict=True):
            consensus = build_consensus(
                drawings, subject_id, frame=frame, features=("bar",), find_instances=False
            )
            write_consensus(tmp_path / crowd / f"{subject_id}.fits", consensus)
    built = build_comparison(
        folder / "images",
        {crowd: tmp_path / crowd for crowd in ("first", "second")},
        tmp_path / "p",
        **SMALL,
        threshold=0.2,
    )
    compared = {*built.galaxy_ids, *built.missing.query("feature == 'bar'")["galaxy_id"]}
    assert compared == set(drawn_twice.index)
    assert len(built.galaxy_ids) >= 4
