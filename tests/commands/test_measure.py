"""``galseg measure`` and its tables, through the command line, on files right and wrong."""

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits
from astropy.table import Table

from galseg import ImageFrame, Prediction, read_table
from galseg.cli import main
from galseg.commands.consensus import consensus
from galseg.io.predictions import write_prediction
from galseg.measure.columns import ARM_COLUMNS, BAR_COLUMNS, GALAXY_COLUMNS, TIDAL_COLUMNS


def write_bar(path, galaxy_id="J1"):
    probability = np.zeros((1, 40, 60), dtype=np.float32)
    probability[0, 18:23, 10:50] = 1
    write_prediction(path, Prediction(galaxy_id, ("bar",), probability, ImageFrame((40, 60))))


def measure(*words):
    return main(["measure", *map(str, words)])


@pytest.fixture(scope="module")
def crowd(sample, tmp_path_factory):
    """Consensus of three galaxies of the bundled sample."""
    ids = pd.read_csv(sample / "classifications.csv", usecols=["subject_ids"], dtype=str)
    return consensus(
        annotations=sample / "classifications.csv",
        mapping=sample / "mapping.yaml",
        images=sample / "images",
        output=tmp_path_factory.mktemp("crowd") / "consensus",
        subjects=tuple(ids["subject_ids"].drop_duplicates()[:3]),
    )


def test_every_table_is_written_with_its_columns(crowd, tmp_path):
    assert (
        measure(f"--maps={crowd / 'maps'}", f"--output={tmp_path / 'out'}", "--threshold=0.2") == 0
    )
    tables = {path.stem: read_table(path) for path in (tmp_path / "out").glob("*.ecsv")}
    expected = {"galaxies": GALAXY_COLUMNS, "arms": ARM_COLUMNS, "tidal": TIDAL_COLUMNS}
    assert {name: table.colnames for name, table in tables.items()} == {
        name: [column.name for column in columns] for name, columns in expected.items()
    }
    assert len(tables["galaxies"]) == 3
    assert set(tables["arms"]["galaxy_id"]) <= set(tables["galaxies"]["galaxy_id"])
    assert np.isfinite(tables["galaxies"]["length_arcsec"]).sum() >= 2
    assert tables["galaxies"].meta["maps_from"] == ["consensus (fraction)"]
    assert tables["tidal"].meta["thresholds"]["tidal"] == [0.2, 0.2]


@pytest.mark.parametrize(
    ("verb", "columns"), [("bars", BAR_COLUMNS), ("arms", ARM_COLUMNS), ("tidal", TIDAL_COLUMNS)]
)
def test_one_table_alone_is_what_it_is_among_the_others(crowd, tmp_path, verb, columns):
    where = [f"--maps={crowd / 'maps'}", "--threshold=0.2"]
    assert measure(verb, *where, f"--output={tmp_path / 'one'}") == 0
    assert [path.name for path in (tmp_path / "one").glob("*.ecsv")] == [f"{verb}.ecsv"]
    one = read_table(tmp_path / "one" / f"{verb}.ecsv")
    assert one.colnames == [column.name for column in columns]
    assert measure(*where, f"--output={tmp_path / 'all'}") == 0
    every = read_table(tmp_path / "all" / f"{'galaxies' if verb == 'bars' else verb}.ecsv")
    for name in one.colnames:
        np.testing.assert_array_equal(one[name], every[name], err_msg=name)


@pytest.mark.parametrize("format_", ["ecsv", "parquet", "fits", "vot", "csv"])
def test_tables_are_written_in_the_format_asked_for(tmp_path, format_):
    write_bar(tmp_path / "maps" / "J1.fits")
    out = tmp_path / "out"
    assert measure(f"--maps={tmp_path / 'maps'}", f"--output={out}", f"--format={format_}") == 0
    galaxies = read_table(out / f"galaxies.{format_}")
    assert galaxies["galaxy_id"][0] == "J1"
    assert galaxies["length_pix"][0].value == pytest.approx(40)
    assert len(read_table(out / f"arms.{format_}")) == 0


def test_latex_holds_the_number_with_its_error(tmp_path):
    write_bar(tmp_path / "maps" / "J1.fits")
    out = tmp_path / "out"
    assert measure("bars", f"--maps={tmp_path / 'maps'}", f"--output={out}", "--format=tex") == 0
    assert r"J1 & \ldots & \ldots & $40.00 \pm " in (out / "bars.tex").read_text()


