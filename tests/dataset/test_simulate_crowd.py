"""Simulated volunteers: steady and shaky hands, junk, and those who draw nothing."""

import numpy as np
import pytest
import shapely

from galseg.dataset.simulate import (
    simulate_annotations,
    simulate_classifications,
    simulate_galaxy,
)
from galseg.dataset.simulate.strokes import junk, trace
from galseg.dataset.simulate.volunteers import Volunteer
from galseg.errors import ConfigError, FeatureError
from galseg.geometry import enclosed_by_stroke


@pytest.fixture(scope="module")
def galaxies():
    kinds = ("barred spiral", "spiral", "barred disc", "elliptical", "blank")
    return [
        simulate_galaxy(s, shape=(120, 140), morphology=kinds[s % 5], tidal=()) for s in range(10)
    ]


@pytest.fixture(scope="module")
def classifications(galaxies):
    return simulate_classifications(galaxies, seed=3)


def iou(one, two):
    return one.intersection(two).area / one.union(two).area


def mean_iou(skill, galaxy, *, careless=False):
    """Of the bars that volunteers of one skill draw, with the true one."""
    rng = np.random.default_rng(0)
    volunteer = Volunteer("ann", skill, careless=careless)
    (bar,) = galaxy.outlines["bar"]
    drawn = [s.xy for _ in range(60) for s in volunteer.draw(rng, galaxy, ["bar"])]
    return np.mean([iou(enclosed_by_stroke(xy), bar) for xy in drawn])


def test_skill_brings_drawings_closer_to_the_truth():
    galaxy = simulate_galaxy(1002, shape=(144, 160), morphology="barred disc", tidal=())
    low, high = mean_iou(0.2, galaxy), mean_iou(1.0, galaxy)
    assert mean_iou(0.2, galaxy, careless=True) < low < high
    assert 0.5 < high < 0.95


def test_faint_structures_are_missed_more_often():
    galaxies = [
        simulate_galaxy(s, shape=(64, 64), morphology="barred disc", tidal=()) for s in range(40)
    ]
    galaxies.sort(key=lambda galaxy: galaxy.truth.bar.contrast)
    rng = np.random.default_rng(0)
    volunteer = Volunteer("ann", 1.0)

    def share_found(of):
        return np.mean([bool(volunteer.draw(rng, g, ["bar"])) for g in of for _ in range(20)])

    assert share_found(galaxies[:8]) < share_found(galaxies[-8:]) - 0.1


def test_the_same_seed_gives_the_same_strokes(galaxies, classifications):
    again = simulate_classifications(galaxies, seed=3)
    assert [c.created_at for c in again] == [c.created_at for c in classifications]
    for one, two in zip(classifications, again, strict=True):
        assert len(one.strokes) == len(two.strokes)
        for a, b in zip(one.strokes, two.strokes, strict=True):
            np.testing.assert_array_equal(a.xy, b.xy)


def test_every_volunteer_looks_at_every_galaxy_and_some_twice(galaxies, classifications):
    pairs = {(c.subject_id, c.annotator_id) for c in classifications}
    assert len(pairs) == 15 * len(galaxies) < len(classifications)
    anonymous = {name for _, name in pairs if name.startswith("not-logged-in-")}
    assert len(anonymous) == 2


def test_on_an_empty_sky_most_draw_nothing(galaxies, classifications):
    blank = {g.galaxy_id for g in galaxies if g.truth.morphology == "blank"}
    drew = [bool(c.strokes) for c in classifications if c.subject_id in blank]
    assert 0 < np.mean(drew) < 0.5


def test_annotations_keep_the_good_and_list_the_junk(galaxies):
    annotations = simulate_annotations(galaxies, seed=3)
    assert len(annotations.classifications) == 15 * len(galaxies)
    assert shapely.is_valid(np.array(annotations.marks["geometry"])).all()
    assert annotations.repaired["reason"].str.startswith("self-crossing").any()
    assert annotations.rejected["reason"].str.startswith("too few points").any()


def test_only_what_is_asked_about_is_drawn(galaxies):
    done = simulate_classifications(galaxies[:2], n_volunteers=4, n_careless=2, features=["bar"])
    assert {c.features for c in done} == {("bar",)}
    assert {s.feature for c in done for s in c.strokes} == {"bar"}


def test_a_steady_hand_follows_the_outline():
    rng = np.random.default_rng(1)
    circle = shapely.Point(50, 40).buffer(20, quad_segs=64)
    stroke = trace(rng, circle, wobble_pix=0.0, step_pix=3.0)
    assert np.hypot(*(stroke - (50, 40)).T) == pytest.approx(20, abs=0.02)
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    assert steps == pytest.approx(3.0, rel=0.05)
    wide = trace(rng, circle, wobble_pix=0.0, step_pix=3.0, swell_pix=2.0)
    assert np.hypot(*(wide - (50, 40)).T)[1:-1] == pytest.approx(22, abs=0.05)


def test_a_shaky_hand_wobbles_smoothly_by_what_is_asked():
    rng = np.random.default_rng(2)
    circle = shapely.Point(0, 0).buffer(100, quad_segs=64)
    strokes = [trace(rng, circle, wobble_pix=3.0, step_pix=3.0) for _ in range(50)]
    off = np.concatenate([np.hypot(*s.T) - 100 for s in strokes])
    assert off.std() == pytest.approx(3.0, rel=0.2)
    # From vertex to vertex the hand moves by far less: this is no white noise.
    jumps = np.concatenate([np.diff(np.hypot(*s.T)) for s in strokes])
    assert jumps.std() < 0.2 * off.std()


def test_an_overshot_stroke_draws_its_beginning_again():
    rng = np.random.default_rng(3)
    circle = shapely.Point(0, 0).buffer(50)
    closed, over = (
        len(trace(rng, circle, wobble_pix=1.0, step_pix=2.0, overshoot=o)) for o in (0, 0.1)
    )
    assert over == pytest.approx(1.1 * closed, abs=1)


def test_junk_of_every_kind_stays_near_the_page():
    rng = np.random.default_rng(4)
    strokes = [junk(rng, (100, 140)) for _ in range(40)]
    assert {len(s) for s in strokes} >= {2, 30, 40}
    assert all(np.isfinite(s).all() for s in strokes)


@pytest.mark.parametrize("numbers", [(0, 0), (3, 4), (3, -1)])
def test_crowds_that_cannot_be_are_refused(galaxies, numbers):
    with pytest.raises(ConfigError, match="n_volunteers"):
        simulate_classifications(galaxies, n_volunteers=numbers[0], n_careless=numbers[1])


def test_features_that_are_not_simulated_are_refused(galaxies):
    with pytest.raises(FeatureError, match="no 'bulge' is simulated"):
        simulate_classifications(galaxies, features=["bar", "bulge"])
