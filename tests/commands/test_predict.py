"""``galseg predict``: a folder of images to a folder of maps, and models to exports."""

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits

from galseg.cli import main
from galseg.dataset import simulate_galaxy
from galseg.io.images import read_image
from galseg.io.predictions import read_prediction
from galseg.models import save_model
from galseg.predict import load_model
from tests.predict.tiny import make_card, make_network


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    stem = tmp_path_factory.mktemp("run") / "model"
    save_model(stem, make_network(), make_card())
    return stem.parent


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for n in range(3):
        galaxy = simulate_galaxy(n, shape=(60, 64))
        fits.writeto(folder / f"J{n}.fits", galaxy.image, galaxy.frame.wcs.to_header())
    return folder


def run(**options):
    return main(["predict", *(f"--{name}={value}" for name, value in options.items())])


def test_maps_overlays_and_failures_are_written(model, images, tmp_path, capsys):
    (images / "J1.fits").write_text("no image")
    out = tmp_path / "out"
    assert run(images=images, model=model, output=out, orientations=8) == 0
    assert "2 galaxies, 1 failed" in capsys.readouterr().out
    assert sorted(path.name for path in (out / "maps").iterdir()) == ["J0.fits", "J2.fits"]
    assert sorted(path.name for path in (out / "overlays").iterdir()) == ["J0.png", "J2.png"]
    failed = pd.read_csv(out / "failed.csv")
    assert list(failed["galaxy_id"]) == ["J1"]
    assert "no FITS file" in failed["reason"][0]
    expected = load_model(model, device="cpu").predict(
        read_image(images / "J2.fits"), orientations=8
    )
    found = read_prediction(out / "maps" / "J2.fits")
    np.testing.assert_allclose(found.probability, expected.probability, atol=1e-5)


def test_several_models_answer_together(model, images, tmp_path):
    out = tmp_path / "out"
    assert run(images=images, model=f"[{model},{model}]", output=out, overlays="false") == 0
    assert len(read_prediction(out / "maps" / "J0.fits").samples) == 2
    assert not (out / "overlays").exists()
    record = yaml.safe_load((out / "run.yaml").read_text())
    assert len(record["inputs"]) == 3


def test_a_run_can_be_repeated_from_its_record(model, images, tmp_path):
    assert run(images=images, model=model, output=tmp_path / "out", n_samples=2) == 0
    again = tmp_path / "again"
    assert run(config=tmp_path / "out" / "config.yaml", output=again) == 0
    for path in (tmp_path / "out" / "maps").iterdir():
        assert path.read_bytes() == (again / "maps" / path.name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_an_exported_model_predicts(runtime, model, images, tmp_path):
    pytest.importorskip("onnxruntime" if runtime == "onnx" else runtime)
    exported, out = tmp_path / "exported", tmp_path / "out"
    assert run(export=runtime, model=model, output=exported) == 0
    assert (exported / "card.json").is_file()
    assert run(images=images, model=exported, runtime=runtime, output=out) == 0
    expected = load_model(model, device="cpu").predict(read_image(images / "J0.fits"))
    found = read_prediction(out / "maps" / "J0.fits")
    np.testing.assert_allclose(found.probability, expected.probability, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give images"),
        ({"export": "onnx", "images": "images"}, "not both"),
        ({"export": "onnx", "model": "[default,default]"}, "one model at a time"),
        ({"images": "images", "model": "defalt"}, "did you mean 'default'"),
        ({"images": "images", "runtime": "onxx"}, "onnx"),
        ({"images": "images", "orientations": 4}, "8"),
    ],
    ids=str,
)
def test_bad_options_are_one_clear_error(options, message, images, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(output="out", **options) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("galseg: error") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_nothing_is_written_where_no_image_can_be_used(model, images, tmp_path, capsys):
    for path in images.iterdir():
        path.write_text("no image")
    assert run(images=images, model=model, output=tmp_path / "out") == 2
    assert "none of 3 images could be used" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
