"""One classification a volunteer and subject, and a row for every mark that came."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from galseg.annotations import AnnotationBuilder
from galseg.errors import FeatureError, FormatError, ShapeError

TRIANGLE = [(9, 9), (50, 9), (50, 20)]
BOWTIE = [(10, 10), (40, 30), (40, 10), (10, 30)]


def classify(builder, classification_id, **changed):
    builder.classify(
        **{
            "subject_id": "s1",
            "annotator_id": "ann",
            "classification_id": classification_id,
            "features": ["bar", "spiral_arm"],
            "width": 64,
            "height": 48,
            "created_at": "2024-05-01 12:00:00",
        }
        | changed
    )


def draw(builder, classification_id, xy=TRIANGLE):
    builder.area(classification_id=classification_id, feature="bar", xy=xy)


def test_who_looked_and_drew_nothing_is_kept():
    builder = AnnotationBuilder()
    classify(builder, "1")
    annotations = builder.build()
    assert len(annotations.marks) == 0
    assert annotations.classifications["features"].tolist() == [("bar", "spiral_arm")]
    assert annotations.subjects.to_numpy().tolist() == [["s1", "s1", ""]]


def test_every_mark_is_kept_repaired_or_rejected():
    builder = AnnotationBuilder()
    classify(builder, "1")
    draw(builder, "1")
    draw(builder, "1", BOWTIE)
    draw(builder, "1", BOWTIE[:2])
    builder.line(classification_id="1", feature="spiral_arm", xy=TRIANGLE, width_pix=3)
    builder.point(classification_id="1", feature="bar", xy=(5, 6), radius_pix=2)
    builder.shape(classification_id="1", feature="bar", geometry=shapely.box(5, 5, 9, 9))
    builder.reject(classification_id="1", feature="", reason="no tool")
    annotations = builder.build()
    assert annotations.marks["line_width_pix"].fillna(-1).tolist() == [-1, -1, 3, 4, -1]
    assert shapely.is_valid(annotations.marks["geometry"].to_numpy()).all()
    repaired = annotations.repaired.iloc[0]
    assert repaired["geometry"].equals(shapely.LineString(BOWTIE))
    assert repaired["reason"].startswith("self-crossing")
    assert annotations.rejected["reason"].str.slice(0, 10).tolist() == ["too few po", "no tool"]


def test_the_later_classification_replaces_the_earlier_whichever_is_read_first():
    for order in (["1", "2"], ["2", "1"]):
        builder = AnnotationBuilder()
        for name in order:
            classify(builder, name, created_at=f"2024-05-0{name}")
            draw(builder, name)
            draw(builder, name, BOWTIE[:2])
        annotations = builder.build()
        assert annotations.marks["classification_id"].tolist() == ["2"]
        assert annotations.rejected["classification_id"].tolist() == ["2"]


@pytest.mark.parametrize("times", [("2024-05-01",) * 2, (None, None), ("2024-05-01", None)])
def test_without_a_later_time_the_later_call_counts(times):
    builder = AnnotationBuilder()
    for name, time in zip("12", times, strict=True):
        classify(builder, name, created_at=time)
    assert builder.build().classifications["classification_id"].tolist() == ["2"]


def test_times_are_compared_across_zones():
    builder = AnnotationBuilder()
    classify(builder, "1", created_at="2024-05-01 12:00:00+00:00")
    classify(builder, "2", created_at="2024-05-01 12:30:00+01:00")
    row = builder.build().classifications.iloc[0]
    assert row["classification_id"] == "1"
    assert row["created_at"] == pd.Timestamp("2024-05-01 12:00", tz="UTC")


looks = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("st"), st.integers(0, 99)),
    unique_by=lambda look: look[2],
)


@given(looks)
def test_what_is_kept_is_the_latest_of_each_volunteer_and_subject(looks):
    builder = AnnotationBuilder()
    for annotator, subject, hour in looks:
        classify(
            builder,
            str(hour),
            annotator_id=annotator,
            subject_id=subject,
            created_at=np.datetime64("2024-05-01") + np.timedelta64(hour, "h"),
        )
        draw(builder, str(hour))
    table = pd.DataFrame(looks, columns=["annotator", "subject", "hour"])
    expected = set(table.groupby(["annotator", "subject"])["hour"].max().astype(str))
    annotations = builder.build()
    assert set(annotations.classifications["classification_id"]) == expected
    assert set(annotations.marks["classification_id"]) == expected


def test_the_first_word_on_a_subject_counts():
    builder = AnnotationBuilder()
    classify(builder, "1")
    builder.subject(subject_id="s1", galaxy_id="NGC 1", image="1.fits")
    builder.subject(subject_id="s1", galaxy_id="NGC 2")
    builder.subject(subject_id="never seen", galaxy_id="NGC 3")
    assert builder.build().subjects.to_numpy().tolist() == [["s1", "NGC 1", "1.fits"]]


def test_an_empty_builder_builds_an_empty_set():
    assert AnnotationBuilder().build().subject_ids == ()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"width": 0}, ShapeError),
        ({"features": ["Bar!"]}, FeatureError),
        ({"created_at": "soon"}, FormatError),
        ({"created_at": "2999-01-01"}, FormatError),
        ({"classification_id": "1"}, FormatError),
    ],
)
def test_bad_classifications_are_refused(changed, error):
    builder = AnnotationBuilder()
    classify(builder, "1")
    with pytest.raises(error):
        classify(builder, **{"classification_id": "2"} | changed)


def test_a_mark_needs_a_classification_that_asked_for_it():
    builder = AnnotationBuilder()
    classify(builder, "1")
    with pytest.raises(ShapeError, match="classify"):
        draw(builder, "2")
    with pytest.raises(FeatureError, match="not asked about 'tidal'"):
        builder.area(classification_id="1", feature="tidal", xy=TRIANGLE)
