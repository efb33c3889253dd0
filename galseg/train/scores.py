"""What is kept of how good a model was found to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Curve", "FeatureScores", "MaskScores", "Number", "Scores"]

Number = float | None  # None: there is no galaxy to tell it from


@dataclass(frozen=True)
class MaskScores:
    """Masks of one feature against the pixels that a share of the volunteers marked.

    Attributes
    ----------
    threshold : float
        Probability from which a pixel belongs to the mask.
    n_with : int
        Galaxies that have the feature: a pixel that this share marked.
    median_iou : float or None
        Over these galaxies.
    false_mask_share : float or None
        Of the other galaxies that volunteers were asked about, the share that gets a mask.
    """

    threshold: float
    n_with: int
    median_iou: Number
    false_mask_share: Number


@dataclass(frozen=True)
class Curve:
    """Bins of the probability, see `galseg.train.reliability`.

    Attributes
    ----------
    n_votes : tuple of float
        Volunteers asked, summed over the pixels of each bin.
    probability, fraction : tuple of (float or None)
        Means over the bin, each pixel weighing as many volunteers as were asked.
    """

    n_votes: tuple[float, ...]
    probability: tuple[Number, ...]
    fraction: tuple[Number, ...]


@dataclass(frozen=True)
class FeatureScores:
    """Numbers of one feature, over the galaxies that somebody was asked about.

    Attributes
    ----------
    n_galaxies : int
    temperature : float
    log_score : float or None
        Mean over pixels of the cross-entropy of fraction and probability; lower is better.
    mae : float or None
        Mean over pixels of their absolute difference.
    calibration_error : float or None
    calibration_error_inside : float or None
        Of the pixels with a probability of at least 0.05.
    calibration_error_before : float or None
        What it would be with a temperature of 1.
    masks : mapping of float to MaskScores
        By share of the volunteers.
    curve : Curve
    """

    n_galaxies: int
    temperature: float
    log_score: Number
    mae: Number
    calibration_error: Number
    calibration_error_inside: Number
    calibration_error_before: Number
    masks: Mapping[float, MaskScores]
    curve: Curve


@dataclass(frozen=True)
class Scores:
    """Numbers of a set of galaxies, over all features and by feature.

    Attributes
    ----------
    n_galaxies : int
    log_score, mae, calibration_error : float or None
        As in `FeatureScores`; every pixel of every feature weighs the same, and in the last every
        vote.
    features : mapping of str to FeatureScores
    """

    n_galaxies: int
    log_score: Number
    mae: Number
    calibration_error: Number
    features: Mapping[str, FeatureScores]

    def numbers(self) -> dict[str, Any]:
        """Return all but the curves as plain types, for a model card."""
        plain = asdict(self)
        for scores in plain["features"].values():
            del scores["curve"]
        return plain

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a feature, as of a table, after one for all of them together."""
        first = self.numbers()
        rows = [{"feature": "all"} | first]
        for feature, scores in first.pop("features").items():
            row = {"feature": feature} | scores
            for share, masks in row.pop("masks").items():
                row |= {f"{name}_{100 * share:.0f}": value for name, value in masks.items()}
            rows.append(row)
        del rows[0]["features"]
        return rows
