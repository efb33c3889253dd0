"""A subject set holds every item in one picture, and a workflow that asks what the page asks."""

import io
import json

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from galseg.compare import Questions, build_comparison
from galseg.compare.key import read_key
from galseg.compare.panels import mask_panel
from galseg.compare.workflow import workflow, workflow_text
from galseg.compare.zooniverse import encode_below, subject_picture
from galseg.errors import ConfigError
from galseg.io.provenance import hash_of

SIZE = 64


@pytest.fixture(scope="module")
def built(images, methods, tmp_path_factory):
    few = {name: images[name] for name in list(images)[:6]}
    return build_comparison(
        few,
        methods,
        tmp_path_factory.mktemp("zooniverse") / "p",
        features=["bar"],
        galaxies=list(few),
        raters=2,
        repeats=0.5,
        panel_size=SIZE,
        zooniverse=True,
        seed=1,
    )


def test_every_item_is_a_subject_under_its_token(built):
    key = read_key(built.key_path)
    manifest = pd.read_csv(built.zooniverse_folder / "manifest.csv", dtype=str)
    assert manifest.columns.tolist() == ["subject", "image", "#item", "#package", "#key_sha256"]
    assert sorted(manifest["#item"]) == sorted(item.token for item in key.items)
    assert len(manifest) == built.n_items == 2 * (6 + 3)
    assert set(manifest["#package"]) == {key.package_id}
    assert set(manifest["#key_sha256"]) == {hash_of(built.key_path)}
    pictures = sorted(path.name for path in built.zooniverse_folder.glob("*.jpg"))
    assert manifest["image"].tolist() == pictures
    assert all(path.stat().st_size < 1e6 for path in built.zooniverse_folder.iterdir())


def test_the_masks_in_a_picture_stand_where_the_key_says(built, methods):
    items = {item.token: item for item in read_key(built.key_path).items}
    manifest = pd.read_csv(built.zooniverse_folder / "manifest.csv", dtype=str)
    for token, name in zip(manifest["#item"], manifest["image"], strict=True):
        sheet = cv2.imread(str(built.zooniverse_folder / name), cv2.IMREAD_GRAYSCALE)
        item = items[token]
        for place, method in enumerate(item.methods, start=1):
            left, top = 8 + place * (SIZE + 8), 80 + SIZE + 8
            shown = sheet[top : top + SIZE, left : left + SIZE] > 127
            drawn = mask_panel(methods[method][item.galaxy_id]["bar"], size=SIZE)
            assert (shown == drawn).mean() > 0.99


def test_pictures_carry_pixels_only(built):
    for path in built.zooniverse_folder.glob("*.jpg"):
        with Image.open(path) as picture:
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("n_places", [2, 3, 6, 26])
def test_a_picture_of_noise_stays_below_a_megabyte(n_places):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (1024, 1024, 3), dtype=np.uint8)
    sheet = subject_picture(noise, [(noise, noise)] * n_places, title="Bar")
    assert sheet.shape[1] <= 2000
    data = encode_below(sheet)
    assert len(data) <= 1_000_000
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == sheet.shape[1::-1]


def test_what_fits_into_no_bytes_is_refused():
    with pytest.raises(ConfigError, match="make panel_size smaller"):
        encode_below(np.zeros((64, 64, 3), dtype=np.uint8), 100)


@given(st.integers(2, 26), st.booleans(), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=40)
def test_the_workflow_asks_in_order_and_ends(n_places, quality, best, tie, comment):
    levels = {"good": "Good", "poor": "Poor"} if quality or not best else {}
    questions = Questions(quality=levels, best=best, tie=tie, comment=comment)
    made = workflow(questions, n_places=n_places)
    asked, name = [], made["first_task"]
    while name:
        task = made["tasks"][name]
        asked.append(name)
        leads = {place.get("next") for place in task.get("answers", [task])}
        assert len(leads) == 1
        (name,) = leads
    n_tasks = n_places * bool(levels) + best + comment
    assert asked == list(made["tasks"]) == [f"T{number}" for number in range(n_tasks)]
    if levels:
        assert [a["label"] for a in made["tasks"]["T0"]["answers"]] == ["Good", "Poor"]
    if best:
        labels = [a["label"] for a in made["tasks"][f"T{n_places * bool(levels)}"]["answers"]]
        assert labels[:2] == ["A", "B"]
        assert len(labels) == n_places + tie
    text = workflow_text(made)
    assert all(f"## {name}: " in text for name in asked)


def test_the_workflow_lies_beside_the_pictures(built):
    made = json.loads((built.zooniverse_folder / "workflow.json").read_text())
    assert made == workflow(Questions(), n_places=3)
    assert "How good is C?" in (built.zooniverse_folder / "workflow.md").read_text()
