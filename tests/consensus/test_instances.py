"""Separate arms, matched across volunteers."""

from time import process_time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg.annotations import read_annotations
from galseg.consensus.areas import mark_areas
from galseg.consensus.instances import find_instances
from galseg.consensus.matching import NO_MATCH, comparable_areas, match_marks
from galseg.errors import ConfigError
from galseg.frame import ImageFrame
from galseg.geometry import polygon_mask
from tests.consensus.drawn_arms import SHAPE, as_area, by_hand, draw_arms, spiral, table

FRAME = ImageFrame(SHAPE)


def find(rows, *, n_asked=15, **options):
    return find_instances(
        table(rows), feature="spiral_arm", frame=FRAME, n_asked=n_asked, **options
    )


def iou(one, other):
    return one.intersection(other).area / one.union(other).area


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("areas", [False, True])
@pytest.mark.parametrize("turns", [(0.0,), (0.0, np.pi), (0.0, 2.1, 4.2)])
def test_every_arm_that_all_drew_is_one_instance(rng, turns, areas):
    arms = find(draw_arms(rng, turns=turns, areas=areas))
    assert [arm.n_marked for arm in arms] == [12] * len(turns)
    for turn in turns:
        line = shapely.LineString(spiral(turn))
        truth = as_area(line) if areas else line.buffer(2.5, cap_style="flat")
        assert max(iou(arm.outline, truth) for arm in arms) > 0.55


def test_votes_and_outline_are_those_of_who_drew_it(rng):
    rows = draw_arms(rng, areas=True)
    arm, _ = find(rows)
    masks = {}
    for name, area in rows:
        if area.intersects(arm.outline):
            masks[name] = masks.get(name, False) | polygon_mask(area, SHAPE)
    expected = sum(mask.astype(int) for mask in masks.values())
    y, x = arm.origin_yx
    h, w = arm.votes.shape
    np.testing.assert_array_equal(arm.votes, expected[y : y + h, x : x + w])
    assert arm.votes.sum() == expected.sum()
    assert arm.annotator_ids == tuple(sorted(masks))
    np.testing.assert_array_equal(polygon_mask(arm.outline, SHAPE), expected >= 6)


@pytest.mark.parametrize("areas", [False, True])
def test_an_arm_drawn_in_two_pieces_joins(rng, areas):
    rows = draw_arms(rng, areas=areas)
    pieces = [by_hand(spiral(0, start=a, stop=b), rng) for a, b in ((0, 0.45), (0.5, 1))]
    rows += [("patchy", as_area(piece) if areas else piece) for piece in pieces]
    arms = find(rows)
    assert [arm.n_marked for arm in arms] == [13, 12]
    assert "patchy" in arms[0].annotator_ids


def test_an_outline_about_both_arms_does_not_join_them(rng):
    rows = draw_arms(rng, areas=True)
    both = shapely.union_all([as_area(shapely.LineString(spiral(t))) for t in (0, np.pi)])
    around = both.buffer(6).buffer(-4)
    rows += [("lumper", around), ("lumper2", both.convex_hull)]
    assert [arm.n_marked for arm in find(rows)] == [12, 12]


def test_junk_is_no_instance(rng):
    junk = [
        ("j1", shapely.LineString(rng.uniform(5, 120, (6, 2)))),
        ("j2", shapely.LineString([(2, 2), (125, 120)])),
        ("j3", shapely.box(2, 2, 124, 125)),
        ("j4", shapely.box(100, 5, 110, 9)),
    ]
    assert [arm.n_marked for arm in find(draw_arms(rng) + junk, n_asked=20)] == [12, 12]
    assert find(junk, n_asked=20) == ()


def test_a_box_about_the_bar_is_no_second_bar():
    bars = [(f"v{k}", shapely.box(40 + k, 60, 90 - k, 68 + k % 3)) for k in range(8)]
    boxes = [(f"b{k}", shapely.box(10 + k, 10, 118, 115 - k)) for k in range(4)]
    assert [bar.n_marked for bar in find(bars + boxes)] == [8]


def test_who_draws_an_arm_twice_counts_once(rng):
    rows = draw_arms(rng, turns=(0.0,))
    rows += [(name, by_hand(spiral(0), rng)) for name, _ in rows]
    (arm,) = find(rows)
    assert arm.n_marked == 12
    assert arm.votes.max() <= 12


def test_one_expert_is_believed(rng):
    rows = draw_arms(rng, n_volunteers=1)
    assert [arm.n_marked for arm in find(rows, n_asked=1)] == [1, 1]
    assert find(rows, n_asked=2) == ()


@pytest.mark.parametrize(("n_drew", "n_found"), [(2, 1), (3, 2)])
def test_a_share_of_those_who_marked_is_needed(rng, n_drew, n_found):
    rows = draw_arms(rng, turns=(0.0,), n_volunteers=12)
    rows += draw_arms(rng, turns=(np.pi,), n_volunteers=n_drew)
    assert len(find(rows, min_asked_share=0.0)) == n_found


def test_a_share_of_those_who_were_asked_is_needed(rng):
    rows = draw_arms(rng, n_volunteers=4)
    assert len(find(rows, n_asked=26)) == 2
    assert find(rows, n_asked=27) == ()


