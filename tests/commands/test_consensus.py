"""``galseg consensus`` on the bundled sample, and on files that are not right."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits

from galseg.cli import main
from galseg.io.consensus import read_consensus


@pytest.fixture
def words(sample, tmp_path):
    """Options of a consensus of two galaxies of the sample."""
    ids = pd.read_csv(sample / "classifications.csv", usecols=["subject_ids"])["subject_ids"]
    two = [str(subject_id) for subject_id in ids.drop_duplicates()[:2]]
    return {
        "annotations": str(sample / "classifications.csv"),
        "mapping": str(sample / "mapping.yaml"),
        "images": str(sample / "images"),
        "output": str(tmp_path / "out"),
        "subjects": json.dumps(two),
    }


def run(options):
    return main(["consensus", *(f"--{name}={value}" for name, value in options.items())])


def test_maps_tables_and_products_are_written(words, tmp_path):
    assert run({**words, "products": "[overlay,coco,regions]"}) == 0
    out = tmp_path / "out"
    subjects = pd.read_csv(out / "subjects.csv")
    assert len(subjects) == 2 * 3
    one = read_consensus(out / subjects["map"][0])
    assert one.frame.has_sky
    assert (one.n_asked == 15).all()
    assert np.nanmax(one.fraction) > 0.5
    names = {path.name for path in out.iterdir()}
    assert names >= {
        "rejected.csv",
        "repaired.csv",
        "volunteers.csv",
        "overlays",
        "coco",
        "regions",
    }


def test_a_run_says_what_it_was_made_from_and_can_be_repeated(words, tmp_path):
    assert run(words) == 0
    record = yaml.safe_load((tmp_path / "out" / "run.yaml").read_text())
    assert record["verb"] == "consensus"
    assert len(record["inputs"]["annotations"]["sha256"]) == 64
    config = tmp_path / "out" / "config.yaml"
    again = tmp_path / "again"
    assert main(["consensus", f"--config={config}", f"--output={again}"]) == 0
    for path in (tmp_path / "out" / "maps").iterdir():
        first, second = read_consensus(path), read_consensus(again / "maps" / path.name)
        np.testing.assert_array_equal(first.fraction, second.fraction)


def truncate_csv(folder):
    path = folder / "classifications.csv"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def cut_json_cell(folder):
    path = folder / "classifications.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    cell = table.loc[3, "annotations"]
    table.loc[3, "annotations"] = cell[: len(cell) // 2]
    table.to_csv(path, index=False)


def strip_wcs(folder):
    for path in (folder / "images").iterdir():
        pixels = fits.getdata(path)
        fits.PrimaryHDU(pixels).writeto(path, overwrite=True)


def crop_images(folder):
    for path in (folder / "images").iterdir():
        with fits.open(path) as hdus:
            header, pixels = hdus[0].header, hdus[0].data[:-5].copy()
        fits.PrimaryHDU(pixels, header=header).writeto(path, overwrite=True)


def drop_images(folder):
    shutil.rmtree(folder / "images")
    (folder / "images").mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (truncate_csv, "classifications.csv, line"),
        (cut_json_cell, "line 5, column 'annotations': the JSON is cut off"),
        (strip_wcs, "WCS"),
        (crop_images, "144 px high"),
        (drop_images, "no image"),
    ],
)
def test_bad_input_is_one_clear_error_and_nothing_is_written(
    damage, message, words, sample, tmp_path, capsys
):
    copy = tmp_path / "sample"
    shutil.copytree(sample, copy)
    damage(copy)
    moved = {name: value.replace(str(sample), str(copy)) for name, value in words.items()}
    assert run(moved) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("galseg: error") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_an_unknown_feature_names_the_near_miss(words, tmp_path, capsys):
    assert run({**words, "features": "[bars]"}) == 2
    assert "did you mean 'bar'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_second_run_does_not_overwrite_the_first(words, capsys):
    assert run(words) == 0
    assert run(words) == 2
    assert "not an empty folder" in capsys.readouterr().err


def test_without_images_maps_are_in_pixels(words, tmp_path):
    del words["images"]
    assert run(words) == 0
    path = next((tmp_path / "out" / "maps").iterdir())
    assert not read_consensus(path).frame.has_sky


def test_subjects_whose_names_look_alike_keep_their_own_maps(words, sample, tmp_path):
    content = (sample / "classifications.csv").read_text()
    for old, new in zip(json.loads(words["subjects"]), ("a/b", "a_b"), strict=True):
        content = content.replace(old, new)
    renamed = tmp_path / "classifications.csv"
    renamed.write_text(content)
    del words["images"]
    assert run({**words, "annotations": str(renamed), "subjects": '["a/b", "a_b"]'}) == 0
    found = {read_consensus(path).subject_id for path in (tmp_path / "out" / "maps").iterdir()}
    assert found == {"a/b", "a_b"}


def test_an_export_names_no_file_outside_the_folder_of_images(words, sample, tmp_path, capsys):
    images = tmp_path / "images"
    images.mkdir()
    for path in (sample / "images").iterdir():
        shutil.copy(path, tmp_path / path.name)
    content = (sample / "classifications.csv").read_text()
    for path in (sample / "images").iterdir():
        content = content.replace(path.name, f"../{path.name}")
    renamed = tmp_path / "classifications.csv"
    renamed.write_text(content)
    assert run({**words, "annotations": str(renamed), "images": str(images)}) == 2
    assert "no image of subject" in capsys.readouterr().err
