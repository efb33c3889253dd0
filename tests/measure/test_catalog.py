"""Tables of many galaxies, good and bad."""

import weakref
from dataclasses import replace

import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.table import QTable, Table

from galseg import ImageFrame, Prediction
from galseg.consensus.record import Consensus
from galseg.errors import ConfigError, FormatError, MissingDependencyError, ShapeError
from galseg.io.images import GalaxyImage
from galseg.io.tables import TABLE_SUFFIXES, read_table, write_table
from galseg.measure import (
    Host,
    MeasureFlag,
    decode_flags,
    hosts_from_table,
    measure_bar,
    measure_bar_light,
    measure_catalog,
    measure_spiral_arms,
    measure_tidal,
)
from galseg.measure.columns import ARM_COLUMNS, BAR_COLUMNS, GALAXY_COLUMNS, TIDAL_COLUMNS
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import (
    at_position_angle,
    boxy_ellipse,
    hostile_frame,
    mask_on_sky,
    seen_to_sky,
    spiral_band,
)

# Columns that the table itself adds to those of the records.
OWN_COLUMNS = {"galaxy_id", "subject_id", "status", "n_arms", "n_tidal", "spiral_flags",
               "tidal_flags", "threshold", "spiral_threshold", "tidal_threshold",
               *(f"light_{name}_flags" for name in ("bar", "arms", "tidal")),
               *(f"light_{quantity}_{name}{err}" for quantity in ("share", "contrast")
                 for name in ("bar", "arms", "tidal") for err in ("", "_err"))}  # fmt: skip

FRAME = hostile_frame(HOSTILE["rotated"])
CENTRE = tuple(FRAME.centre_xy)
BAR = mask_on_sky(FRAME, CENTRE, at_position_angle(boxy_ellipse(30, 8), 50))
ARM = mask_on_sky(FRAME, CENTRE, seen_to_sky(spiral_band(20, r_inner=8, turn=3, width=3)))
TAIL = np.zeros(FRAME.shape, dtype=bool)
TAIL[10:14, 20:70] = True
MAPS = np.stack([BAR, ARM, TAIL]).astype(np.float32) * 0.9
GOOD = Prediction("good", ("bar", "spiral_arm", "tidal"), MAPS, FRAME, source="a model")
IMAGE = GalaxyImage("good", MAPS[:1] * 100 + 1, FRAME)


class Broken:
    """A galaxy whose maps of some features are not on its frame."""

    features = ("bar", "spiral_arm", "tidal")
    frame = FRAME

    def __init__(self, *broken):
        self.galaxy_id = "broken"
        self.broken = broken

    def of(self, feature):
        map_ = GOOD.of(feature)
        return map_[:50] if feature in self.broken else map_


