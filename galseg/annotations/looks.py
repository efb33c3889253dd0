"""Who looked at an image and was asked for what, in JSON formats that have no place for it.

COCO and GeoJSON hold marks only. galseg adds a list of classifications, which other programs pass
over, so that who looked and drew nothing is not lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.files import need
from galseg.annotations.records import AnnotationSet
from galseg.errors import FormatError
from galseg.limits import MAX_IMAGE_PIXELS
from galseg.parsing import brief

__all__ = [
    "Look",
    "Picture",
    "add_looks",
    "by_subject",
    "looks_from_json",
    "looks_to_json",
    "picture_shape",
]


class Look(NamedTuple):
    """One volunteer's look at an image."""

    annotator_id: str
    classification_id: str
    features: tuple[str, ...]
    created_at: str | None = None


class Picture(NamedTuple):
    """An image that was looked at."""

    subject_id: str
    galaxy_id: str
    image: str
    shape: tuple[int, int]


def picture_shape(record: Any, *, where: str) -> tuple[int, int]:
    """Return ``(ny, nx)`` from an object's width and height.

    Raises
    ------
    FormatError
        If they are missing, not positive, or make an absurdly large image.
    """
    width, height = (need(record, key, int, where=where) for key in ("width", "height"))
    if min(width, height) < 1 or width * height > MAX_IMAGE_PIXELS:
        raise FormatError(
            f"{where}: an image must have 1 to {MAX_IMAGE_PIXELS} px, got {width} x {height}"
        )
    return height, width


def add_looks(builder: AnnotationBuilder, picture: Picture, looks: Iterable[Look]) -> None:
    """Note a picture and who looked at it."""
    builder.subject(subject_id=picture.subject_id, galaxy_id=picture.galaxy_id, image=picture.image)
    for look in looks:
        builder.classify(
            subject_id=picture.subject_id,
            annotator_id=look.annotator_id,
            classification_id=look.classification_id,
            features=look.features,
            width=picture.shape[1],
            height=picture.shape[0],
            created_at=look.created_at,
        )


def looks_from_json(value: Any, *, where: str) -> list[Look]:
    """Read the list that `looks_to_json` made.

    Raises
    ------
    FormatError
        If it is something else.
    """
    if not isinstance(value, list):
        raise FormatError(f"{where} must be a list of classifications, got {brief(value)}")
    looks = []
    for number, entry in enumerate(value):
        here = f"{where}, entry {number}"
        annotator, classification = (
            need(entry, key, str, where=here) for key in ("annotator_id", "classification_id")
        )
        features = need(entry, "features", list, where=here)
        created_at = entry.get("created_at")
        if not all(isinstance(name, str) for name in (*features, created_at or "")):
            raise FormatError(f"{here}: features and created_at must be texts, got {brief(entry)}")
        looks.append(Look(annotator, classification, tuple(features), created_at))
    return looks


def looks_to_json(classifications: pd.DataFrame) -> list[dict[str, Any]]:
    """List the classifications of one subject, ready for JSON."""
    return [
        {
            "annotator_id": row["annotator_id"],
            "classification_id": row["classification_id"],
            "features": list(row["features"]),
            "created_at": None if pd.isna(row["created_at"]) else row["created_at"].isoformat(),
        }
        for row in classifications.to_dict("records")
    ]


def by_subject(
    annotations: AnnotationSet,
) -> Iterator[tuple[Picture, pd.DataFrame, pd.DataFrame]]:
    """Go through the subjects: the picture, its classifications and its marks.

    Raises
    ------
    FormatError
        If a subject was shown in more than one size.
    """
    drawn = dict(iter(annotations.marks.groupby("subject_id")))
    subjects = {row["subject_id"]: row for row in annotations.subjects.to_dict("records")}
    for key, classifications in annotations.classifications.groupby("subject_id", sort=False):
        subject_id = str(key)
        sizes = set(zip(classifications["height"], classifications["width"], strict=True))
        if len(sizes) != 1:
            raise FormatError(
                f"subject {subject_id!r} was shown in {len(sizes)} sizes; "
                "a file of this format holds one image size a subject"
            )
        height, width = sizes.pop()
        told = subjects.get(subject_id, {"galaxy_id": subject_id, "image": ""})
        shape = int(height), int(width)
        picture = Picture(subject_id, told["galaxy_id"], told["image"], shape)
        yield picture, classifications, drawn.get(key, annotations.marks[:0])
