"""From the drawings of one subject to its consensus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galseg.annotations.records import AnnotationSet
from galseg.consensus.agreement import (
    mean_pairwise_iou,
    pixel_kappa,
    split_half_iou,
    volunteer_iou,
)
from galseg.consensus.instances import find_instances as instances_of
from galseg.consensus.record import Consensus, Instance, Method
from galseg.consensus.staple import staple_fraction
from galseg.consensus.votes import Ballots, collect_ballots
from galseg.consensus.weighted import weighted_fraction
from galseg.errors import ConfigError, ShapeError, nearest_name
from galseg.features import DEFAULT_FEATURES, check_features
from galseg.frame import ImageFrame

__all__ = ["build_consensus"]

Floats = NDArray[np.float64]


def _plain_fraction(ballots: Ballots) -> tuple[Floats, Floats]:
    n_asked = len(ballots.marked)
    return ballots.n_votes / max(n_asked, 1), np.full(n_asked, np.nan)


_METHODS: dict[Method, Callable[[Ballots], tuple[Floats, Floats]]] = {
    "fraction": _plain_fraction,
    "weighted": weighted_fraction,
    "staple": staple_fraction,
}


class _Channel(NamedTuple):
    """One feature of a `Consensus`."""

    votes: NDArray[np.uint16]
    fraction: NDArray[np.float32]
    n_asked: int
    n_marked: int
    instances: tuple[Instance, ...]
    agreement: dict[str, object]
    volunteers: pd.DataFrame
    ballots: Ballots


def build_consensus(
    annotations: AnnotationSet,
    subject_id: str,
    *,
    frame: ImageFrame,
    features: Iterable[str] = DEFAULT_FEATURES,
    method: Method = "fraction",
    find_instances: bool = True,
) -> Consensus:
    """Count, or weigh, the votes of all volunteers on every pixel of a subject.

    Parameters
    ----------
    annotations : AnnotationSet
        Drawings and who looked.
    subject_id : str
        One of ``annotations.subject_ids``.
    frame : ImageFrame
        Grid and WCS of the image that was drawn on.
    features : iterable of str, optional
        The C features to count; those of galseg and of these annotations are known.
    method : {"fraction", "weighted", "staple"}, optional
        How votes become the fraction: every volunteer alike; by skill estimated from agreement
        (`galseg.consensus.weighted`); or STAPLE (`galseg.consensus.staple`).
    find_instances : bool, optional
        Whether to match separate structures across volunteers.

    Returns
    -------
    Consensus
        With the skill of volunteers where `method` estimates it; NaN for "fraction".

    Raises
    ------
    SubjectError
        If nobody looked at the subject.
    FeatureError
        If a feature is unknown.
    ConfigError
        If the method is unknown.
    ShapeError
        If the image that volunteers saw is not of the frame's shape, or somebody marked a feature
        without having been asked.
    MissingDependencyError
        If the method needs a package that is not installed.

    Examples
    --------
    >>> from galseg.annotations.build import AnnotationBuilder
    >>> builder = AnnotationBuilder()
    >>> for name in ("ann", "bob"):
    ...     builder.classify(subject_id="s1", annotator_id=name, classification_id=name,
    ...                      features=["bar"], width=64, height=48)
    >>> builder.area(classification_id="ann", feature="bar", xy=[(9, 9), (50, 9), (50, 20)])
    >>> consensus = build_consensus(builder.build(), "s1", frame=ImageFrame((48, 64)),
    ...                             features=["bar", "tidal"])
    >>> consensus.n_asked, consensus.n_marked
    (array([2, 0]), array([1, 0]))
    >>> consensus.of("bar")[12, 40], consensus.of("tidal")[12, 40]
    (np.float32(0.5), np.float32(nan))
    """
    names = check_features(features, also=annotations.features)
    if method not in _METHODS:
        raise ConfigError(f"unknown method {method!r}; {nearest_name(method, get_args(Method))}")
    subject = annotations.subject(subject_id)
    _check_frame(subject, str(subject_id), frame)
    channels = [_channel(subject, name, frame, method, find_instances) for name in names]
    return Consensus(
        subject_id=str(subject_id),
        galaxy_id=subject.galaxy_id(subject_id),
        features=names,
        frame=frame,
        votes=np.stack([c.votes for c in channels]),
        fraction=np.stack([c.fraction for c in channels]),
        n_asked=np.array([c.n_asked for c in channels], dtype=np.int64),
        n_marked=np.array([c.n_marked for c in channels], dtype=np.int64),
        method=method,
        instances=tuple(instance for c in channels for instance in c.instances),
        agreement=pd.DataFrame([c.agreement for c in channels]),
        volunteers=pd.concat([c.volunteers for c in channels], ignore_index=True),
        ballots={name: c.ballots for name, c in zip(names, channels, strict=True) if c.n_asked},
    )


def _check_frame(subject: AnnotationSet, subject_id: str, frame: ImageFrame) -> None:
    ny, nx = frame.shape
    seen = subject.classifications
    other = seen[(seen["height"] != ny) | (seen["width"] != nx)]
    if len(other):
        row = other.iloc[0]
        raise ShapeError(
            f"the frame is {nx} px wide and {ny} px high, but classification "
            f"{row['classification_id']!r} of subject {subject_id!r} was drawn on an image "
            f"{row['width']} px wide and {row['height']} px high; give the frame of that image"
        )


def _channel(
    subject: AnnotationSet, feature: str, frame: ImageFrame, method: Method, with_instances: bool
) -> _Channel:
    marks = subject.marks[subject.marks["feature"] == feature]
    asked = [feature in names for names in subject.classifications["features"]]
    annotator_ids = subject.classifications.loc[asked, "annotator_id"].drop_duplicates().tolist()
    n_asked = len(annotator_ids)
    ballots = collect_ballots(marks, annotator_ids=annotator_ids, shape=frame.shape)
    fraction, skill = _METHODS[method](ballots)
    if n_asked:
        image = ballots.on_image(fraction.astype(np.float32))
    else:
        image = np.full(frame.shape, np.nan, dtype=np.float32)
    drawers = set(marks["annotator_id"])
    marked = np.array([name in drawers for name in annotator_ids], dtype=np.bool_)
    instances: tuple[Instance, ...] = ()
    if with_instances:
        instances = instances_of(marks, feature=feature, frame=frame, n_asked=n_asked)
    return _Channel(
        votes=ballots.on_image(ballots.n_votes.astype(np.uint16)),
        fraction=image,
        n_asked=n_asked,
        n_marked=int(marked.sum()),
        instances=instances,
        agreement=_agreement_row(ballots, feature, int(marked.sum())),
        volunteers=_volunteer_table(ballots, annotator_ids, feature, marked, skill),
        ballots=ballots,
    )


def _agreement_row(ballots: Ballots, feature: str, n_marked: int) -> dict[str, object]:
    return {
        "feature": feature,
        "n_asked": len(ballots.marked),
        "n_marked": n_marked,
        "mean_pairwise_iou": mean_pairwise_iou(ballots),
        "fleiss_kappa": pixel_kappa(ballots),
        "split_half_iou": split_half_iou(ballots),
    }


def _volunteer_table(
    ballots: Ballots,
    annotator_ids: list[str],
    feature: str,
    marked: NDArray[np.bool_],
    skill: Floats,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "annotator_id": pd.Series(annotator_ids, dtype="str"),
            "feature": pd.Series([feature] * len(annotator_ids), dtype="str"),
            "marked": marked,
            "skill": skill,
            "mean_iou": volunteer_iou(ballots),
        }
    )
