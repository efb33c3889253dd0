"""Arms of known pitch, drawn by simulated volunteers, with the junk that real ones draw."""

import gzip
import json
from functools import partial

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg import ImageFrame
from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.measure import MeasureFlag, measure_spiral_lines
from galseg.measure.crowd_spiral import fit_crowd_spiral
from galseg.measure.deprojection import deprojection_matrix
from galseg.measure.stroke_groups import group_strokes, stroke_distances
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame

CENTRE = (104.3, 97.8)
MIDDLE = (99.5, 99.5)
PIXELS = ImageFrame((200, 200))
measure = partial(measure_spiral_lines, frame=PIXELS, centre=MIDDLE, n_samples=50)


def spiral(pitch_deg, *, start=0.4, turn=2.6, r_inner=15.0, sign=-1, n=50):
    """Right and up of the centre; clockwise going outwards, like the letter S."""
    t = np.linspace(0, turn, n)
    radius = r_inner * np.exp(np.tan(np.radians(pitch_deg)) * t)
    azimuth = start + sign * t
    return radius[:, None] * np.column_stack([np.cos(azimuth), np.sin(azimuth)])


def by_hand(xy, rng, tremble=0.6, offset=1.5):
    """As a hand draws it: beside the arm, trembling, shorter, from either end."""
    n = len(xy)
    wave = np.sin(np.linspace(0, rng.uniform(2, 8), n) + rng.uniform(0, 6))[:, None]
    off = rng.normal(0, offset, 2) + wave * rng.normal(0, tremble, 2)
    part = (xy + off)[rng.integers(0, n // 6) : n - rng.integers(0, n // 6)]
    return part[:: rng.choice([1, -1])]


def crowd(arms, rng, n_volunteers=12, **hand):
    """Lines, and who drew them."""
    lines = [by_hand(arm, rng, **hand) for _ in range(n_volunteers) for arm in arms]
    return lines, np.repeat(np.arange(n_volunteers), len(arms)).tolist()


def two_arms(pitch_deg, **options):
    return [spiral(pitch_deg, start=start, **options) for start in (0.4, 0.4 + np.pi)]


def in_pixels(lines):
    return [line + MIDDLE for line in lines]


def on_sky(frame, lines, disc=None):
    """Lines in arcsec right and up of the centre, to pixels, by astropy alone."""
    centre = frame.to_sky([CENTRE])[0]
    pixels = []
    for line in lines:
        east, north = (line * (-1, 1) if disc is None else line * (-1, 1) @ disc.T).T
        sky = centre.directional_offset_by(
            np.arctan2(east, north) * u.rad, np.hypot(east, north) * u.arcsec
        )
        pixels.append(frame.to_pixel(sky))
    return pixels


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(("sign", "winding"), [(-1, "S"), (1, "Z")])
def test_pitch_winding_and_extent_on_hostile_skies(name, sign, winding):
    frame = hostile_frame(HOSTILE[name])
    lines = on_sky(frame, two_arms(20, r_inner=6, sign=sign) * 3)
    found = measure_spiral_lines(lines, frame=frame, centre=CENTRE, n_samples=20)
    assert (found.n_arms, found.winding) == (2, winding)
    assert found.pitch_angle_deg == pytest.approx(20, abs=0.1)
    r_outer = 6 * np.exp(2.6 * np.tan(np.radians(20)))
    for arm, on_disc in zip(found.arms, found.n_volunteers, strict=True):
        assert on_disc == 3
        assert arm.winding == winding
        assert arm.r_inner_arcsec == pytest.approx(6, rel=0.02)
        assert arm.r_outer_arcsec == pytest.approx(r_outer, rel=0.02)
        length = (r_outer - 6) / np.sin(np.radians(20))
        assert arm.arc_length_arcsec == pytest.approx(length, rel=0.02)
        assert arm.azimuth_deg == pytest.approx(np.degrees(2.6), rel=0.02)
        radius = np.hypot(*frame.to_offsets_arcsec(arm.ridge_xy, CENTRE).T)
        assert np.ptp(radius) == pytest.approx(r_outer - 6, rel=0.02)
    assert found.flags == MeasureFlag.AS_SEEN


@pytest.mark.parametrize("nodes", [0, 55, 130])
def test_pitch_in_an_inclined_disc(nodes):
    frame = hostile_frame(HOSTILE["mirrored and rotated"], shape=(260, 260))
    disc = np.linalg.inv(deprojection_matrix(60, nodes))
    lines = on_sky(frame, two_arms(15, r_inner=12) * 3, disc)
    found = measure_spiral_lines(
        lines, frame=frame, centre=CENTRE, inclination_deg=60, line_of_nodes_deg=nodes, n_samples=20
    )
    assert (found.n_arms, found.winding) == (2, "S")
    assert found.pitch_angle_deg == pytest.approx(15, abs=0.1)
    assert found.flags == 0


def test_a_crowd_of_hands_gives_pitch_and_an_error_that_covers_it():
    rng = np.random.default_rng(1)
    scores = []
    for _ in range(25):
        lines, who = crowd(two_arms(18), rng)
        found = measure(in_pixels(lines), annotator_ids=who)
        assert (found.n_arms, found.winding, found.n_volunteers) == (2, "S", (12, 12))
        scores += [(arm.pitch_angle_deg - 18) / arm.pitch_angle_deg_err for arm in found.arms]
    assert 0.55 < np.mean(np.abs(scores) < 1) < 0.82
    assert abs(np.mean(scores)) < 0.5


def test_junk_is_left_out_with_its_reason_and_changes_nothing():
    rng = np.random.default_rng(2)
    lines, who = crowd(two_arms(20), rng)
    circle = spiral(0.0, turn=2 * np.pi, r_inner=60)
    junk = {
        "too few points": np.array([[0.0, 0.0], [40.0, 9.0]]),
        "jumps over": np.array([[-90.0, -90.0], [0.0, 5.0], [20.0, 30.0], [90.0, 90.0]]),
        "closes on itself": circle,
        "not finite": np.array([[0.0, 1.0], [np.nan, 3.0], [5.0, 5.0], [8.0, 9.0]]),
        "too short": np.linspace((30, 30), (33, 34), 6),
        "drawn here by 1": np.linspace((-90, 80), (90, 85), 30),
    }
    clean = measure(in_pixels(lines), annotator_ids=who)
    dirty = measure(in_pixels([*lines, *junk.values()]), annotator_ids=who + list(range(6)))
    assert dirty.pitch_angle_deg == pytest.approx(clean.pitch_angle_deg, abs=0.3)
    assert dirty.n_arms == clean.n_arms == 2
    for number, reason in enumerate(junk, start=len(lines)):
        assert any(s.line == number and reason in s.reason for s in dirty.rejected), reason
    assert {stroke.line for stroke in dirty.strokes} == set(range(len(lines) + len(junk)))
    assert all(bool(stroke.reason) != bool(stroke.arm_id) for stroke in dirty.strokes)


def test_one_stroke_through_both_arms_comes_apart_at_the_centre():
    rng = np.random.default_rng(3)
    one, other = two_arms(20)
    lines, who = crowd([np.vstack([one[::-1], [[0.0, 0.0]], other])], rng, tremble=0.3, offset=0.5)
    found = measure(in_pixels(lines), annotator_ids=who)
    assert (found.n_arms, found.winding) == (2, "S")
    assert found.pitch_angle_deg == pytest.approx(20, abs=1)


def test_there_and_back_along_an_arm_counts_once():
    rng = np.random.default_rng(4)
    lines, who = crowd(two_arms(20), rng, n_volunteers=5)
    twice = [np.vstack([line, line[-2 : len(line) // 2 : -1]]) for line in lines]
    once = measure(in_pixels(lines), annotator_ids=who)
    found = measure(in_pixels(twice), annotator_ids=who)
    assert found.n_volunteers == (5, 5)
    assert found.pitch_angle_deg == pytest.approx(once.pitch_angle_deg, abs=1)
    assert sum(stroke.arm_id > 0 for stroke in found.strokes) > len(twice)


def test_an_arm_needs_volunteers_not_lines():
    rng = np.random.default_rng(5)
    lines, who = crowd(two_arms(20), rng, n_volunteers=10)
    again = [by_hand(spiral(20, start=2.0), rng) for _ in range(30)]
    found = measure(in_pixels([*lines, *again]), annotator_ids=[*who, *[0] * 30])
    assert found.n_arms == 2
    assert all(arm.probability == 1 for arm in found.arms)
    assert measure(in_pixels(lines), annotator_ids=who, n_asked=40).arms[0].probability == 0.25
    assert measure(in_pixels(lines), annotator_ids=who, n_asked=60).n_arms == 0


def test_the_arms_of_many_turns_keep_their_turns():
    rng = np.random.default_rng(6)
    lines, who = crowd([spiral(8, turn=8.0, r_inner=20, n=150)], rng, tremble=0.3, offset=0.5)
    found = measure(in_pixels(lines), annotator_ids=who)
    assert found.n_arms == 1
    assert found.pitch_angle_deg == pytest.approx(8, abs=0.3)
    assert found.arms[0].azimuth_deg > 360


def test_the_posterior_follows_arms_that_differ():
    rng = np.random.default_rng(7)
    alike = measure(in_pixels(crowd(two_arms(20), rng)[0]))
    differing = [spiral(12), spiral(30, start=0.4 + np.pi, turn=1.8)]
    lines, who = crowd(differing, rng)
    apart = measure(in_pixels(lines), annotator_ids=who, n_samples=4000)
    assert apart.posterior.arm_pitch_deg.shape == (4000, 2)
    assert apart.posterior.arm_scatter_deg.mean() > alike.posterior.arm_scatter_deg.mean()
    pitches = [arm.pitch_angle_deg for arm in apart.arms]
    assert apart.posterior.arm_pitch_deg.mean(axis=0) == pytest.approx(pitches, abs=0.5)


@settings(max_examples=10)
@given(st.floats(0, 360), st.booleans(), st.floats(0.5, 1.5), st.randoms(use_true_random=False))
def test_turned_mirrored_scaled_and_shuffled_lines_give_the_same_arms(angle, flip, scale, random):
    lines, who = crowd(two_arms(20), np.random.default_rng(8), n_volunteers=6)
    turn = np.radians(angle)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.diag([-1.0 if flip else 1.0, 1.0])
    order = random.sample(range(len(lines)), len(lines))
    moved = [(line @ matrix.T)[:: random.choice([1, -1])] for line in lines]
    one = measure(in_pixels(lines), annotator_ids=who)
    other = measure(
        in_pixels([moved[n] for n in order]), annotator_ids=[f"volunteer {who[n]}" for n in order]
    )
    assert other.winding == ("Z" if flip else "S")
    assert other.n_volunteers == one.n_volunteers
    assert other.pitch_angle_deg == pytest.approx(one.pitch_angle_deg, abs=0.2)


HOSTILE_LINES = {
    "none": [],
    "empty": [np.empty((0, 2))],
    "a point": [[[5.0, 5.0]]],
    "one point often": [np.full((9, 2), 7.0)],
    "on the centre": [np.tile(MIDDLE, (9, 1))],
    "missing": [np.full((9, 2), np.nan)],
    "far away": [np.linspace((1e12, 0), (1e12, 9), 9)],
}


@pytest.mark.parametrize("name", HOSTILE_LINES)
@pytest.mark.parametrize("frame", [PIXELS, hostile_frame({"projection": "SIN"})])
def test_nothing_usable_is_flagged(name, frame):
    found = measure_spiral_lines(HOSTILE_LINES[name] * 5, frame=frame)
    assert found.flags & MeasureFlag.EMPTY
    assert found.flags & MeasureFlag.CENTRE_ASSUMED
    assert (found.n_arms, found.winding, found.posterior) == (0, "", None)
    assert np.isnan(found.pitch_angle_deg)
    assert len(found.rejected) == 5 * len(HOSTILE_LINES[name])


@pytest.mark.parametrize(
    "lines",
    [
        np.random.default_rng(0).uniform(0, 199, (30, 40, 2)),
        np.cumsum(np.random.default_rng(1).normal(0, 3, (30, 80, 2)), axis=1) + 99,
        np.linspace((0, 20), (199, 30), 50)[None] + np.arange(30)[:, None, None],
        np.tile(np.linspace((60, 99.5), (180, 99.5), 50), (6, 1, 1)),
    ],
    ids=["white noise", "wandering", "across the page", "a radius"],
)
def test_lines_that_are_no_arms_give_a_record(lines):
    found = measure(list(lines))
    assert all(np.isfinite(arm.pitch_angle_deg) for arm in found.arms)
    assert np.isnan(found.pitch_angle_deg) == (found.n_arms == 0)


def test_an_arm_that_leaves_the_image_is_flagged():
    lines, who = crowd([spiral(25, turn=4.8)], np.random.default_rng(9), offset=0.3)
    assert measure(in_pixels(lines), annotator_ids=who).flags & MeasureFlag.TOUCHES_EDGE


def test_distances_are_those_of_a_plain_loop():
    rng = np.random.default_rng(10)
    strokes = [rng.normal(size=(n, 2)) for n in (3, 7, 5)]

    def one_way(a, b):
        return np.mean([min(np.hypot(*(p - q)) for q in b) for p in a])

    expected = [[(one_way(a, b) + one_way(b, a)) / 2 for b in strokes] for a in strokes]
    assert stroke_distances(strokes) == pytest.approx(np.array(expected))


def test_a_stroke_between_two_arms_does_not_draw_them_together():
    rows = [
        np.column_stack([np.arange(20.0), np.full(20, y)]) for y in (0, 0, 0, 1, 8, 8, 8, 9, 4.5)
    ]
    groups = group_strokes(rows, 4)
    assert len(set(groups[:4])) == len(set(groups[4:8])) == 1
    assert groups[0] != groups[4]


def test_offsets_do_not_tilt_the_spiral():
    # Each volunteer draws another part of the arm, the outer ones further out.
    azimuth = np.linspace(0, 4, 80)
    strokes = []
    for number in range(8):
        part = slice(5 * number, 5 * number + 40)
        radius = np.exp(0.3 * azimuth[part] + 0.01 * number)
        unit = np.column_stack([np.cos(azimuth[part]), np.sin(azimuth[part])])
        strokes.append(radius[:, None] * unit)
    fit = fit_crowd_spiral(strokes, range(8), rng=np.random.default_rng(0))
    assert fit.spiral.slope == pytest.approx(0.3, abs=0.005)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lines": [np.zeros((5, 3))]}, ShapeError, r"line 0 .*\(5, 3\)"),
        ({"annotator_ids": ["a", "b"]}, ShapeError, "1 lines, 2 names"),
        ({"min_fraction": 1.2}, ConfigError, "min_fraction"),
        ({"max_distance": 0}, ConfigError, "max_distance"),
        ({"max_jump": 0}, ConfigError, "max_jump"),
        ({"min_points": 1}, ConfigError, "min_points"),
        ({"n_asked": 0}, ConfigError, "1 volunteers"),
        ({"inclination_deg": 40}, ConfigError, "both"),
        ({"inclination_deg": 40, "line_of_nodes_deg": 0}, FrameError, "north"),
        ({"centre": (np.nan, 3)}, ConfigError, "centre"),
    ],
)
def test_bad_arguments_are_refused(options, error, message):
    given_ = {"lines": [spiral(20)], "frame": PIXELS, **options}
    with pytest.raises(error, match=message):
        measure_spiral_lines(given_.pop("lines"), **given_)


def test_a_real_galaxy_winds_as_in_the_catalogue(shared_data):
    with gzip.open(shared_data / "galaxy-builder" / "drawings.json.gz") as file:
        record = next(r for r in json.load(file) if r["subject_id"] == 20902077)
    entries = record["classifications"]
    found = measure_spiral_lines(
        [line for entry in entries for line in entry["spirals"]],
        frame=ImageFrame((record["height"], record["width"])),
        annotator_ids=[e["classification_id"] for e in entries for _ in e["spirals"]],
    )
    assert (found.n_arms, found.winding) == (2, "Z")  # 14 and 18 degrees in the disc, both positive
    assert min(found.n_volunteers) > 10
    assert {stroke.line for stroke in found.strokes} == set(range(sum(
        len(entry["spirals"]) for entry in entries
    )))  # fmt: skip
