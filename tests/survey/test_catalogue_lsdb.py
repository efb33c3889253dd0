"""Catalogues open in lsdb, which finds what brute force finds."""

import subprocess
import sys
import warnings
from pathlib import Path

import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord

from galseg.survey.catalogue import write_catalogues
from tests.survey.made_up_shards import made_up_tables, on_the_sky, write_shards

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),  # lsdb's own
]
EXAMPLE = Path(__file__).parents[2] / "examples" / "survey_catalogue.py"
N = 240
ROWS = 60


@pytest.fixture(scope="module")
def lsdb():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        lsdb = pytest.importorskip("lsdb", reason="reads HATS catalogues")
    dask = pytest.importorskip("dask", reason="computes for lsdb")
    with dask.config.set(scheduler="synchronous"):
        yield lsdb


@pytest.fixture(scope="module")
def places():
    ra, dec = on_the_sky(N)
    ra[:80], dec[:80] = on_the_sky(80, patch=0.5)
    ra[200:] = np.nan
    return ra, dec


@pytest.fixture(scope="module")
def survey(tmp_path_factory, places):
    folder = tmp_path_factory.mktemp("survey")
    shards = write_shards(folder / "shards", made_up_tables(*places), ends=[100, N])
    write_catalogues(shards, folder, partition_rows=ROWS)
    return folder


def test_a_cone_holds_what_is_near(lsdb, survey, places):
    found = lsdb.open_catalog(survey / "catalogue/galaxies").cone_search(150, 2, 1200).compute()
    ra, dec = np.array(places)[:, :200]
    near = SkyCoord(ra, dec, unit="deg").separation(SkyCoord(150, 2, unit="deg")) < 1200 * u.arcsec
    assert 5 < near.sum() < 80
    assert sorted(found["row"]) == np.flatnonzero(near).tolist()


def test_a_cross_match_finds_the_nearest(lsdb, survey, places):
    rng = np.random.default_rng(5)
    ra, dec = np.array(places)[:, :200]
    other = pd.DataFrame({"ra": ra + rng.normal(0, 0.01, 200), "dec": dec.clip(-89, 89)})
    ours = lsdb.open_catalog(survey / "catalogue/galaxies")
    theirs = lsdb.from_dataframe(
        other.assign(number=np.arange(200)), highest_order=5, margin_threshold=60
    )
    found = ours.crossmatch(
        theirs,
        radius_arcsec=30,
        n_neighbors=1,
        suffixes=("", "_other"),
        suffix_method="all_columns",
    ).compute()
    nearest, apart, _ = SkyCoord(ra, dec, unit="deg").match_to_catalog_sky(
        SkyCoord(other["ra"], other["dec"], unit="deg")
    )
    right = {row: nearest[row] for row in np.flatnonzero(apart < 30 * u.arcsec)}
    assert 50 < len(right) < 200
    assert dict(zip(found["row"], found["number_other"], strict=True)) == right


def test_pixels_and_rows_are_those_that_lsdb_makes(lsdb, survey, places):
    ours = lsdb.open_catalog(survey / "catalogue/galaxies")
    galaxies = made_up_tables(*places)["galaxies"].to_pandas().dropna(subset="ra_deg")
    theirs = lsdb.from_dataframe(
        galaxies, ra_column="ra_deg", dec_column="dec_deg", partition_rows=ROWS, highest_order=8
    )
    assert ours.get_healpix_pixels() == theirs.get_healpix_pixels()
    for partition, pixel in enumerate(ours.get_healpix_pixels()):
        mine = ours.get_partition(pixel.order, pixel.pixel).compute()
        right = theirs.partitions[partition].compute()
        pd.testing.assert_frame_equal(as_numbers(mine), as_numbers(right), check_dtype=False)


def as_numbers(rows):
    """Return rows in order, with NaN for unknown numbers, which lsdb makes nulls."""
    floats = [name for name in rows.columns if pd.api.types.is_float_dtype(rows[name])]
    return rows.sort_values("row").astype(dict.fromkeys(floats, np.float64))


@pytest.mark.filterwarnings("ignore:Right catalog does not have a margin")  # needs none
def test_arms_join_their_galaxies(lsdb, survey, places):
    galaxies = lsdb.open_catalog(survey / "catalogue/galaxies", columns=["row", "length_arcsec"])
    arms = lsdb.open_catalog(survey / "catalogue/arms")
    joined = galaxies.join_nested(
        arms, left_on="row", right_on="row", nested_column_name="arms", how="inner"
    ).compute()
    tables = made_up_tables(*places)
    right = tables["arms"].to_pandas().dropna(subset="ra_deg").groupby("row").size()
    found = pd.Series(
        {row: len(arms) for row, arms in zip(joined["row"], joined["arms"], strict=True)}
    )
    assert found.sort_index().to_dict() == right.to_dict()


def test_a_catalogue_without_rows_opens(lsdb, tmp_path):
    tables = made_up_tables(*on_the_sky(4), n_arms=0)
    write_catalogues(write_shards(tmp_path / "s", tables, ends=[4]), tmp_path)
    arms = lsdb.open_catalog(tmp_path / "catalogue/arms")
    assert list(arms.columns) == tables["arms"].column_names
    assert len(arms.cone_search(10, 10, 3600).compute()) == 0


def test_the_whole_catalogue_is_valid_to_hats(survey):
    validation = pytest.importorskip("hats.io.validation", reason="made the catalogue")
    for name in ("catalogue/galaxies", "catalogue/arms", "catalogue/tidal", "masks"):
        assert validation.is_valid_catalog(survey / name, strict=True)


def test_the_example_runs(lsdb):
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True)
    assert "of 20 galaxies within 10 arcmin" in done.stdout
    assert "galaxies with a redshift" in done.stdout