def test_what_is_known_of_galaxies_and_their_images_is_used(sample, crowd, tmp_path):
    hosts = tmp_path / "hosts.csv"
    Table({"galaxy_id": ["sim01", "sim02"], "redshift": [0.03, 0.05]}).write(hosts)
    words = [f"--maps={crowd / 'maps'}", f"--output={tmp_path / 'out'}", "--threshold={bar: 0.3}"]
    assert measure("bars", *words, f"--hosts={hosts}", f"--images={sample / 'images'}") == 0
    bars = read_table(tmp_path / "out" / "bars.ecsv")
    barred = np.isfinite(bars["length_arcsec"])
    near = np.isin(bars["galaxy_id"], ["sim01", "sim02"])
    assert (barred & near).any()
    assert (np.isfinite(bars["length_kpc"]) == (barred & near)).all()
    assert np.isfinite(bars["light_a2_max"]).any()
    assert bars.meta["thresholds"] == {"bar": [0.3, 0.3]}
    options = yaml.safe_load((tmp_path / "out" / "config.yaml").read_text())
    assert options["tables"] == ["bars"]
    assert options["threshold"] == {"bar": 0.3}


def test_draws_give_percentiles_the_same_for_the_same_seed(crowd, tmp_path):
    words = ["bars", f"--maps={crowd / 'maps'}", "--n_draws=5", "--percentiles"]
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert measure(*words, f"--output={tmp_path / name}", f"--seed={seed}") == 0
    a, b, c = (read_table(tmp_path / name / "bars.ecsv") for name in "abc")
    np.testing.assert_array_equal(a["length_arcsec_p16"], b["length_arcsec_p16"])
    assert (a["length_arcsec_p16"] <= a["length_arcsec_p84"])[np.isfinite(a["length_arcsec"])].all()
    assert (a["length_arcsec_p16"] != c["length_arcsec_p16"]).any()
    assert (a.meta["n_draws"], a.meta["seed"]) == (5, 1)


def test_flags_are_decoded_on_request(tmp_path):
    write_bar(tmp_path / "maps" / "J1.fits")
    out = tmp_path / "out"
    assert measure(f"--maps={tmp_path / 'maps'}", f"--output={out}", "--decode_flags") == 0
    galaxies = read_table(out / "galaxies.ecsv")
    assert galaxies["flags"].dtype.kind == "i"
    assert galaxies["flags_decoded"].tolist() == ["NO_WCS"]
    assert galaxies["spiral_flags_decoded"].tolist() == ["NO_DATA"]


def test_plots_and_a_page_are_made_on_request(sample, crowd, tmp_path):
    words = [f"--maps={crowd / 'maps'}", f"--images={sample / 'images'}", "--plots", "--report"]
    assert measure(*words, f"--output={tmp_path / 'out'}") == 0
    plots = sorted(path.stem for path in (tmp_path / "out" / "plots").glob("*.png"))
    assert plots == sorted(path.stem for path in (crowd / "maps").iterdir())
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<h2>Galaxies</h2>" in page
    assert "consensus (fraction)" in page


def test_a_bad_image_is_told_in_the_table_and_the_galaxy_is_drawn_over_its_maps(tmp_path):
    write_bar(tmp_path / "maps" / "J1.fits")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "J1.fits").write_bytes(b"SIMPLE  =")
    words = [f"--maps={tmp_path / 'maps'}", f"--images={tmp_path / 'images'}", "--plots"]
    assert measure("bars", *words, f"--output={tmp_path / 'out'}") == 0
    assert "J1.fits" in read_table(tmp_path / "out" / "bars.ecsv")["status"][0]
    assert (tmp_path / "out" / "plots" / "J1.png").is_file()


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: fits.PrimaryHDU(np.zeros((4, 4))).writeto(path), "neither a prediction"),
        (lambda path: path.write_bytes(b"SIMPLE  ="), "J1.fits"),
    ],
    ids=["a plain image", "half a file"],
)
def test_a_foreign_file_is_one_clear_error(write, message, tmp_path, capsys):
    (tmp_path / "maps").mkdir()
    write(tmp_path / "maps" / "J1.fits")
    assert measure(f"--maps={tmp_path / 'maps'}", f"--output={tmp_path / 'out'}") == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_one_clear_error(tmp_path, capsys):
    (tmp_path / "maps").mkdir()
    assert measure(f"--maps={tmp_path / 'maps'}", f"--output={tmp_path / 'out'}") == 2
    assert "no FITS file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["brs"], "no verb 'measure brs'; did you mean 'measure bars'?"),
        (["bars", "--tables=[arms]"], "galseg measure bars has no option 'tables'"),
        (["--tables=[spirals]"], "spirals"),
        (["--percentiles"], "percentiles are those of draws"),
        (["--threshold=2"], "threshold must be above 0"),
        (["--threshold={bars: 0.2}"], "did you mean 'bar'"),
        (["--format=xlsx"], "parquet"),
    ],
    ids=" ".join,
)
def test_a_bad_option_is_one_clear_error_and_leaves_nothing(words, message, tmp_path, capsys):
    write_bar(tmp_path / "maps" / "J1.fits")
    assert measure(*words, f"--maps={tmp_path / 'maps'}", f"--output={tmp_path / 'out'}") == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]
