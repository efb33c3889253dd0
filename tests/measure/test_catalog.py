"""Tables of many galaxies, good and bad."""

import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.table import QTable, Table

from galseg import ImageFrame, Prediction
from galseg.consensus.record import Consensus
from galseg.errors import ConfigError, ShapeError
from galseg.io.tables import TABLE_SUFFIXES, read_table, write_table
from galseg.measure import (
    Host,
    MeasureFlag,
    decode_flags,
    hosts_from_table,
    measure_bar,
    measure_catalog,
    measure_spiral_arms,
)
from galseg.measure.columns import ARM_COLUMNS, GALAXY_COLUMNS
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import (
    at_position_angle,
    boxy_ellipse,
    hostile_frame,
    mask_on_sky,
    seen_to_sky,
    spiral_band,
)

FRAME = hostile_frame(HOSTILE["rotated"])
CENTRE = tuple(FRAME.centre_xy)
BAR = mask_on_sky(FRAME, CENTRE, at_position_angle(boxy_ellipse(30, 8), 50))
ARM = mask_on_sky(FRAME, CENTRE, seen_to_sky(spiral_band(20, r_inner=8, turn=3, width=3)))
MAPS = np.stack([BAR, ARM]).astype(np.float32) * 0.9
GOOD = Prediction("good", ("bar", "spiral_arm"), MAPS, FRAME)


class Broken:
    """A galaxy whose map is not on its frame."""

    galaxy_id = "broken"
    features = ("bar", "spiral_arm")
    frame = FRAME

    def of(self, feature):
        return MAPS[0][:50] if feature == "bar" else MAPS[1]


def consensus(n_asked, n_marked=9):
    counts = np.full(2, n_asked)
    fraction = MAPS if n_asked else np.full_like(MAPS, np.nan)
    return Consensus(
        subject_id="s1",
        galaxy_id="crowd",
        features=("bar", "spiral_arm"),
        frame=FRAME,
        votes=(MAPS * n_asked).astype(np.uint16),
        fraction=fraction,
        n_asked=counts,
        n_marked=np.minimum(counts, n_marked),
        method="fraction",
        instances=(),
        agreement=pd.DataFrame(),
        volunteers=pd.DataFrame(),
    )


def test_rows_hold_what_the_single_measurements_say():
    galaxies, arms = measure_catalog([GOOD])
    bar = measure_bar(MAPS[0], frame=FRAME)
    spiral = measure_spiral_arms(MAPS[1], frame=FRAME)
    for name, *_ in GALAXY_COLUMNS[1:-7]:
        value = galaxies[name][0]
        assert u.Quantity(value).value == pytest.approx(getattr(bar, name), nan_ok=True), name
    assert galaxies["n_arms"][0] == spiral.n_arms == len(arms) == 1
    assert galaxies["winding"][0] == arms["winding"][0] == "S"
    assert galaxies["flags"][0] == bar.flags
    for name, *_ in (*ARM_COLUMNS[2:4], *ARM_COLUMNS[5:-1]):
        value = u.Quantity(arms[name][0]).value
        assert value == pytest.approx(getattr(spiral.arms[0], name), nan_ok=True), name
    assert arms["galaxy_id"][0] == "good"


def test_every_column_has_its_unit_and_its_description():
    for table in measure_catalog([GOOD]):
        assert isinstance(table, QTable)
        for name in table.colnames:
            assert table[name].info.description
            suffix = name.removesuffix("_err").rpartition("_")[2]
            unit = {"deg": u.deg, "arcsec": u.arcsec, "kpc": u.kpc, "pix": u.pix}.get(suffix)
            assert table[name].unit == unit, name


def test_one_bad_galaxy_is_one_row_and_the_others_are_measured():
    galaxies, arms = measure_catalog([GOOD, Broken(), GOOD])
    assert galaxies["galaxy_id"].tolist() == ["good", "broken", "good"]
    assert decode_flags(galaxies["flags"])[1] == ("FAILED",)
    assert np.isnan(galaxies["length_arcsec"][1])
    assert "bar: the mask has shape" in galaxies["status"][1]
    assert galaxies["n_arms"].tolist() == [1, 1, 1]
    assert galaxies["status"][0] == ""
    assert len(arms) == 3


