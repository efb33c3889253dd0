"""The whole line through the command line: drawings to tables, on simulated and real galaxies."""

import json

import numpy as np
import pandas as pd
import pytest
from astropy.wcs import WCS

from galseg import ImageFrame, build_consensus, measure_bar, read_annotations, read_table
from galseg.cli import main
from galseg.io.predictions import read_prediction

TINY = [
    "--seed_everything=0",
    "--trainer.max_epochs=2",
    "--trainer.accelerator=cpu",
    "--trainer.enable_progress_bar=false",
    "--trainer.enable_model_summary=false",
    "--trainer.log_every_n_steps=1",
    "--model.encoder=tu-mobilenetv3_small_050",
    "--model.decoder_channels=[16,8,8]",
    "--data.side=32",
    "--data.batch_size=4",
    "--data.val_fraction=0.3",
    "--data.test_fraction=0.2",
]


def run(*words):
    assert main([str(word) for word in words]) == 0


def read_subjects(out):
    """Galaxy of each subject of a consensus run."""
    table = pd.read_csv(out / "consensus" / "subjects.csv", dtype=str)
    return table.drop_duplicates("subject_id").set_index("subject_id")["galaxy_id"]


def run_line(annotations, images, subjects, out):
    """Run every stage; the model is trained for seconds, so what it draws is not looked at."""
    run(
        "consensus",
        *annotations,
        f"--images={images}",
        f"--output={out / 'consensus'}",
        f"--subjects={json.dumps(subjects)}",
        "--threshold=0.2",
    )
    run(
        "train",
        *TINY,
        f"--data.images={images}",
        f"--data.consensus={out / 'consensus'}",
        f"--output={out / 'run'}",
    )
    run(
        "predict",
        f"--images={images}",
        f"--model={out / 'run'}",
        f"--output={out / 'predictions'}",
    )
    for name, threshold in (("predictions", 0.3), ("consensus", 0.2)):
        run(
            "measure",
            f"--maps={out / name / 'maps'}",
            f"--threshold={threshold}",
            f"--output={out / 'tables' / name}",
        )


@pytest.fixture(scope="module")
def real(shared_data, tmp_path_factory):
    """Eleven Galaxy Builder galaxies, one drawn twice, through the line."""
    folder = shared_data / "galaxy-builder"
    out = tmp_path_factory.mktemp("real")
    catalogue = pd.read_csv(folder / "catalogue.csv", dtype={"nsa_id": str, "subject_id": str})
    barred = catalogue.sort_values("n_bar", ascending=False)
    chosen = barred.drop_duplicates("nsa_id")[:11]
    again = barred[barred["nsa_id"].isin(chosen["nsa_id"])].drop(chosen.index)[:1]
    images = out / "images"
    images.mkdir()
    for name in chosen["nsa_id"]:
        (images / f"{name}.fits").symlink_to((folder / "images" / f"{name}.fits").resolve())
    subjects = [*chosen["subject_id"], *again["subject_id"]]
    run_line([f"--annotations={folder / 'drawings.json.gz'}"], images, subjects, out)
    return out


def test_real_drawings_give_bars_on_the_sky(real):
    bars = read_table(real / "tables" / "consensus" / "galaxies.ecsv")
    assert len(bars) == 12
    lengths = bars["length_arcsec"].to_value("arcsec")
    assert np.isfinite(lengths).sum() >= 10
    assert (lengths[np.isfinite(lengths)] > 2).all()
    assert str(bars["length_arcsec"].unit) == "arcsec"


def test_real_images_give_predictions_on_their_own_grids(real):
    maps = sorted((real / "predictions" / "maps").iterdir())
    assert len(maps) == 11
    shapes = {read_prediction(path).frame.shape for path in maps}
    assert len(shapes) > 3
    bars = read_table(real / "tables" / "predictions" / "galaxies.ecsv")
    assert len(bars) == 11


def test_real_masks_are_compared_blinded(real):
    out = real / "comparison"
    volunteers = real / "one crowd each"
    volunteers.mkdir()
    for subject_id, galaxy in read_subjects(real).drop_duplicates().items():
        path = real / "consensus" / "maps" / f"{subject_id}.fits"
        (volunteers / f"{galaxy}.fits").symlink_to(path)
    methods = {"model": str(real / "predictions" / "maps"), "volunteers": str(volunteers)}
    run(
        "compare",
        "build",
        f"--images={real / 'images'}",
        f"--methods={json.dumps(methods)}",
        f"--output={out}",
        "--features=[bar]",
        f"--threshold={json.dumps({'model': 0.02, 'volunteers': 0.2})}",
    )
    assert (out / "index.html").is_file()
    assert (real / "comparison_key.json").is_file()


def test_the_sample_runs_through_the_line(sample, tmp_path):
    ids = pd.read_csv(sample / "classifications.csv", usecols=["subject_ids"])["subject_ids"]
    annotations = [
        f"--annotations={sample / 'classifications.csv'}",
        f"--mapping={sample / 'mapping.yaml'}",
    ]
    subjects = [str(subject_id) for subject_id in ids.drop_duplicates()[:10]]
    run_line(annotations, sample / "images", subjects, tmp_path)
    truth = pd.read_csv(sample / "truth.csv")
    bars = read_table(tmp_path / "tables" / "consensus" / "galaxies.ecsv").to_pandas()
    true = truth[truth["feature"] == "bar"].merge(bars, on="galaxy_id", suffixes=("_true", ""))
    ratio = true["length_arcsec"] / true["length_arcsec_true"]
    assert ratio.notna().sum() >= 6
    # fractions of 0.2 lie outside the outline that most volunteers drew
    assert 0.9 < ratio.median() < 1.3


def test_gz3d_drawings_give_a_measured_consensus(shared_data, tmp_path):
    folder = shared_data / "gz3d-drawings"
    run("consensus", f"--annotations={folder}", f"--output={tmp_path / 'out'}")
    run(
        "measure",
        f"--maps={tmp_path / 'out' / 'maps'}",
        "--threshold=0.1",  # two of fifteen drew the bar
        f"--output={tmp_path / 'tables'}",
    )
    bars = read_table(tmp_path / "tables" / "galaxies.ecsv").to_pandas().set_index("galaxy_id")
    assert bars.loc["1-379196", "length_pix"] > 20
    assert np.isnan(bars.loc["1-304336", "length_pix"])  # nobody was asked about its bar
    arms = read_table(tmp_path / "tables" / "arms.ecsv").to_pandas()
    assert set(arms["galaxy_id"]) == {"1-379196", "1-304336"}


def test_a_gz3d_bar_is_measured_on_the_sky_with_the_projects_wcs(shared_data):
    drawn = read_annotations(shared_data / "gz3d-drawings")
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval, wcs.wcs.crpix = (119.63381, 52.597965), (263.0, 263.0)
    wcs.wcs.cdelt = -0.099 / 3600, 0.099 / 3600
    crowd = build_consensus(drawn, "1-379196", frame=ImageFrame((525, 525), wcs))
    bar = measure_bar(crowd.of("bar"), frame=crowd.frame, threshold=0.1)
    assert bar.length_arcsec == pytest.approx(0.099 * bar.length_pix, rel=1e-3)
    assert bar.ra_deg == pytest.approx(119.63381, abs=2e-3)
