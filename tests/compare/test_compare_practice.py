"""Practice items come first, with their answer in the key; one that cannot be shown is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from galseg.compare import Practice, build_comparison
from galseg.compare.key import read_key
from galseg.compare.practice import read_practice
from galseg.errors import ConfigError, FormatError, MissingInputError
from tests.compare.conftest import SHAPE, smooth_mask, tiny_mask

ANSWERS = "galaxy_id,feature,right\ngalaxy00,bar,right\nwarm_up,bar,right\nwarm_up,bar,also right\n"
SETS = {"right": smooth_mask, "also right": smooth_mask, "wrong": tiny_mask}
SMALL = {"features": ("spiral_arm",), "panel_size": 64, "seed": 1}


@pytest.fixture
def folder(tmp_path):
    """A practice set, one of whose galaxies is called like a galaxy of the comparison."""
    path = tmp_path / "practice"
    (path / "images").mkdir(parents=True)
    for number, name in enumerate(("galaxy00", "warm_up")):
        Image.fromarray(np.full(SHAPE, 200, dtype=np.uint8)).save(path / "images" / f"{name}.png")
        for masks, draw in SETS.items():
            (path / "masks" / masks).mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(np.uint8(255) * draw(number, "bar")[::-1])
            picture.save(path / "masks" / masks / f"{name}_bar.png")
    (path / "answers.csv").write_text(ANSWERS)
    return path


def test_practice_comes_first_and_only_the_key_says_so(images, methods, folder, tmp_path):
    built = build_comparison(
        images, methods, tmp_path / "p", **SMALL, raters=2, repeats=0.3, practice=folder
    )
    items = read_key(built.key_path).items
    for rater in ("rater 1", "rater 2"):
        kinds = [item.kind for item in items if item.rater == rater]
        assert kinds[:2] == ["practice"] * 2
        assert "practice" not in kinds[2:]
    practised = {(item.galaxy_id, item.feature): item for item in items if item.kind == "practice"}
    assert practised["galaxy00", "bar"].expected == ("right",)
    assert practised["warm_up", "bar"].expected == ("right", "also right")
    assert sorted(practised["warm_up", "bar"].methods) == sorted(SETS)
    assert "warm_up" not in built.galaxy_ids
    manifest = pd.read_csv(built.folder / "manifest.csv").set_index("item")
    of_galaxy = [item.token for item in items if item.galaxy_id == "galaxy00"]
    assert manifest.loc[of_galaxy, "image"].nunique() == 2  # one of practice, and one not


def test_what_is_in_memory_makes_the_same_items_as_the_folder(images, methods, folder, tmp_path):
    read = read_practice(folder)
    blank = np.full((1, *SHAPE), 200, dtype=np.float32)
    in_memory = Practice(
        {name: type(image)(name, blank, image.frame) for name, image in
         zip(("galaxy00", "warm_up"), images.values(), strict=False)},
        {masks: {name: {"bar": draw(number, "bar")}
                 for number, name in enumerate(("galaxy00", "warm_up"))}
         for masks, draw in sorted(SETS.items())},
        read.right,
    )  # fmt: skip
    assert list(read.methods) == list(in_memory.methods)
    built = [
        build_comparison(images, methods, tmp_path / name, **SMALL, practice=practice)
        for name, practice in (("one", folder), ("two", in_memory))
    ]
    files = [{p.name: p.read_bytes() for p in one.folder.rglob("*.png")} for one in built]
    assert files[0] == files[1]
    assert read_key(built[0].key_path) == read_key(built[1].key_path)


@pytest.mark.parametrize(
    ("damage", "error", "words"),
    [
        (lambda f: (f / "answers.csv").unlink(), MissingInputError, r"has no answers\.csv"),
        (lambda f: (f / "answers.csv").write_text("a,b\n1,2\n"), FormatError, "columns galaxy_id"),
        (lambda f: (f / "answers.csv").write_text(ANSWERS + "x,bar,\n"), FormatError, "filled in"),
        (lambda f: (f / "answers.csv").write_text(""), FormatError, "no CSV"),
        (
            lambda f: (f / "answers.csv").write_text(ANSWERS + "galaxy00,bar,rihgt\n"),
            ConfigError,
            "did you mean 'right'",
        ),
        (
            lambda f: (f / "answers.csv").write_text(ANSWERS + "warm_up,bar,wrong\n"),
            ConfigError,
            "some must be right and some wrong",
        ),
        (
            lambda f: (f / "answers.csv").write_text(ANSWERS + "stranger,bar,right\n"),
            FormatError,
            "stranger: no method has masks of it",
        ),
        (
            lambda f: (f / "masks" / "wrong" / "warm_up_bar.png").unlink(),
            FormatError,
            "warm_up wrong: there are no masks",
        ),
        (
            lambda f: (f / "answers.csv").write_text(ANSWERS + "warm_up,spiral_arm,right\n"),
            FormatError,
            "warm_up spiral_arm .*no mask of this feature",
        ),
    ],
)
def test_practice_that_cannot_be_shown(images, methods, folder, tmp_path, damage, error, words):
    damage(folder)
    with pytest.raises(error, match=words):
        build_comparison(images, methods, tmp_path / "p", **SMALL, practice=folder)
    assert [path.name for path in tmp_path.iterdir()] == ["practice"]


@pytest.mark.parametrize(
    ("sets", "right"),
    [
        ({"a": {}}, {("g", "bar"): ("a",)}),
        ({"a": {}, "b": {}}, {}),
        ({"a": {}, "b": {}}, {("g", "bar"): ()}),
        ({"a": {}, "b": {}}, {("g", "bar"): "a"}),
    ],
)
def test_practice_without_a_known_answer(sets, right):
    with pytest.raises(ConfigError):
        Practice({}, sets, right)


def test_practice_with_fewer_masks_makes_no_zooniverse_workflow(images, methods, folder, tmp_path):
    sets = {name: folder / "masks" / name for name in ("right", "wrong")}
    two = Practice(folder / "images", sets, {("warm_up", "bar"): ("right",)})
    with pytest.raises(ConfigError, match="same number of masks"):
        build_comparison(images, methods, tmp_path / "p", **SMALL, practice=two, zooniverse=True)
    assert [path.name for path in tmp_path.iterdir()] == ["practice"]
    built = build_comparison(images, methods, tmp_path / "p", **SMALL, practice=two)
    page = (built.folder / "index.html").read_text()
    data = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    (items,) = data["raters"].values()
    assert [len(item["places"]) for item in items[:2]] == [2, 3]
