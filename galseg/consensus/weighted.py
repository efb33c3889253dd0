"""Votes weighed by the skill of those who cast them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from galseg.consensus.votes import Ballots

__all__ = ["volunteer_skill", "weighted_fraction"]

Floats = NDArray[np.float64]

_TOLERANCE = 1e-6
_MAX_ITERATIONS = 1000


def volunteer_skill(ballots: Ballots) -> Floats:
    """Estimate every volunteer's skill from agreement with the others.

    The skill of a volunteer is the mean Dice coefficient of their pixels with those of each other
    volunteer who drew, weighed by the others' skill; it is iterated until it stands still. To
    stay careful with small crowds, everyone gets one further companion of mean skill, with whom
    they agree as well as the average pair does. Dice rather than IoU, because it is what Cohen's
    kappa becomes where most of the image is background: large areas do not agree by their size.

    Parameters
    ----------
    ballots : Ballots
        Of V volunteers.

    Returns
    -------
    ndarray, shape (V,)
        0 to 1. NaN for those who drew nothing, and for someone who alone drew.

    Notes
    -----
    The skill is the leading eigenvector of the matrix of agreements, up to the companion and a
    normalisation, as in spectral crowdsourcing. It finds those who are at odds with the crowd. A
    majority that draws the same wrong thing is taken at its word, as it is by a plain vote, and
    of two camps that share no pixel the smaller one loses weight.

    References
    ----------
    Dice, L. R. (1945), Ecology 26, 297, doi:10.2307/1932409.
    Zijdenbos, A. P. et al. (1994), IEEE Trans. Medical Imaging 13, 716, doi:10.1109/42.363096.
    Ghosh, A., Kale, S. & McAfee, P. (2011), Proc. 12th ACM Conf. Electronic Commerce, 167,
    doi:10.1145/1993574.1993599.
    """
    skill = np.full(len(ballots.marked), np.nan)
    drew = ballots.drew
    n_drew = int(drew.sum())
    if n_drew < 2:
        return skill
    shared = ballots.shared_pixels()[np.ix_(drew, drew)]
    size = np.diag(shared)
    agreement = 2 * shared / (size[:, None] + size)
    np.fill_diagonal(agreement, 0)
    average = agreement.sum() / (n_drew * (n_drew - 1))
    weight = np.ones(n_drew)
    for _ in range(_MAX_ITERATIONS):
        found = (agreement @ weight + average) / (n_drew - weight + 1)
        previous, weight = weight, _relative(found)
        if np.abs(weight - previous).max() < _TOLERANCE:
            break
    skill[drew] = found
    return skill


def weighted_fraction(ballots: Ballots) -> tuple[Floats, Floats]:
    """Share of those asked who marked each run of pixels, with skilled volunteers weighing more.

    Skill says where a feature is, not whether there is one: those who drew share among them, by
    skill, as many votes as they are, and those who drew nothing count against with one each. The
    fraction is so never larger than the share of volunteers who drew.

    Parameters
    ----------
    ballots : Ballots
        V volunteers, R runs.

    Returns
    -------
    fraction : ndarray, shape (R,)
    skill : ndarray, shape (V,)
        See `volunteer_skill`.
    """
    skill = volunteer_skill(ballots)
    drew = ballots.drew
    weight = np.zeros(len(skill))
    weight[drew] = _relative(np.nan_to_num(skill[drew]))
    return weight @ ballots.marked / max(len(skill), 1), skill


def _relative(skill: Floats) -> Floats:
    """Weights of mean one; where nobody agrees with anybody, all weigh alike."""
    total = skill.sum()
    return skill * (len(skill) / total) if total > 0 else np.ones_like(skill)
