"""Collecting classifications and marks into an `AnnotationSet`, one drawing at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import GeometryCollection, LineString, Point
from shapely.geometry.base import BaseGeometry

from galseg.annotations.records import (
    CLASSIFICATION_COLUMNS,
    REJECTED_COLUMNS,
    SUBJECT_COLUMNS,
    AnnotationSet,
)
from galseg.annotations.validate import (
    Checked,
    MarkLimits,
    check_area,
    check_line,
    check_point,
    check_shape,
)
from galseg.errors import FeatureError, FormatError, ShapeError, nearest_name
from galseg.features import check_custom_feature
from galseg.limits import MAX_IMAGE_PIXELS, MAX_VERTICES

__all__ = ["AnnotationBuilder"]


class _Drawn(NamedTuple):
    table: Literal["marks", "rejected", "repaired"]
    feature: str
    geometry: BaseGeometry
    line_width_pix: float
    reason: str | None = None


@dataclass(eq=False, slots=True)
class _Classification:
    subject_id: str
    annotator_id: str
    classification_id: str
    features: tuple[str, ...]
    width: int
    height: int
    created_at: np.datetime64
    drawn: list[_Drawn] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width


class AnnotationBuilder:
    """Collects what volunteers looked at and drew, checking every mark.

    Call `classify` for a classification before its marks. A volunteer counts once a subject: a
    later classification replaces an earlier one and its marks. Marks that fail the checks go to
    the table of rejects, repaired ones are kept and noted.

    Parameters
    ----------
    limits : MarkLimits, optional
        What a mark must keep to.

    Examples
    --------
    >>> builder = AnnotationBuilder()
    >>> builder.classify(subject_id="s1", annotator_id="ann", classification_id="1",
    ...                  features=["bar"], width=64, height=64, created_at="2024-05-01")
    >>> builder.area(classification_id="1", feature="bar", xy=[(9, 9), (50, 9), (50, 20)])
    >>> builder.area(classification_id="1", feature="bar", xy=[(9, 9), (50, 9)])
    >>> annotations = builder.build()
    >>> len(annotations.marks), annotations.rejected["reason"].tolist()
    (1, ['too few points: 2, an area needs 3'])
    """

    def __init__(self, limits: MarkLimits | None = None) -> None:
        self._limits = limits or MarkLimits()
        self._kept: dict[tuple[str, str], _Classification] = {}
        self._by_id: dict[str, _Classification | None] = {}  # None: another one replaced it
        self._subjects: dict[str, tuple[str, str]] = {}
        self._n_vertices = 0

    def classify(
        self,
        *,
        subject_id: str,
        annotator_id: str,
        classification_id: str,
        features: Iterable[str],
        width: int,
        height: int,
        created_at: datetime | str | None = None,
    ) -> None:
        """Note that somebody looked at a subject.

        Parameters
        ----------
        subject_id, annotator_id, classification_id : str
            A volunteer's later classification of the same subject replaces the earlier one; of
            two at the same time, or without a time, the later call.
        features : iterable of str
            What was asked about, drawn or not.
        width, height : int
            Image size in pixels.
        created_at : datetime or str, optional
            Taken as UTC if it names no time zone.

        Raises
        ------
        FeatureError
            If a feature's name is not lower case letters, digits and underscores.
        FormatError
            If the time cannot be read, or the classification was told of before.
        ShapeError
            If the image has no size, or is too large.
        """
        new = _Classification(
            str(subject_id),
            str(annotator_id),
            str(classification_id),
            _feature_names(tuple(features)),
            int(width),
            int(height),
            _as_time(created_at, classification_id),
        )
        if min(new.shape) < 1 or new.width * new.height > MAX_IMAGE_PIXELS:
            raise ShapeError(
                f"classification {classification_id}: the image must be at least 1 x 1 px and "
                f"keep to the limit of {MAX_IMAGE_PIXELS} px, got width {width}, height {height}"
            )
        if new.classification_id in self._by_id:
            raise FormatError(f"classification {classification_id!r} stands twice in the input")
        key = new.subject_id, new.annotator_id
        old = self._kept.get(key)
        if old is not None and new.created_at < old.created_at:
            self._by_id[new.classification_id] = None
            return
        if old is not None:
            self._by_id[old.classification_id] = None
        self._kept[key] = self._by_id[new.classification_id] = new

    def area(self, *, classification_id: str, feature: str, xy: ArrayLike) -> None:
        """Add a closed stroke or polygon.

        Parameters
        ----------
        classification_id : str
            One that `classify` was called with.
        feature : str
            One of those asked about.
        xy : array_like, shape (N, 2)
            Vertices in image pixels; the last is joined to the first.

        Raises
        ------
        ShapeError
            If the classification is not known.
        FeatureError
            If the feature was not asked about.
        """
        of = self._live(classification_id, feature)
        if of is not None:
            self._file(of, feature, _stroke(xy), np.nan, check_area(xy, of.shape, self._limits))

    def shape(self, *, classification_id: str, feature: str, geometry: BaseGeometry) -> None:
        """Add a ready polygon or multipolygon in image pixels; raises as `area` does."""
        of = self._live(classification_id, feature)
        if of is not None:
            self._file(of, feature, geometry, np.nan, check_shape(geometry, of.shape, self._limits))

    def line(
        self, *, classification_id: str, feature: str, xy: ArrayLike, width_pix: float
    ) -> None:
        """Add an open stroke, vertices (N, 2), and its width; raises as `area` does."""
        of = self._live(classification_id, feature)
        if of is not None:
            self._file(of, feature, _stroke(xy), width_pix, check_line(xy, of.shape, self._limits))

    def point(
        self, *, classification_id: str, feature: str, xy: ArrayLike, radius_pix: float
    ) -> None:
        """Add a point x, y that stands for a disc; raises as `area` does."""
        of = self._live(classification_id, feature)
        if of is not None:
            checked = check_point(xy, of.shape, self._limits)
            self._file(of, feature, _stroke(xy), 2 * radius_pix, checked)

    def reject(
        self,
        *,
        classification_id: str,
        feature: str,
        reason: str,
        geometry: BaseGeometry | None = None,
    ) -> None:
        """Note a mark that the reader itself could not use, with the reason.

        `feature` is empty where it is not known.
        """
        of = self._live(classification_id, None)
        if of is not None:
            self._file(of, feature, geometry or GeometryCollection(), np.nan, Checked(None, reason))

    def subject(self, *, subject_id: str, galaxy_id: str, image: str = "") -> None:
        """Note which galaxy a subject shows and its file name; the first word counts."""
        self._subjects.setdefault(str(subject_id), (str(galaxy_id), str(image)))

    def build(self) -> AnnotationSet:
        """Return everything collected so far."""
        kept = list(self._kept.values())
        ids = dict.fromkeys(c.subject_id for c in kept)
        subjects = [(s, *self._subjects.get(s, (s, ""))) for s in ids]
        return AnnotationSet(
            _mark_table(kept, "marks"),
            pd.DataFrame(
                [tuple(getattr(c, name) for name in CLASSIFICATION_COLUMNS) for c in kept],
                columns=CLASSIFICATION_COLUMNS,
            ),
            pd.DataFrame(subjects, columns=SUBJECT_COLUMNS),
            _mark_table(kept, "rejected"),
            _mark_table(kept, "repaired"),
        )

    def _file(
        self,
        of: _Classification,
        feature: str,
        drawn: BaseGeometry,
        width_pix: float,
        checked: Checked,
    ) -> None:
        self._n_vertices += int(shapely.get_num_coordinates(drawn))
        if self._n_vertices > MAX_VERTICES:
            raise FormatError(
                f"the drawings have over {MAX_VERTICES} vertices, the limit of what is read at "
                "once; read them in parts"
            )
        if checked.geometry is not None:
            of.drawn.append(_Drawn("marks", feature, checked.geometry, width_pix))
        if checked.reason is not None:
            table: Literal["rejected", "repaired"] = (
                "rejected" if checked.geometry is None else "repaired"
            )
            of.drawn.append(_Drawn(table, feature, drawn, width_pix, checked.reason))

    def _live(self, classification_id: str, feature: str | None) -> _Classification | None:
        """Return the classification, or None if another one replaced it."""
        try:
            found = self._by_id[str(classification_id)]
        except KeyError:
            raise ShapeError(
                f"a mark belongs to classification {classification_id!r}, which classify() was "
                "not called for"
            ) from None
        if found is not None and feature is not None and feature not in found.features:
            raise FeatureError(
                f"classification {classification_id!r} was not asked about {feature!r}; "
                f"{nearest_name(feature, found.features)}"
            )
        return found


def _mark_table(classifications: list[_Classification], table: str) -> pd.DataFrame:
    rows = [
        (
            *(c.subject_id, c.annotator_id, c.classification_id),
            *(drawn.feature, drawn.geometry, drawn.line_width_pix),
            *(c.created_at, drawn.reason),
        )
        for c in classifications
        for drawn in c.drawn
        if drawn.table == table
    ]
    return pd.DataFrame(rows, columns=REJECTED_COLUMNS)


@np.errstate(invalid="ignore")  # what is rejected may be infinite
def _stroke(xy: ArrayLike) -> BaseGeometry:
    """Return a drawing as it came."""
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    if len(points) == 0:
        return GeometryCollection()
    return Point(points[0]) if len(points) == 1 else LineString(points)


@cache
def _feature_names(features: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check_custom_feature(name) for name in features))


def _as_time(value: datetime | str | None, classification_id: str) -> np.datetime64:
    try:
        time = pd.Timestamp(value).as_unit("ns") if value else pd.NaT
    except ValueError as error:
        raise FormatError(
            f"classification {classification_id}: created_at must be a time such as "
            f"'2024-05-01 12:00:00 UTC', got {value!r}"
        ) from error
    return time.to_datetime64()
