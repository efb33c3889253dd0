"""What the arms of a galaxy have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.measure.logspiral import LogSpiral

__all__ = ["CommonPitch", "common_pitch"]

Floats = NDArray[np.float64]

_LEAST_ERROR = 1e-3  # degrees


class CommonPitch(NamedTuple):
    """Dominant winding of some arms, and the pitch angle of those that have it.

    Attributes
    ----------
    winding : str
        The one with the greater length of arms, ``"S"`` or ``"Z"``; empty if no arm winds.
    winding_share : float
        Share of the length of all arms that has it.
    pitch_angle_deg, pitch_angle_deg_err : float
        Mean of these arms, weighted by length.
    pitch_angle_dispersion_deg, pitch_angle_dispersion_deg_err : float
        Scatter between these arms.
    """

    winding: str = ""
    winding_share: float = math.nan
    pitch_angle_deg: float = math.nan
    pitch_angle_deg_err: float = math.nan
    pitch_angle_dispersion_deg: float = math.nan
    pitch_angle_dispersion_deg_err: float = math.nan


def common_pitch(spirals: Sequence[LogSpiral]) -> CommonPitch:
    """Take the arms of a galaxy together.

    The error of the mean holds the arms' own errors and how much they differ. The dispersion is
    the square root of DerSimonian & Laird's variance between studies: the arms' own errors are
    taken out, and it is zero where they explain how the arms differ. Its error is that of the
    standard deviation of as many numbers, own errors included.

    Parameters
    ----------
    spirals : sequence of LogSpiral

    Returns
    -------
    CommonPitch
        NaN without arms, and for the dispersion with one.

    References
    ----------
    DerSimonian, R. & Laird, N. (1986), Control. Clin. Trials 7, 177,
    doi:10.1016/0197-2456(86)90046-2.

    Examples
    --------
    >>> arms = [LogSpiral(2.0, slope, 0.01, 0.0, 3.0, 0.05) for slope in (0.2, 0.3, -0.3)]
    >>> together = common_pitch(arms)
    >>> together.winding, round(together.winding_share, 2), round(together.pitch_angle_deg, 1)
    ('Z', 0.82, 14.3)
    >>> round(together.pitch_angle_dispersion_deg, 1)
    3.8
    """
    if not spirals:
        return CommonPitch()
    lengths = {
        letter: sum(spiral.arc_length for spiral in spirals if spiral.winding == letter)
        for letter in ("S", "Z", "")
    }
    winding = "S" if lengths["S"] > lengths["Z"] else "Z" if lengths["Z"] else ""
    chosen = [spiral for spiral in spirals if spiral.winding == winding]
    weights = np.array([spiral.arc_length for spiral in chosen]) / lengths[winding]
    pitches = np.array([spiral.pitch_angle_deg for spiral in chosen])
    errors = np.array([spiral.pitch_angle_deg_err for spiral in chosen])
    mean = float(weights @ pitches)
    mean_err = float(np.sqrt(weights**2 @ (errors**2 + (pitches - mean) ** 2)))
    share = lengths[winding] / sum(lengths.values())
    return CommonPitch(winding, share, mean, mean_err, *_dispersion(pitches, errors))


def _dispersion(values: Floats, errors: Floats) -> tuple[float, float]:
    """Estimate the standard deviation of values without their errors, and its error."""
    if len(values) < 2:
        return math.nan, math.nan
    weights = 1 / np.maximum(errors, _LEAST_ERROR) ** 2
    mean = np.average(values, weights=weights)
    excess = weights @ (values - mean) ** 2 - (len(values) - 1)
    between = max(float(excess / (weights.sum() - weights @ weights / weights.sum())), 0.0)
    return math.sqrt(between), float(np.std(values, ddof=1)) / math.sqrt(2 * (len(values) - 1))
