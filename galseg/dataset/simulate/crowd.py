"""A crowd of simulated volunteers at work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.records import AnnotationSet
from galseg.dataset.simulate.records import SimulatedGalaxy
from galseg.dataset.simulate.volunteers import Stroke, draw_volunteers
from galseg.errors import ConfigError, FeatureError, nearest_name
from galseg.features import DEFAULT_FEATURES, check_features

__all__ = ["SimulatedClassification", "simulate_annotations", "simulate_classifications"]

_BEGIN = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)
_FIRST_CLASSIFICATION = 500_000_001
_TWICE_SHARE = 0.03


@dataclass(frozen=True, eq=False)
class SimulatedClassification:
    """What one volunteer drew on one galaxy, in one go.

    Attributes
    ----------
    classification_id, subject_id, annotator_id : str
    created_at : datetime.datetime
        UTC.
    features : tuple of str
        Asked about.
    shape : tuple of int
        ``(ny, nx)`` of the image.
    strokes : tuple of Stroke
        Closed freehand outlines; none if nothing was drawn.
    """

    classification_id: str
    subject_id: str
    annotator_id: str
    created_at: datetime
    features: tuple[str, ...]
    shape: tuple[int, int]
    strokes: tuple[Stroke, ...]


def simulate_classifications(
    galaxies: Iterable[SimulatedGalaxy],
    *,
    n_volunteers: int = 15,
    n_careless: int = 2,
    features: Sequence[str] = DEFAULT_FEATURES,
    seed: int | Sequence[int] = 0,
) -> tuple[SimulatedClassification, ...]:
    """Let a crowd draw on galaxies, everybody on every galaxy.

    Structures are missed the more often the fainter they are. Hands wobble, some strokes cross
    themselves, two arms are now and then drawn as one, some strokes are junk, and one
    classification in 33 is done a second time.

    Parameters
    ----------
    galaxies : iterable of SimulatedGalaxy
        Each with its own name, which becomes the subject's.
    n_volunteers : int, optional
        In the crowd.
    n_careless : int, optional
        Of these, who draw structures in the wrong place, and much junk.
    features : sequence of str, optional
        What is asked about.
    seed : int or sequence of int, optional
        The same seed and galaxies give the same strokes.

    Returns
    -------
    tuple of SimulatedClassification
        In order of time.

    Raises
    ------
    ConfigError
        If the numbers of volunteers cannot be.
    FeatureError
        If a feature is asked about that is not simulated.
    """
    if not 0 <= n_careless <= n_volunteers or n_volunteers < 1:
        raise ConfigError(
            f"n_volunteers must be at least 1 and n_careless among them, got {n_volunteers} "
            f"and {n_careless}"
        )
    for name in check_features(features):
        if name not in DEFAULT_FEATURES:
            hint = nearest_name(name, DEFAULT_FEATURES)
            raise FeatureError(f"no {name!r} is simulated; {hint}")
    rng = np.random.default_rng(seed)
    crowd = draw_volunteers(rng, n_volunteers, n_careless=n_careless)
    done: list[SimulatedClassification] = []
    for galaxy in galaxies:
        for volunteer in crowd:
            for _ in range(2 if rng.random() < _TWICE_SHARE else 1):
                n = len(done)
                done.append(
                    SimulatedClassification(
                        classification_id=str(_FIRST_CLASSIFICATION + n),
                        subject_id=galaxy.galaxy_id,
                        annotator_id=volunteer.name,
                        created_at=_BEGIN + timedelta(seconds=47 * n),
                        features=tuple(features),
                        shape=galaxy.frame.shape,
                        strokes=volunteer.draw(rng, galaxy, features),
                    )
                )
    return tuple(done)


def simulate_annotations(
    galaxies: Iterable[SimulatedGalaxy],
    *,
    n_volunteers: int = 15,
    n_careless: int = 2,
    features: Sequence[str] = DEFAULT_FEATURES,
    seed: int | Sequence[int] = 0,
) -> AnnotationSet:
    """Let a crowd draw on galaxies, and take its drawings in as those of a real one.

    Parameters and errors are those of `simulate_classifications`; junk ends among the rejects.

    Returns
    -------
    AnnotationSet

    Examples
    --------
    >>> from galseg.dataset.simulate import simulate_galaxy
    >>> galaxy = simulate_galaxy(1, shape=(96, 96), morphology="barred disc", tidal=())
    >>> annotations = simulate_annotations([galaxy], n_volunteers=5, n_careless=0)
    >>> annotations.subject_ids, annotations.classifications["annotator_id"].nunique()
    (('sim-1',), 5)
    """
    builder = AnnotationBuilder()
    done = simulate_classifications(
        galaxies, n_volunteers=n_volunteers, n_careless=n_careless, features=features, seed=seed
    )
    for one in done:
        builder.classify(
            subject_id=one.subject_id,
            annotator_id=one.annotator_id,
            classification_id=one.classification_id,
            features=one.features,
            width=one.shape[1],
            height=one.shape[0],
            created_at=one.created_at,
        )
        for stroke in one.strokes:
            builder.area(
                classification_id=one.classification_id, feature=stroke.feature, xy=stroke.xy
            )
    return builder.build()