def consensus(n_asked, n_marked=9):
    counts = np.full(3, n_asked)
    fraction = MAPS if n_asked else np.full_like(MAPS, np.nan)
    return Consensus(
        subject_id="s1",
        galaxy_id="crowd",
        features=GOOD.features,
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
    galaxies, arms, tidal = measure_catalog([GOOD], images={"good": IMAGE})
    bar = measure_bar(MAPS[0], frame=FRAME)
    spiral = measure_spiral_arms(MAPS[1], frame=FRAME)
    (tail,) = measure_tidal(MAPS[2], frame=FRAME)
    light = measure_bar_light(IMAGE.pixels[0] - 1, frame=FRAME)
    for column in GALAXY_COLUMNS:
        if column.name not in OWN_COLUMNS:
            prefix, name = column.name.partition("light_")[1:]
            record = light if prefix else bar if hasattr(bar, column.name) else spiral
            assert_same(galaxies[column.name][0], getattr(record, name or column.name))
    for table, record, columns in (
        (arms, spiral.arms[0], ARM_COLUMNS),
        (tidal, tail, TIDAL_COLUMNS),
    ):
        assert table["galaxy_id"].tolist() == ["good"]
        for column in columns:
            if column.name not in OWN_COLUMNS:
                assert_same(table[column.name][0], getattr(record, column.name))
    assert (galaxies["n_arms"][0], galaxies["n_tidal"][0]) == (1, 1)
    assert galaxies["spiral_flags"][0] == spiral.flags
    assert galaxies["tidal_flags"][0] == tail.flags


def assert_same(value, expected):
    if isinstance(expected, str | MeasureFlag):
        assert value == expected
    else:
        assert u.Quantity(value).value == pytest.approx(expected, nan_ok=True)


def test_the_bar_extent_table_starts_with_the_bars_columns():
    bars = measure_catalog([GOOD], n_draws=0).bars
    assert bars.colnames == [column.name for column in BAR_COLUMNS]
    assert bars.colnames[:4] == ["galaxy_id", "ra_deg", "dec_deg", "length_pix"]
    assert bars.meta["maps_from"] == ["a model"]


@pytest.mark.parametrize("feature", ["bar", "spiral_arm", "tidal"])
def test_one_bad_galaxy_is_told_in_every_table_and_the_others_are_measured(feature):
    tables = measure_catalog([GOOD, Broken(feature), GOOD])
    galaxies = tables.galaxies
    assert galaxies["galaxy_id"].tolist() == ["good", "broken", "good"]
    assert galaxies["status"].tolist()[::2] == ["", ""]
    assert galaxies["status"][1].startswith(f"{feature}: the mask has shape")
    flags = {"bar": "flags", "spiral_arm": "spiral_flags", "tidal": "tidal_flags"}
    for name, column in flags.items():
        is_failed = decode_flags(galaxies[column])[1] == ("FAILED",)
        assert is_failed == (name == feature)
    for name, table in (("spiral_arm", tables.arms), ("tidal", tables.tidal)):
        assert table["galaxy_id"].tolist() == ["good", "broken", "good"]
        is_failed = decode_flags(table["flags"])[1] == ("FAILED",)
        assert is_failed == (name == feature)
        assert bool(table["status"][1]) == (name == feature)
        assert np.isnan(table["length_arcsec" if name == "tidal" else "arc_length_arcsec"][1]) == (
            name == feature
        )


def test_what_is_not_asked_for_is_not_measured():
    galaxies, arms, tidal = measure_catalog([Broken("bar", "tidal")], features=["spiral_arm"])
    assert (len(arms), len(tidal), galaxies["status"][0]) == (1, 0, "")
    assert galaxies["flags"][0] == galaxies["tidal_flags"][0] == MeasureFlag.NO_DATA


def test_the_light_of_every_feature_is_measured_in_the_image():
    bright = replace(IMAGE, pixels=1 + 4 * BAR[None] + 2 * TAIL[None].astype(np.float32))
    nothing = replace(GOOD, galaxy_id="nothing", probability=np.zeros_like(MAPS))
    images = {"good": bright, "nothing": bright}
    galaxies, *_ = measure_catalog([GOOD, nothing], images=images)
    in_all = 4 * BAR.sum() + 2 * TAIL.sum()
    assert galaxies["light_share_bar"][0] == pytest.approx(4 * BAR.sum() / in_all)
    assert galaxies["light_share_tidal"][0] == pytest.approx(2 * TAIL.sum() / in_all)
    assert galaxies["light_share_arms"][0] < 0.2
    assert np.isnan(galaxies["light_share_bar"][1])
    assert galaxies["light_bar_flags"][1] == MeasureFlag.EMPTY
    assert (galaxies["status"] == "").all()


def test_the_light_is_the_same_on_an_image_of_another_grid():
    ny, nx = FRAME.shape
    wcs = FRAME.wcs.deepcopy()
    wcs.wcs.cd = 2 * wcs.wcs.cd
    wcs.wcs.crpix = (wcs.wcs.crpix + 0.5) / 2
    half = ImageFrame((ny // 2, nx // 2), wcs)
    halved = BAR.reshape(ny // 2, 2, nx // 2, 2).mean(axis=(1, 3)).astype(np.float32)
    galaxies = [
        measure_catalog([GOOD], images={"good": GalaxyImage("good", pixels[None], frame)}).galaxies
        for pixels, frame in ((BAR.astype(np.float32), FRAME), (halved, half))
    ]
    assert (galaxies[0]["status"][0], galaxies[1]["status"][0]) == ("", "")
    assert galaxies[0]["light_share_bar"][0] == pytest.approx(1)
    in_pixels_it_shares = (halved**2).sum() / halved.sum()
    assert galaxies[1]["light_share_bar"][0] == pytest.approx(in_pixels_it_shares, rel=1e-3)


def test_an_image_that_cannot_be_read_is_this_galaxys_problem_alone():
    def unreadable():
        raise FormatError("half a file")

    galaxies, *_ = measure_catalog(
        [GOOD, replace(GOOD, galaxy_id="seen"), replace(GOOD, galaxy_id="unseen")],
        images={"good": unreadable, "seen": lambda: IMAGE},
    )
    assert galaxies["status"].tolist() == ["light: half a file", "", ""]
    assert galaxies["light_flags"][0] == MeasureFlag.FAILED
    assert galaxies["light_share_bar"][1] > 0
    assert galaxies["light_flags"][2] == MeasureFlag.NO_DATA
    assert (galaxies["length_arcsec"] > 0).all()


def test_a_missing_package_is_the_runs_problem_and_not_the_galaxys(monkeypatch):
    def without(*_, isophotes, **__):
        raise MissingDependencyError(f"photutils, for isophotes={isophotes}")

    monkeypatch.setattr("galseg.measure.galaxy.measure_bar_light", without)
    with pytest.raises(MissingDependencyError, match="isophotes=True"):
        measure_catalog([GOOD], images={"good": IMAGE}, isophotes=True)


def test_an_image_without_a_pixel_is_a_problem_and_a_map_without_one_is_not_known():
    blind = replace(IMAGE, pixels=np.full_like(IMAGE.pixels, np.nan))
    galaxies, *_ = measure_catalog([GOOD], images={"good": blind})
    assert galaxies["status"][0] == (
        "light: the image has no finite pixel, so there is no light in it to measure"
    )
    galaxies, *_ = measure_catalog([consensus(0)], images={"crowd": IMAGE})
    assert galaxies["light_bar_flags"][0] == MeasureFlag.NO_DATA


def test_what_nobody_was_asked_about_is_not_an_empty_galaxy():
    bars_only = Prediction("bars", ("bar",), np.zeros((1, *FRAME.shape), np.float32), FRAME)
    galaxies, arms, tidal = measure_catalog([bars_only, consensus(0)])
    assert len(arms) == len(tidal) == 0
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
    galaxies, arms, _ = measure_catalog([picky], threshold={"bar": 0.4})
    assert galaxies["length_pix"][0] > 0
    assert arms.meta["thresholds"]["bar"] == [0.4, 0.4]
    names = ["threshold", "spiral_threshold", "tidal_threshold"]
    assert list(galaxies[names][0]) == [0.4, 0.5, 0.5]
    assert arms["threshold"].tolist() == [0.5]
    assert measure_catalog([picky], threshold=0.4)[0]["length_pix"] == galaxies["length_pix"]


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
    galaxies, arms, _ = measure_catalog([GOOD, flat], hosts=hosts)
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
    for table in measure_catalog([GOOD, Broken("bar", "tidal")]):
        write_table(tmp_path / f"t{suffix}", table)
        back = read_table(tmp_path / f"t{suffix}")
        assert back.colnames == table.colnames
        for name in table.colnames:
            assert back[name].unit == table[name].unit, name
            if suffix != ".csv":
                assert back[name].info.meta == table[name].info.meta
                assert back[name].info.description == table[name].info.description
            np.testing.assert_array_equal(back[name], table[name])


def test_the_metadata_tell_what_the_tables_were_made_with():
    picky = replace(GOOD, thresholds={"bar": 0.3}, source="another model")
    for table in measure_catalog([GOOD, picky, consensus(10)], seed=3):
        assert table.meta["maps_from"] == ["a model", "another model", "consensus (fraction)"]
        assert table.meta["thresholds"]["bar"] == [0.3, 0.5]
        assert table.meta["thresholds"]["tidal"][1] == 0.5
        assert table.meta["n_draws"] == 0
        assert "seed" not in table.meta
        assert table.meta["cosmology"] == "Planck18"
        assert "FAILED=16384" in table.meta["flag_bits"]
        assert {"galseg_version", "numpy_version", "astropy_version"} <= set(table.meta)


def test_a_galaxys_numbers_depend_on_no_other_galaxy():
    crowds = [replace(consensus(10), galaxy_id=name) for name in "ab"]
    hosts = {
        name: Host(inclination_deg=40, inclination_deg_err=5, line_of_nodes_deg=10) for name in "ab"
    }
    options = {"hosts": hosts, "n_draws": 4, "percentiles": True, "features": ["bar"]}
    forth = measure_catalog(crowds, **options)
    back = measure_catalog(crowds[::-1], **options)
    for one, other in zip(forth, back, strict=True):
        for name in one.colnames:
            np.testing.assert_array_equal(one[name], other[name][::-1], err_msg=name)
    other_seed = measure_catalog(crowds, **options, seed=1)
    assert (other_seed.galaxies["length_arcsec_err"] != forth.galaxies["length_arcsec_err"]).all()
    assert (forth.galaxies["length_arcsec_err"][0] != forth.galaxies["length_arcsec_err"][1:]).all()


def test_percentiles_bracket_their_numbers_and_stand_last():
    host = Host(
        inclination_deg=40, inclination_deg_err=5, line_of_nodes_deg=10, line_of_nodes_deg_err=5
    )
    plain = measure_catalog([GOOD], hosts={"good": host}, n_draws=8)
    full = measure_catalog([GOOD], hosts={"good": host}, n_draws=8, percentiles=True)
    for few, many in zip(plain, full, strict=True):
        assert many.colnames[: len(few.colnames)] == few.colnames
        assert many.meta["seed"] == 0
        added = many.colnames[len(few.colnames) :]
        assert added == [f"{name.removesuffix('_err')}_{end}" for name in few.colnames
                         if name.endswith("_err") and not name.startswith("light_")
                         for end in ("p16", "p84")]  # fmt: skip
    for table, name in (
        (full.galaxies, "length_deprojected_arcsec"),
        (full.galaxies, "pitch_angle_deg"),
        (full.arms, "pitch_angle_deg"),
        (full.tidal, "length_arcsec"),
    ):
        low, high = table[f"{name}_p16"][0], table[f"{name}_p84"][0]
        assert 0.8 * low < table[name][0] < 1.2 * high, name
        assert low <= high
    assert set(full.bars.colnames) - set(plain.bars.colnames) == {
        f"{name}_{end}" for name in ("length_pix", "length_arcsec", "length_kpc", "width_arcsec",
        "length_deprojected_arcsec", "length_deprojected_kpc", "axis_ratio", "position_angle_deg",
        "centre_offset_arcsec", "length_over_disc_diameter") for end in ("p16", "p84")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0}, "threshold must be above 0"),
        ({"threshold": 1.01}, "threshold must be above 0"),
        ({"threshold": {"bar": -0.5}}, "threshold must be above 0"),
        ({"threshold": {"bars": 0.5}}, "did you mean 'bar'"),
        ({"features": ["spiral"]}, "did you mean 'spiral_arm'"),
        ({"n_draws": -1}, "n_draws must be 0"),
        ({"n_draws": 1}, "at least 2"),
        ({"seed": -1}, "seed"),
        ({"percentiles": True}, "percentiles are those of draws"),
    ],
)
def test_a_bad_option_stops_before_the_first_galaxy(options, message):
    def never():
        raise AssertionError
        yield

    with pytest.raises(ConfigError, match=message):
        measure_catalog(never(), **options)


def test_only_the_rows_of_a_galaxy_are_kept():
    kept = []

    def galaxies():
        for number in range(3):
            one = replace(GOOD, galaxy_id=str(number), probability=MAPS.copy())
            kept.append(weakref.ref(one))
            yield one
            del one
            assert all(ref() is None for ref in kept[:-1])

    assert len(measure_catalog(galaxies()).galaxies) == 3
