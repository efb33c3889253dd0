"""The consensus of one subject, from who was asked to every table."""

import numpy as np
import pandas as pd
import pytest

from galseg.annotations import AnnotationBuilder
from galseg.consensus import build_consensus, find_instances
from galseg.errors import ConfigError, FeatureError, ShapeError, SubjectError
from galseg.frame import ImageFrame

FRAME = ImageFrame((48, 64))
SQUARE = [(9.5, 9.5), (29.5, 9.5), (29.5, 19.5), (9.5, 19.5)]


@pytest.fixture
def annotations():
    """Three asked about bars and arms, of whom two drew; a fourth only about clumps."""
    builder = AnnotationBuilder()
    size = {"width": 64, "height": 48}
    for name in ("ann", "bob", "cid"):
        builder.classify(
            subject_id="s1",
            annotator_id=name,
            classification_id=name,
            features=["bar", "spiral_arm"],
            **size,
        )
    builder.classify(
        subject_id="s1", annotator_id="dee", classification_id="dee", features=["clump"], **size
    )
    builder.classify(
        subject_id="s2", annotator_id="ann", classification_id="7", features=["bar"], **size
    )
    for name in ("ann", "ann", "bob"):  # ann twice
        builder.area(classification_id=name, feature="bar", xy=SQUARE)
    builder.line(classification_id="bob", feature="spiral_arm", xy=[(5, 30), (45, 30)], width_pix=4)
    builder.subject(subject_id="s1", galaxy_id="NGC 1")
    return builder.build()


def build(annotations, **options):
    options = {"frame": FRAME, "features": ["bar", "spiral_arm", "tidal"], **options}
    return build_consensus(annotations, "s1", **options)


def test_counts_of_asked_marked_and_votes(annotations):
    consensus = build(annotations)
    np.testing.assert_array_equal(consensus.n_asked, [3, 3, 0])
    np.testing.assert_array_equal(consensus.n_marked, [2, 1, 0])
    assert consensus.votes[0].sum() == 2 * 20 * 10
    assert consensus.votes[0].max() == 2
    assert consensus.votes[1].sum() == 39 * 3  # 4 px wide, centres on the edge left out
    assert consensus.galaxy_id == "NGC 1"


def test_not_asked_is_not_a_number_and_asked_in_vain_is_zero(annotations):
    assert np.isnan(build(annotations).of("tidal")).all()
    empty = build_consensus(annotations, "s2", frame=FRAME, features=["bar"])
    assert empty.n_asked[0] == 1
    assert (empty.of("bar") == 0).all()


def test_the_fraction_counts_those_who_drew_nothing(annotations):
    fraction = build(annotations).of("bar")
    assert fraction.dtype == np.float32
    np.testing.assert_allclose(np.unique(fraction), [0, 2 / 3], rtol=1e-6)


def test_a_projects_own_feature_is_known_by_its_annotations(annotations):
    assert build(annotations, features=["clump"]).n_asked[0] == 1


def test_tables_of_agreement_and_volunteers(annotations):
    consensus = build(annotations)
    agreement = consensus.agreement.set_index("feature")
    assert agreement.loc["bar", "mean_pairwise_iou"] == pytest.approx(1 / 3)
    assert agreement.loc[["bar", "tidal"], "n_asked"].tolist() == [3, 0]
    assert np.isnan(agreement.loc["tidal", "split_half_iou"])
    expected = pd.DataFrame(
        {
            "annotator_id": ["ann", "bob", "cid"],
            "feature": "bar",
            "marked": [True, True, False],
            "skill": np.nan,
            "mean_iou": [0.5, 0.5, 0],
        }
    )
    bars = consensus.volunteers[consensus.volunteers["feature"] == "bar"]
    pd.testing.assert_frame_equal(bars, expected)


@pytest.mark.parametrize("method", ["weighted", "staple"])
def test_other_methods_keep_the_votes_and_report_skill(annotations, method):
    if method == "staple":
        pytest.importorskip("SimpleITK", reason="needs the extra galseg[staple]")
    plain, other = build(annotations), build(annotations, method=method)
    np.testing.assert_array_equal(other.votes, plain.votes)
    np.testing.assert_allclose(other.fraction, plain.fraction, atol=1e-6)  # two who agree
    assert other.method == method


def test_skill_is_reported_by_volunteer(annotations):
    volunteers = build(annotations, method="weighted").volunteers
    bars = volunteers[volunteers["feature"] == "bar"].set_index("annotator_id")
    np.testing.assert_allclose(bars["skill"], [1, 1, np.nan])


def test_instances_are_those_of_each_feature_or_left_out(annotations):
    marks = annotations.subject("s1").marks
    found = build(annotations).instances
    assert build(annotations, find_instances=False).instances == ()
    bars = find_instances(marks[marks["feature"] == "bar"], feature="bar", frame=FRAME, n_asked=3)
    assert [i.n_marked for i in found if i.feature == "bar"] == [i.n_marked for i in bars]


@pytest.mark.parametrize(
    ("error", "message", "changes"),
    [
        (FeatureError, "did you mean 'bar'", {"features": ["bars"]}),
        (ConfigError, "did you mean 'weighted'", {"method": "weigthed"}),
        (
            ShapeError,
            "64 px wide and 48 px high; give the frame",
            {"frame": ImageFrame((64, 48))},
        ),
    ],
)
def test_what_does_not_fit_is_refused(annotations, error, message, changes):
    with pytest.raises(error, match=message):
        build(annotations, **changes)


def test_an_unknown_subject_is_refused(annotations):
    with pytest.raises(SubjectError, match="'s9'"):
        build_consensus(annotations, "s9", frame=FRAME)