def test_spread_is_the_mean_distance_between_edges():
    squares = [(f"v{k}", shapely.box(20.5 - k, 20.5 - k, 60.5 + k, 60.5 + k)) for k in (0, 2, 4)]
    (square,) = find(squares)
    # The outline is the middle square; the others' edges run two pixels in and out of it.
    assert square.spread_pix == pytest.approx(2.0, abs=0.3)


def test_thin_lines_far_apart_have_no_outline():
    lines = [(f"v{k}", shapely.LineString([(10, 20 + 7 * k), (110, 20 + 7 * k)])) for k in range(3)]
    (line,) = find_instances(
        table(lines).assign(line_width_pix=1.5), feature="tidal", frame=FRAME, n_asked=3
    )
    assert line.outline.is_empty
    assert np.isnan(line.spread_pix)
    assert line.votes.max() == 1


def test_points_match_within_their_discs():
    at = [("a", 30, 30), ("b", 32, 31), ("c", 29, 29), ("c", 90, 90), ("a", 88, 91)]
    stars = find([(name, shapely.Point(x, y)) for name, x, y in at], n_asked=3)
    assert [star.n_marked for star in stars] == [3, 2]


def test_no_marks_give_no_instances():
    assert find([]) == ()


def test_shares_must_be_shares():
    with pytest.raises(ConfigError, match="min_asked_share"):
        find([], min_asked_share=3)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_the_marks_does_not_matter(random, areas):
    rows = draw_arms(np.random.default_rng(5), n_volunteers=5, areas=areas)
    expected = find(rows)
    shuffled = rows.copy()
    random.shuffle(shuffled)
    for one, other in zip(expected, find(shuffled), strict=True):
        assert one.annotator_ids == other.annotator_ids
        assert one.origin_yx == other.origin_yx
        np.testing.assert_array_equal(one.votes, other.votes)


@settings(max_examples=20)
@given(st.floats(0.05, 50), st.floats(-300, 300), st.floats(0, 360))
def test_matching_does_not_depend_on_scale_and_place(scale, shift, turn_deg):
    marks = table(draw_arms(np.random.default_rng(6), n_volunteers=6))
    who = marks["annotator_id"].astype("category").cat.codes.to_numpy()
    turned = shapely.affinity.rotate(
        shapely.GeometryCollection(list(marks["geometry"])), turn_deg, origin=(64, 64)
    )
    moved = shapely.transform(turned, lambda xy: xy * scale + shift)
    other = marks.assign(geometry=list(moved.geoms), line_width_pix=marks["line_width_pix"] * scale)
    label = match_marks(comparable_areas(marks), who)
    np.testing.assert_array_equal(match_marks(comparable_areas(other), who), label)
    assert (label != NO_MATCH).all()


def test_labels_do_not_mix_volunteers_marks_that_only_touch():
    rows = [shapely.box(0, 0, 10, 3), shapely.box(10, 0, 20, 3)]
    np.testing.assert_array_equal(match_marks(rows, [0, 1]), [NO_MATCH, NO_MATCH])


def test_thirty_volunteers_take_little_time(rng):
    rows = draw_arms(rng, n_volunteers=30, turns=(0.0, 2.1, 4.2), areas=True)
    find(rows, n_asked=30)
    start = process_time()
    find(rows, n_asked=30)
    assert process_time() - start < 0.5  # ten times what it takes on an idle core


@pytest.mark.slow
def test_two_crowds_count_the_same_real_arms(shared_data):
    """73 galaxies of Galaxy Builder, each drawn by two crowds of about 30."""
    annotations = read_annotations(shared_data / "galaxy-builder" / "drawings.json.gz")
    marks = annotations.marks[annotations.marks["feature"] == "spiral_arm"]
    n_arms = {}
    for subject_id, looks in annotations.classifications.groupby("subject_id"):
        frame = ImageFrame((int(looks["height"].iloc[0]), int(looks["width"].iloc[0])))
        drawn = marks[marks["subject_id"] == subject_id]
        arms = find_instances(drawn, feature="spiral_arm", frame=frame, n_asked=len(looks))
        n_arms[subject_id] = len(arms)
        for arm in arms:
            assert arm.outline.area > 0
            assert arm.spread_pix < 0.15 * max(frame.shape)
    counts = annotations.subjects.assign(n=annotations.subjects["subject_id"].map(n_arms))
    crowds = np.array([n for _, n in counts.groupby("galaxy_id")["n"] if len(n) == 2])
    assert len(crowds) == 73
    assert (crowds[:, 0] == crowds[:, 1]).mean() > 0.55  # 0.62 when the defaults were chosen
    assert counts["n"].max() <= 5


def test_real_areas_are_matched(shared_data):
    annotations = read_annotations(shared_data / "gz3d-drawings", "gz3d")
    marks = annotations.subject("1-304336").marks
    drawn = marks[marks["feature"] == "spiral_arm"]
    arms = find_instances(drawn, feature="spiral_arm", frame=ImageFrame((525, 525)), n_asked=15)
    assert 2 <= len(arms) <= 6
    total = sum(polygon_mask(area, (525, 525)).astype(int) for area in mark_areas(drawn))
    for arm in arms:
        (y, x), (h, w) = arm.origin_yx, arm.votes.shape
        assert (arm.votes <= total[y : y + h, x : x + w]).all()
