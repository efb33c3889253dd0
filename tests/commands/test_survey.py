"""The verbs of surveys: images to catalogues, through the command line."""

import sys

import pyarrow.parquet as pq
import pytest
import yaml
from astropy.io import fits

from galseg.cli import main
from galseg.dataset import simulate_galaxy
from galseg.models import save_model
from tests.predict.tiny import make_card, make_network
from tests.survey.survey_run import results

N = 7
BAD = 4


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return a folder of images, one of them damaged."""
    folder = tmp_path_factory.mktemp("images")
    for n in range(N):
        galaxy = simulate_galaxy(n, shape=(48, 56))
        fits.writeto(folder / f"J{n}.fits", galaxy.image, galaxy.frame.wcs.to_header())
    path = folder / f"J{BAD}.fits"
    path.write_bytes(path.read_bytes()[:3000])
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    stem = tmp_path_factory.mktemp("model") / "model"
    save_model(stem, make_network(), make_card())
    return stem.with_suffix(".safetensors")


def run(verb="run", **options):
    return main(["survey", verb, *(f"--{name}={value}" for name, value in options.items())])


@pytest.fixture(scope="module")
def out(images, model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey") / "out"
    how = {"images": images, "output": folder, "model": model, "device": "cpu"}
    assert run(**how, features='["bar","tidal"]', shard_size=3, workers=1) == 0
    return folder


def galaxies_of(folder):
    files = sorted((folder / "catalogue" / "galaxies").rglob("Npix=*.parquet"))
    files.append(folder / "unplaced" / "galaxies.parquet")
    return [row for path in files for row in pq.read_table(path, partitioning=None).to_pylist()]


def test_every_image_becomes_a_row(out):
    rows = sorted(galaxies_of(out), key=lambda row: row["row"])
    assert [row["galaxy_id"] for row in rows] == [f"J{n}" for n in range(N)]
    assert [row["row"] for row in rows if row["status"] == "unreadable"] == [BAD]
    assert yaml.safe_load((out / "config.yaml").read_text())["shard_size"] == 3
    assert not (out / "shards").exists()


def test_status_and_verify_tell_that_all_is_well(out, capsys):
    assert run("status", output=out) == 0
    assert f"{N} of {N} galaxies (100.0%), whole" in capsys.readouterr().out
    assert run("verify", output=out, sample=N) == 0
    assert f"{N} galaxies came out again" in capsys.readouterr().out


def test_other_options_are_refused_and_others_may_change(out, images, model, capsys):
    before = results(out)
    how = {"images": images, "output": out, "model": model, "device": "cpu", "shard_size": 3}
    assert run(**how, features='["bar","tidal"]', seed=1) == 2
    assert "seed was 0 and is 1 now" in capsys.readouterr().err
    assert run(**how, features='["bar","tidal"]', workers=2, max_failed=0.1) == 0
    assert results(out) == before


def test_verify_tells_what_changed(images, model, tmp_path, out, capsys):
    path = out / "unplaced" / "galaxies.parquet"
    before = path.read_bytes()
    path.write_bytes(before + b"!")
    assert run("verify", output=out) == 2
    path.write_bytes(before)
    assert "unplaced/galaxies.parquet is changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_failed": 2}, "max_failed is a share, 0 to 1, got 2"),
        ({"workers": 0}, "the number of workers must be 1 to"),
        ({"dask.scheduler": "tcp://a:1"}, "add engine: dask"),
        ({"masks": "png"}, "masks"),
        ({"model": "defalt"}, "did you mean 'default'"),
        ({"shard_size": 0}, "shard_size must be at least 1"),
    ],
    ids=str,
)
def test_bad_options_are_one_clear_error(options, message, images, tmp_path, capsys):
    assert run(images=images, output=tmp_path / "out", **options) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_missing_is_told_before_the_work(images, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "hats", None)
    assert run(images=images, output=tmp_path / "out") == 2
    assert "need the package hats; pip install 'galseg[survey]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