def test_what_nobody_was_asked_about_is_not_an_empty_galaxy():
    bars_only = Prediction("bars", ("bar",), np.zeros((1, *FRAME.shape), np.float32), FRAME)
    galaxies, _ = measure_catalog([bars_only, consensus(0)])
    assert galaxies["flags"].tolist() == [MeasureFlag.EMPTY, MeasureFlag.NO_DATA]
    assert np.isnan(galaxies["n_arms"]).all()
    assert galaxies["spiral_flags"][0] == MeasureFlag.NO_DATA
    assert (galaxies["status"] == "").all()


def test_a_consensus_gives_errors_from_its_votes():
    few, many = (measure_catalog([consensus(n)])[0] for n in (10, 40))
    assert few["galaxy_id"][0] == "crowd"
    assert few["length_arcsec"][0] == many["length_arcsec"][0]
    assert few["length_arcsec_err"][0] > many["length_arcsec_err"][0]


def test_thresholds_are_the_predictions_own_unless_given():
    picky = Prediction("picky", GOOD.features, MAPS, FRAME, thresholds={"bar": 0.95})
    assert np.isnan(measure_catalog([picky])[0]["length_pix"][0])
    galaxies, _ = measure_catalog([picky], threshold=0.4)
    assert galaxies["length_pix"][0] > 0
    assert galaxies.meta["threshold"] == 0.4


def test_known_hosts_are_used_where_there_is_a_sky():
    table = Table({
        "galaxy_id": ["good", "flat", "other"],
        "redshift": np.ma.MaskedArray([0.05, 0.05, 0.1], mask=[False, False, True]),
        "inclination_deg": [40.0, 40.0, np.nan],
        "line_of_nodes_deg": [10.0, 10.0, np.nan],
        "ra_deg": [FRAME.to_sky([CENTRE])[0].ra.deg, np.nan, np.nan],
        "dec_deg": [FRAME.to_sky([CENTRE])[0].dec.deg, np.nan, np.nan],
    })  # fmt: skip
    hosts = hosts_from_table(table)
    assert hosts["other"] == Host()
    flat = Prediction("flat", GOOD.features, MAPS, ImageFrame(FRAME.shape))
    galaxies, arms = measure_catalog([GOOD, flat], hosts=hosts)
    assert galaxies["length_deprojected_kpc"][0] > galaxies["length_kpc"][0] > 0 * u.kpc
    assert galaxies["spiral_flags"][0] == 0
    assert decode_flags(galaxies["flags"])[1] == ("NO_WCS",)
    assert set(decode_flags(arms["flags"])) == {(), ("NO_WCS",)}
    assert (galaxies["status"] == "").all()


def test_hosts_need_an_identifier():
    with pytest.raises(ShapeError, match="galaxy_id"):
        hosts_from_table(Table({"redshift": [0.1]}))


def test_hosts_may_come_from_a_table_with_units_or_from_pandas():
    with_units = QTable({"galaxy_id": ["a"], "ra_deg": [10.0] * u.deg, "dec_deg": [-5.0] * u.deg})
    assert hosts_from_table(with_units)["a"].centre.dec.deg == -5
    assert hosts_from_table(pd.DataFrame({"galaxy_id": ["a"], "redshift": [0.2]}))["a"] == Host(0.2)


def test_no_galaxies_give_empty_tables_of_the_same_columns():
    for empty, full in zip(measure_catalog([]), measure_catalog([GOOD]), strict=True):
        assert len(empty) == 0
        assert empty.colnames == full.colnames
        assert [empty[n].unit for n in empty.colnames] == [full[n].unit for n in full.colnames]


@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
def test_the_tables_round_trip(tmp_path, suffix):
    for table in measure_catalog([GOOD, Broken()]):
        write_table(tmp_path / f"t{suffix}", table)
        back = read_table(tmp_path / f"t{suffix}")
        assert back.colnames == table.colnames
        for name in table.colnames:
            assert back[name].unit == table[name].unit, name
            np.testing.assert_array_equal(back[name], table[name])


@pytest.mark.parametrize("threshold", [0, 1.01, -0.5])
def test_a_bad_threshold_stops_before_the_first_galaxy(threshold):
    with pytest.raises(ConfigError, match="threshold"):
        measure_catalog([GOOD], threshold=threshold)
