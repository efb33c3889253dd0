"""What is drawn over the image of a galaxy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from galseg.features import feature_colour
from galseg.measure import ArmMeasurement, BarMeasurement, TidalMeasurement
from galseg.report.numbers import round_to_error
from galseg.report.rim import dark_rim

__all__ = ["RIDGE_ENTRY", "mark_arm", "mark_bar", "mark_mask", "mark_missing", "mark_tidal"]

Colour = tuple[float, float, float]
Mask = NDArray[np.bool_]

_OUTLINES = {"bar": "-", "spiral_arm": "--", "tidal": "-."}  # a line style as well as a colour
_OTHER_OUTLINE = ":"
_MARGIN = 0.04  # of the image's sides, within which no label is placed

RIDGE_ENTRY = Line2D(
    [], [], color="white", lw=1, ls=":", path_effects=dark_rim(1), label="ridge of an arm"
)
"""Stands in the legend where arms are drawn."""


def mark_missing(axes: Axes, missing: Mask) -> Sequence[Artist]:
    """Hatch the pixels that have no value; return the legend's entry if there are any."""
    if not missing.any():
        return []
    axes.contourf(*_padded(missing), levels=[0.5, 1.5], colors=["0.35"], hatches=["xxxx"])
    return [Patch(facecolor="0.35", edgecolor="black", hatch="xxxx", label="no data")]


def mark_mask(axes: Axes, mask: Mask, feature: str) -> Sequence[Artist]:
    """Outline a mask; return the legend's entry if it has any pixels."""
    if not mask.any():
        return []
    colour, style = _colour(feature), _OUTLINES.get(feature, _OTHER_OUTLINE)
    lines = axes.contour(
        *_padded(mask), levels=[0.5], colors=[colour], linestyles=style, linewidths=1.2
    )
    lines.set_path_effects(dark_rim(1.2))
    label = f"{feature.replace('_', ' ')}, outline"
    return [Line2D([], [], color=colour, ls=style, lw=1.2, path_effects=dark_rim(1.2), label=label)]


def mark_bar(axes: Axes, bar: BarMeasurement) -> Sequence[Artist]:
    """Draw the axis of a bar from end to end; return the legend's entry if it has ends."""
    ends = np.array(bar.ends_xy)
    if not np.isfinite(ends).all():
        return []
    line: Sequence[Artist] = axes.plot(
        *ends.T,
        color=_colour("bar"),
        lw=2,
        marker="o",
        mfc="black",
        path_effects=dark_rim(2),
        label=_bar_text(bar),
    )
    return line


def mark_arm(axes: Axes, arm: ArmMeasurement, fit_xy: NDArray[np.float64]) -> Sequence[Artist]:
    """Draw the ridge of an arm and its fitted spiral, numbered; return the legend's entry."""
    colour = _colour("spiral_arm")
    line: Sequence[Artist] = axes.plot(
        *fit_xy.T, color=colour, lw=2.5, path_effects=dark_rim(2.5), label=_arm_text(arm)
    )
    axes.plot(*arm.ridge_xy.T, color="white", lw=1, ls=":")
    _label(axes, fit_xy[-1], str(arm.arm_id))
    return line


def mark_tidal(axes: Axes, tidal: TidalMeasurement) -> Sequence[Artist]:
    """Draw the medial axis of a tidal feature and name its shape; return the legend's entry."""
    if len(tidal.medial_xy) == 0:
        return []
    colour = _colour("tidal")
    name = f"{tidal.shape or 'tidal'} {tidal.tidal_id}"
    length = round_to_error(tidal.length_arcsec, tidal.length_arcsec_err, unit="″")
    line: Sequence[Artist] = axes.plot(
        *tidal.medial_xy.T,
        color=colour,
        lw=2,
        ls=(0, (6, 1)),
        path_effects=dark_rim(2),
        label=f"{name}: {length} long" if length else name,
    )
    _label(axes, tidal.medial_xy[len(tidal.medial_xy) // 2], name)
    return line


def _colour(feature: str) -> Colour:
    red, green, blue = feature_colour(feature)
    return red / 255, green / 255, blue / 255


def _padded(mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Surround a mask by nothing, so that its outline closes at the border of the image."""
    ny, nx = mask.shape
    return np.arange(-1, nx + 1), np.arange(-1, ny + 1), np.pad(mask, 1).astype(float)


def _label(axes: Axes, xy: NDArray[np.float64], text: str) -> None:
    """Write beside a point, within the image."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    low, high = np.array([left, bottom]), np.array([right, top])
    x, y = np.clip(xy, low + _MARGIN * (high - low), high - _MARGIN * (high - low))
    axes.text(
        x, y, text, color="white", weight="bold", ha="center", va="center", path_effects=dark_rim()
    )


def _bar_text(bar: BarMeasurement) -> str:
    if math.isnan(bar.length_arcsec):
        return f"bar: {round_to_error(bar.length_pix, bar.length_pix_err)} pix"
    parts = [
        f"bar: {round_to_error(bar.length_arcsec, bar.length_arcsec_err, unit='″')}",
        round_to_error(bar.length_kpc, unit=" kpc"),
        "" if math.isnan(bar.position_angle_deg) else f"PA {bar.position_angle_deg:.0f}°",
    ]
    return ", ".join(filter(None, parts))


def _arm_text(arm: ArmMeasurement) -> str:
    pitch = round_to_error(arm.pitch_angle_deg, arm.pitch_angle_deg_err, unit="°")
    return f"arm {arm.arm_id}: pitch angle {pitch}" + (f", {arm.winding}" if arm.winding else "")
