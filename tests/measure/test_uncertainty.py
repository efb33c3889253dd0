"""Errors from draws, against the scatter of separate measurements."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg import ImageFrame, measure_bar, measure_spiral_arms
from galseg.errors import ShapeError
from galseg.measure import Host, MeasureFlag
from galseg.measure.curve_matching import match_arms, match_tidal
from galseg.measure.spread import spread_of
from galseg.measure.tidal import measure_tidal
from galseg.measure.uncertainty import drawn_bar, drawn_spiral, drawn_tidal
from tests.hostile_wcs import header

PIXELS = ImageFrame((96, 96))
SKY = ImageFrame.from_header(header(rotation_deg=20.0))
CENTRE = (48.0, 48.0)


@dataclass(frozen=True)
class Weighed:
    """A record that the package does not know."""

    mass: float = math.nan
    mass_err: float = math.nan
    name: str = ""
    flags: MeasureFlag = MeasureFlag.NONE


def bar_map(length=50, shape=(96, 96), value=1.0):
    map_ = np.zeros(shape, dtype=np.float32)
    map_[44:52, 20 : 20 + length] = value
    return map_


def on_pixels(map_, host):
    return measure_bar(map_, frame=PIXELS)


def arm_map(phase=0.0, pitch_deg=20.0, n_arms=2, mirrored=False):
    y, x = np.mgrid[:96, :96] - 48.0
    radius = np.hypot(x, y) + 1e-9
    azimuth = np.arctan2(-y if mirrored else y, x) - phase
    behind = azimuth - np.log(radius / 10) / np.tan(np.radians(pitch_deg))
    near = (radius > 10) & (radius < 42)
    return (near & (np.cos(n_arms * behind) > 0.75)).astype(np.float32)


def one_arm(phase):
    """Keep the arm of `arm_map` that begins at an azimuth."""
    y, x = np.mgrid[:96, :96] - 48.0
    behind = (
        np.arctan2(y, x) - phase - np.log((np.hypot(x, y) + 1e-9) / 10) / np.tan(np.radians(20))
    )
    return arm_map(phase) * (np.cos(behind) > 0)


def phase_of(arm, pitch_deg=20.0):
    """Azimuth at which the spiral of an arm passes the radius of 10 pixels."""
    x, y = (arm.ridge_xy - CENTRE).T
    behind = np.arctan2(y, x) - np.log(np.hypot(x, y) / 10) / np.tan(np.radians(pitch_deg))
    return np.angle(np.exp(1j * behind).mean())


def arms_of(map_, host=None):
    return measure_spiral_arms(map_, frame=PIXELS, centre=CENTRE)


def test_the_error_is_the_scatter_of_the_draws_and_the_pixel_grid():
    maps = np.stack([bar_map(length) for length in (46, 48, 50, 52, 54, 60)])
    drawn = drawn_bar(
        on_pixels, maps[2], Host(), threshold=0.5, drawn_hosts=[Host()] * 6, drawn_maps=maps
    )
    lengths = [on_pixels(map_, None).length_pix for map_ in maps]
    own = on_pixels(maps[2], None)
    expected = math.hypot(np.std(lengths, ddof=1), own.length_pix_err)
    assert drawn.measurement.length_pix == own.length_pix
    assert drawn.measurement.length_pix_err == pytest.approx(expected)
    low, high = drawn.percentiles["length_pix"]
    assert low < np.percentile(lengths, 16) < np.percentile(lengths, 84) < high
    assert drawn.measurement.flags == own.flags


def test_draws_of_the_map_take_the_place_of_its_slope():
    soft = np.mean([bar_map(length) for length in (40, 45, 50, 55, 60)], axis=0)
    drawn = drawn_bar(
        on_pixels, soft, Host(), threshold=0.5, drawn_hosts=[Host()] * 3, drawn_maps=[soft] * 3
    )
    assert drawn.measurement.length_pix_err == on_pixels(soft >= 0.5, None).length_pix_err
    assert drawn.measurement.length_pix_err < on_pixels(soft, None).length_pix_err / 3


def test_without_drawn_maps_the_slope_stays():
    soft = np.mean([bar_map(length) for length in (40, 45, 50, 55, 60)], axis=0)
    drawn = drawn_bar(on_pixels, soft, Host(), threshold=0.5, drawn_hosts=[Host()] * 3)
    assert drawn.measurement == on_pixels(soft, None)


def test_the_doubt_about_the_disc_goes_into_what_is_deprojected_only():
    host = Host(inclination_deg=55.0, inclination_deg_err=4.0, line_of_nodes_deg=70.0)
    rng = np.random.default_rng(1)

    def measure(map_, host):
        return measure_bar(map_, frame=SKY, inclination_deg=host.inclination_deg,
                           line_of_nodes_deg=host.line_of_nodes_deg)  # fmt: skip

    map_ = bar_map(shape=SKY.shape)
    bar = measure(map_, host)
    hosts = [host.drawn(rng) for _ in range(30)]
    drawn = drawn_bar(measure, map_, host, threshold=0.5, drawn_hosts=hosts).measurement
    assert drawn.length_arcsec_err == pytest.approx(bar.length_arcsec_err)
    lengths = [measure(map_, one).length_deprojected_arcsec for one in hosts]
    assert drawn.length_deprojected_arcsec_err == pytest.approx(
        math.hypot(bar.length_deprojected_arcsec_err, np.std(lengths, ddof=1))
    )


def test_draws_without_a_bar_are_left_out_and_flagged():
    maps = np.stack([bar_map(), bar_map(52), *[np.zeros((96, 96), dtype=np.float32)] * 3])
    drawn = drawn_bar(
        on_pixels, maps[0], Host(), threshold=0.5, drawn_hosts=[Host()] * 5, drawn_maps=maps
    )
    assert drawn.measurement.flags & MeasureFlag.FEW_DRAWS
    assert drawn.measurement.length_pix_err == pytest.approx(math.sqrt(2), rel=0.1)


def test_one_draw_that_measures_gives_no_error():
    maps = np.stack([bar_map(), *[np.zeros((96, 96), dtype=np.float32)] * 3])
    drawn = drawn_bar(
        on_pixels, maps[0], Host(), threshold=0.5, drawn_hosts=[Host()] * 4, drawn_maps=maps
    )
    assert math.isnan(drawn.measurement.length_pix_err)
    assert np.isnan(drawn.percentiles["length_pix"]).all()


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_what_is_not_there_has_no_errors_and_keeps_its_flag(value):
    map_ = np.full((96, 96), value, dtype=np.float32)
    drawn = drawn_bar(
        on_pixels, map_, Host(), threshold=0.5, drawn_hosts=[Host()] * 3, drawn_maps=[map_] * 3
    )
    assert drawn.measurement == on_pixels(map_, None)
    assert np.isnan(list(drawn.percentiles.values())).all()


@pytest.mark.parametrize(("n_maps", "n_hosts"), [(3, 4), (1, 1), (None, 1), (None, 0)])
def test_too_few_draws_or_not_as_many_hosts_are_refused(n_maps, n_hosts):
    maps = None if n_maps is None else np.stack([bar_map()] * n_maps)
    with pytest.raises(ShapeError, match="at least two draws and one host"):
        drawn_bar(
            on_pixels,
            bar_map(),
            Host(),
            threshold=0.5,
            drawn_hosts=[Host()] * n_hosts,
            drawn_maps=maps,
        )


def test_a_draw_that_cannot_be_measured_counts_as_one_without_measurement():
    def measure(map_, host):
        if host.redshift:
            raise ShapeError("no")
        return on_pixels(map_, host)

    hosts = [Host(redshift=0.1)] * 3 + [Host()] * 2
    drawn = drawn_bar(measure, bar_map(), Host(), threshold=0.5, drawn_hosts=hosts)
    assert drawn.measurement.flags & MeasureFlag.FEW_DRAWS


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=8), st.floats(0, 179.9))
def test_an_angle_scatters_alike_whichever_way_it_points(turns, angle):
    record = replace(on_pixels(bar_map(), None), position_angle_deg_err=0.0)
    errs, widths = [], []
    for middle in (90.0, angle):
        draws = [replace(record, position_angle_deg=(middle + turn) % 180) for turn in turns]
        spread = spread_of(replace(record, position_angle_deg=middle), draws)
        errs.append(spread.record.position_angle_deg_err)
        low, high = spread.percentiles["position_angle_deg"]
        assert 0 <= low < 180
        widths.append((high - low) % 180)
    assert errs[0] == pytest.approx(errs[1], abs=1e-6)
    assert errs[0] == pytest.approx(np.std(turns, ddof=1), abs=1e-6)
    assert math.remainder(widths[0] - widths[1], 180) == pytest.approx(0, abs=1e-6)


def test_a_field_with_an_error_needs_no_code_of_its_own():
    draws = [Weighed(mass) for mass in (1.0, 2.0, 3.0, 4.0, 5.0)]
    spread = spread_of(Weighed(3.0, 0.0), [*draws, None])
    assert spread.record.mass_err == np.std([1, 2, 3, 4, 5], ddof=1)
    assert spread.percentiles == {"mass": pytest.approx(np.percentile([1, 2, 3, 4, 5], [16, 84]))}
    own = spread_of(Weighed(3.0, 0.5), [Weighed(3.0)] * 4)
    assert own.percentiles == {"mass": (2.5, 3.5)}


def test_arms_are_matched_through_any_order_and_only_with_their_own_winding():
    arms = arms_of(arm_map(n_arms=3)).arms
    moved = arms_of(arm_map(0.1, n_arms=3)).arms
    expected = match_arms(arms, moved, centre_xy=CENTRE)
    assert len({id(arm) for arm in expected}) == 3
    for arm, other in zip(arms, expected, strict=True):
        turn = phase_of(other) - phase_of(arm)
        assert math.remainder(turn, 2 * math.pi) == pytest.approx(0.1, abs=0.03)
    assert match_arms(arms, moved[::-1], centre_xy=CENTRE) == expected
    mirrored = arms_of(arm_map(n_arms=3, mirrored=True)).arms
    assert match_arms(arms, mirrored, centre_xy=CENTRE) == [None] * 3
    assert match_arms(arms, (), centre_xy=CENTRE) == [None] * 3
    assert match_arms((), arms, centre_xy=CENTRE) == []


def test_every_arm_gets_the_scatter_of_its_own_draws():
    pitches = (17.0, 19.0, 20.0, 21.0, 23.0)
    maps = np.stack([arm_map(pitch_deg=pitch) for pitch in pitches])
    drawn = drawn_spiral(arms_of, maps[2], Host(), drawn_hosts=[Host()] * 5, drawn_maps=maps)
    assert len(drawn.parts) == drawn.measurement.n_arms == 2
    for arm, parts in zip(drawn.measurement.arms, drawn.parts, strict=True):
        assert arm.pitch_angle_deg_err == pytest.approx(np.std(pitches, ddof=1), rel=0.15)
        low, high = parts["pitch_angle_deg"]
        assert low < arm.pitch_angle_deg < high
    assert drawn.measurement.pitch_angle_deg_err == pytest.approx(np.std(pitches, ddof=1), rel=0.15)
    assert not drawn.measurement.flags & MeasureFlag.FEW_DRAWS


def test_an_arm_that_most_draws_miss_is_flagged_and_the_other_is_not():
    both = arm_map()
    maps = np.stack([both, both, *[one_arm(0.0)] * 3])
    spiral = drawn_spiral(
        arms_of, both, Host(), drawn_hosts=[Host()] * 5, drawn_maps=maps
    ).measurement
    few = [bool(arm.flags & MeasureFlag.FEW_DRAWS) for arm in spiral.arms]
    assert sorted(few) == [False, True]
    assert spiral.flags & MeasureFlag.FEW_DRAWS


def test_tidal_features_keep_their_draws_apart():
    def map_of(length, other):
        map_ = np.zeros(SKY.shape, dtype=np.float32)
        map_[20:26, 10 : 10 + length] = 1
        map_[70:76, 30 : 30 + other] = 1
        return map_

    def measure(map_, host):
        return measure_tidal(map_, frame=SKY, centre=CENTRE)

    maps = np.stack([map_of(*lengths) for lengths in ((36, 40), (40, 40), (44, 40), (38, 42))])
    drawn = drawn_tidal(
        measure, maps[1], Host(), threshold=0.5, drawn_hosts=[Host()] * 4, drawn_maps=maps
    )
    assert len(drawn.parts) == len(drawn.measurement) == 2
    for feature, parts in zip(drawn.measurement, drawn.parts, strict=True):
        found = [match_tidal([feature], measure(map_, None))[0] for map_ in maps]
        scatter = np.std([one.length_arcsec for one in found], ddof=1)
        (own,) = match_tidal([feature], measure(maps[1], None))
        assert feature.length_arcsec_err == pytest.approx(
            math.hypot(scatter, own.length_arcsec_err)
        )
        assert parts["length_arcsec"][0] < feature.length_arcsec < parts["length_arcsec"][1]


def test_no_tidal_feature_is_no_row():
    def measure(map_, host):
        return measure_tidal(map_, frame=PIXELS)

    empty = np.zeros((96, 96), dtype=np.float32)
    drawn = drawn_tidal(measure, empty, Host(), threshold=0.5, drawn_hosts=[Host()] * 2)
    assert (drawn.measurement, drawn.parts) == ((), ())
