"""The bundled sample: the same bytes again, and read as a real export would be."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from galseg.annotations.mapping import ZooniverseMapping
from galseg.annotations.read import read_annotations
from galseg.dataset import sample as module
from galseg.dataset.simulate import simulate_annotations
from galseg.frame import ImageFrame
from galseg.geometry import votes_of


@pytest.fixture(scope="module")
def galaxies():
    return module.sample_galaxies()


@pytest.fixture(scope="module")
def drawn(sample):
    return read_annotations(sample / "classifications.csv", mapping=sample / "mapping.yaml")


def test_the_command_writes_the_bundled_bytes(sample, tmp_path):
    module.main([str(tmp_path)])
    made = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()}
    bundled = {p.relative_to(sample) for p in sample.rglob("*") if p.is_file()}
    assert made == bundled - {sample.joinpath("README.md").relative_to(sample)}
    for name in made:
        assert (tmp_path / name).read_bytes() == (sample / name).read_bytes(), name


def test_the_sample_is_small(sample):
    sizes = {p.name: p.stat().st_size for p in sample.rglob("*") if p.is_file()}
    assert sum(sizes.values()) < 3e6


def test_images_come_back_with_their_place_on_the_sky(sample, galaxies):
    for galaxy in galaxies:
        with fits.open(sample / "images" / f"{galaxy.galaxy_id}.fits") as hdus:
            frame = ImageFrame.from_header(hdus[0].header)
            image = hdus[0].data
        np.testing.assert_allclose(image, galaxy.image, atol=0.51)
        corners = [[0, 0], [159, 143]]
        assert frame.to_sky(corners).separation(galaxy.frame.to_sky(corners)).arcsec.max() < 1e-6


def test_the_export_reads_as_the_strokes_that_were_drawn(galaxies, drawn):
    expected = simulate_annotations(galaxies, seed=module.CROWD_SEED)
    assert drawn.rejected["reason"].tolist() == expected.rejected["reason"].tolist()
    columns = ["annotator_id", "classification_id", "feature"]
    assert drawn.marks[columns].equals(expected.marks[columns])
    same = [
        one.symmetric_difference(two).area < 1e-6
        for one, two in zip(drawn.marks["geometry"], expected.marks["geometry"], strict=True)
    ]
    assert all(same)
    assert [drawn.galaxy_id(s) for s in drawn.subject_ids] == [g.galaxy_id for g in galaxies]


def test_both_front_ends_wrote_the_export(sample):
    table = pd.read_csv(sample / "classifications.csv")
    assert table["annotations"].str.contains('"pathX"').sum() > 100
    assert table["annotations"].str.contains('"points"').sum() > 10


def test_drawings_lie_on_the_structures(galaxies, drawn):
    """Where a third of the crowd agrees on a conspicuous bar, there is most of it."""
    n_bars = 0
    for galaxy, subject_id in zip(galaxies, drawn.subject_ids, strict=True):
        bar = galaxy.truth.bar
        if bar is None or bar.contrast < 0.8:
            continue
        marks = drawn.subject(subject_id).marks.query("feature == 'bar'")
        people = pd.factorize(marks["annotator_id"])[0]
        agreed = votes_of(list(marks["geometry"]), people, galaxy.frame.shape) >= 5
        mask = galaxy.masks["bar"]
        assert (agreed & mask).sum() / (agreed | mask).sum() > 0.6
        n_bars += 1
    assert n_bars >= 4


def test_the_truth_has_a_row_for_every_structure(sample, galaxies):
    truth = pd.read_csv(sample / "truth.csv", keep_default_na=False)
    for galaxy in galaxies:
        rows = truth[truth["galaxy_id"] == galaxy.galaxy_id]
        for feature, outlines in galaxy.outlines.items():
            assert (rows["feature"] == feature).sum() == len(outlines)
    assert (truth["feature"] == "").sum() == 2


def test_the_mapping_knows_what_it_maps(sample):
    mapping = ZooniverseMapping.from_yaml(sample / "mapping.yaml")
    assert mapping.asked(["T0", "T1"]) == ("bar", "spiral_arm", "tidal")
    assert mapping.flip_y
    assert mapping.image_size == (160, 144)


def test_the_command_needs_a_folder():
    with pytest.raises(SystemExit, match="FOLDER"):
        module.main([])
