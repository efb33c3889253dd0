"""Scale bars and arrows against astropy's separations and position angles."""

import astropy.units as u
import numpy as np
import pytest
from matplotlib.figure import Figure

from galseg.report.sky_marks import add_compass, add_scale_bars, round_length
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame


def axes_of(frame):
    axes = Figure().add_subplot()
    ny, nx = frame.shape
    axes.set(xlim=(-0.5, nx - 0.5), ylim=(-0.5, ny - 0.5))
    return axes


@pytest.mark.parametrize("options", HOSTILE.values(), ids=HOSTILE)
def test_arrows_point_north_and_east(options):
    frame = hostile_frame(options)
    axes = axes_of(frame)
    add_compass(axes, frame)
    middle = frame.to_sky([frame.centre_xy])[0]
    arrows = [note for note in axes.texts if note.get_text() == ""]
    letters = [note for note in axes.texts if note.get_text()]
    assert [note.get_text() for note in letters] == ["E", "N"]
    lengths = []
    for arrow, letter, angle in zip(arrows, letters, (90, 0), strict=True):
        start, tip = np.array(arrow.xyann), np.array(arrow.xy)
        step = tip - start
        end = frame.to_sky([frame.centre_xy + 0.2 * step])[0]
        off = (middle.position_angle(end).deg - angle + 180) % 360 - 180
        assert abs(off) < 0.2
        assert step @ (np.array(letter.get_position()) - tip) > 0
        lengths.append(middle.separation(end).arcsec)
        for point in (start, tip, letter.get_position()):
            assert np.all((np.array(point) > 0) & (np.array(point) < np.array(frame.shape[::-1])))
    assert lengths[0] == pytest.approx(lengths[1], rel=0.01)


@pytest.mark.parametrize("options", HOSTILE.values(), ids=HOSTILE)
def test_scale_bars_are_as_long_as_they_say(options):
    frame = hostile_frame(options)
    axes = axes_of(frame)
    add_scale_bars(axes, frame, kpc_per_arcsec=0.6)
    for line, note, unit in zip(axes.lines, axes.texts, (1.0, 0.6), strict=True):
        half = np.ptp(line.get_xdata()) / 2 * np.array([1, 0])
        ends = frame.to_sky([frame.centre_xy - half, frame.centre_xy + half])
        said = float(note.get_text().rstrip("″ kpc")) / unit
        assert ends[0].separation(ends[1]).to_value(u.arcsec) == pytest.approx(said, rel=2e-3)


def test_without_a_distance_there_is_no_bar_in_kpc():
    frame = hostile_frame({})
    axes = axes_of(frame)
    add_scale_bars(axes, frame, kpc_per_arcsec=float("nan"))
    assert [note.get_text() for note in axes.texts] == ["20″"]


@pytest.mark.parametrize("largest", np.geomspace(1e-4, 1e4, 25))
def test_round_lengths_are_at_least_two_fifths_of_what_fits(largest):
    length = round_length(largest)
    assert 0.4 * largest <= length <= largest * (1 + 1e-9)
    assert f"{length:e}"[0] in "125"
    assert float(f"{length:.0e}") == pytest.approx(length)
