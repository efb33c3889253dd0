"""Simulated volunteers who answer the questions of a decision tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from galseg.dataset.simulate.records import GalaxyTruth, SimulatedGalaxy
from galseg.errors import ConfigError
from galseg.schemas import Question, Schema, shipped_schemas

__all__ = ["answer_chances", "answerable_questions", "simulate_answers"]

Floats = NDArray[np.float64]

_EASY_CONTRAST = 0.3  # at which 63% of the volunteers notice a structure
_CARELESS = 0.05  # share of the answers that are given at random
_AGREEMENT = 30.0  # concentration of the Dirichlet that a crowd's own chances are drawn from
_TREE = "decals-dr8"

# Where the answers of a question lie on the scale that they divide, and how far they reach.
_BULGE_SHARES, _BULGE_REACH = (0.9, 0.6, 0.35, 0.15, 0.0), 0.1
_AXIS_RATIOS, _RATIO_REACH = (1.0, 0.65, 0.25), 0.13
_PITCHES_DEG, _PITCH_REACH = (9.0, 17.0, 28.0), 4.0
_EDGE_ON_DEG, _EDGE_ON_REACH = 74.0, 4.0
_STRONG_BAR_CONTRAST = 0.8


def simulate_answers(
    galaxy: SimulatedGalaxy,
    schema: Schema,
    *,
    n_volunteers: int = 40,
    seed: int | Sequence[int] = 0,
) -> NDArray[np.float32]:
    """Let a crowd answer all questions about a galaxy, each asked of whom the tree leads to it.

    Votes are drawn down the tree. Those on a question follow a Dirichlet-Multinomial distribution
    around `answer_chances`, as crowds scatter more than independent volunteers would.

    Parameters
    ----------
    galaxy : SimulatedGalaxy
    schema : Schema
        With the tree of DECaLS (``decals-dr5``, ``decals-dr8``, ``desi``) among its campaigns;
        nobody is asked the questions of other trees.
    n_volunteers : int, optional
        In the crowd.
    seed : int or sequence of int, optional
        The same seed and galaxy give the same votes.

    Returns
    -------
    ndarray of float32, shape (A,)
        Counts, in the order of the schema's columns.

    Raises
    ------
    ConfigError
        If there is no volunteer, or the tree is not among the schema's.

    Examples
    --------
    >>> from galseg.dataset.simulate import simulate_galaxy
    >>> from galseg.schemas import find_schema
    >>> galaxy = simulate_galaxy(1, shape=(64, 64), morphology="spiral", n_arms=2, tidal=())
    >>> schema = find_schema(["decals-dr8"])
    >>> votes = dict(zip(schema.columns, simulate_answers(galaxy, schema), strict=True))
    >>> {name: int(n) for name, n in votes.items() if name.startswith("has-spiral-arms")}
    {'has-spiral-arms-dr8_yes': 32, 'has-spiral-arms-dr8_no': 2}
    """
    if n_volunteers < 1:
        raise ConfigError(f"n_volunteers must be at least 1, got {n_volunteers}")
    rng = np.random.default_rng(seed)
    chances = answer_chances(galaxy.truth)
    votes = dict.fromkeys(schema.columns, 0)
    for question in answerable_questions(schema):
        led_here = sum(votes[column] for column in question.after)
        by_answer = chances[question.text]
        expected = np.array([by_answer[answer] for answer in question.answers])
        crowd = rng.dirichlet(_AGREEMENT * expected)
        drawn = rng.multinomial(led_here if question.after else n_volunteers, crowd).tolist()
        votes |= dict(zip(question.columns, drawn, strict=True))
    return np.array([votes[column] for column in schema.columns], dtype=np.float32)


def answer_chances(truth: GalaxyTruth) -> dict[str, dict[str, float]]:
    """Return the chance of each answer to each question of the DECaLS tree.

    Parameters
    ----------
    truth : GalaxyTruth

    Returns
    -------
    dict of str to dict of str to float
        By question and answer, without the campaign. Those of a question sum to one, and none
        is zero, since some volunteers answer at random.
    """
    plain = _light_answers(truth) | _structure_answers(truth)
    return {question: _with_careless(answers) for question, answers in plain.items()}


@cache
def answerable_questions(schema: Schema) -> tuple[Question, ...]:
    """Return the questions that simulated volunteers answer: those of the tree of DECaLS.

    Raises
    ------
    ConfigError
        If there is none.
    """
    tree = {(one.text, one.answers) for one in shipped_schemas()[_TREE].questions}
    found = tuple(
        question
        for questions in schema.campaigns().values()
        if {(one.text, one.answers) for one in questions} == tree
        for question in questions
    )
    if not found:
        raise ConfigError(
            "simulated volunteers answer the tree of DECaLS, which is not among the schemas; "
            "add 'decals-dr8', or leave out simulated galaxies"
        )
    return found


def _light_answers(truth: GalaxyTruth) -> dict[str, dict[str, float]]:
    """Answers about the galaxy as a whole, its shape and its bulge."""
    ratio = float(np.nan_to_num(truth.axis_ratio, nan=1.0))
    edge_on = 1 / (1 + np.exp((_EDGE_ON_DEG - np.nan_to_num(truth.inclination_deg))
                              / _EDGE_ON_REACH))  # fmt: skip
    if truth.morphology == "blank":
        first = {"smooth": 0.1, "featured-or-disk": 0.05, "artifact": 0.85}
    else:
        seen = [truth.contrasts(name) for name in ("bar", "spiral_arm")]
        plain = float(np.prod([1 - _noticed(contrasts) for contrasts in seen]))
        as_disc = 0.05 if truth.morphology == "elliptical" else 0.3 + 0.5 * (1 - ratio)
        featured = 1 - plain * (1 - as_disc)
        first = {"smooth": 1 - featured, "featured-or-disk": featured, "artifact": 0.0}
    sizes = _soft_choice(truth.bulge_share, _BULGE_SHARES, _BULGE_REACH)
    shapes = _soft_choice(ratio, _AXIS_RATIOS, _RATIO_REACH)
    without = 1 - min(truth.bulge_share / 0.2, 1.0)
    return {
        "smooth-or-featured": first,
        "disk-edge-on": _yes_or_no(edge_on),
        "bulge-size": _named(("dominant", "large", "moderate", "small", "none"), sizes),
        "how-rounded": _named(("round", "in-between", "cigar-shaped"), shapes),
        "edge-on-bulge": {"boxy": 0.1, "none": 0.9 * without, "rounded": 0.9 * (1 - without)},
    }


def _structure_answers(truth: GalaxyTruth) -> dict[str, dict[str, float]]:
    """Answers about bar, arms and tidal structures."""
    bar, arms, tidal = (_noticed(truth.contrasts(f)) for f in ("bar", "spiral_arm", "tidal"))
    strong = 0.0
    if truth.bar is not None:
        strong = truth.bar.contrast**2 / (truth.bar.contrast**2 + _STRONG_BAR_CONTRAST**2)
    pitches = [arm.pitch_angle_deg for arm in truth.arms]
    pitch = float(np.mean(pitches)) if pitches else _PITCHES_DEG[1]
    winding = _soft_choice(pitch, _PITCHES_DEG, _PITCH_REACH)
    heavy = 0.7 if len(truth.tidal) > 1 else 0.3
    return {
        "has-spiral-arms": _yes_or_no(arms),
        "bar": {"strong": bar * strong, "weak": bar * (1 - strong), "no": 1 - bar},
        "spiral-winding": _named(("tight", "medium", "loose"), winding),
        "spiral-arm-count": _arm_counts(len(truth.arms), noticed=arms),
        "merging": {
            "none": 1 - tidal,
            "minor-disturbance": 0.9 * tidal * (1 - heavy),
            "major-disturbance": 0.9 * tidal * heavy,
            "merger": 0.1 * tidal,
        },
    }


def _arm_counts(n_arms: int, *, noticed: float) -> dict[str, float]:
    """One in five volunteers miscounts by one; the fainter the arms, the more cannot tell."""
    names = ("1", "2", "3", "4", "more-than-4")
    cannot = 1 - 0.9 * noticed
    counts = np.zeros(len(names))
    if n_arms:
        counts[n_arms - 1] = 0.8
        for beside in (n_arms - 2, n_arms):
            counts[min(max(beside, 0), len(names) - 1)] += 0.1
    else:
        cannot = 1.0
    return {**_named(names, counts * (1 - cannot)), "cant-tell": cannot}


def _noticed(contrasts: Sequence[float]) -> float:
    """Chance that at least the plainest of the structures is seen."""
    return float(1 - np.exp(-max(contrasts, default=0.0) / _EASY_CONTRAST))


def _soft_choice(value: float, places: Sequence[float], reach: float) -> Floats:
    """Share of the volunteers who take each of the answers that lie along a scale."""
    near = -0.5 * ((value - np.asarray(places)) / reach) ** 2
    weights = np.exp(near - near.max())
    return np.asarray(weights / weights.sum())


def _yes_or_no(yes: float) -> dict[str, float]:
    return {"yes": float(yes), "no": 1 - float(yes)}


def _named(names: Sequence[str], chances: Floats) -> dict[str, float]:
    return dict(zip(names, chances.tolist(), strict=True))


def _with_careless(answers: Mapping[str, float]) -> dict[str, float]:
    return {name: (1 - _CARELESS) * c + _CARELESS / len(answers) for name, c in answers.items()}
