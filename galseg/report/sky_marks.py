"""Scale bars and compass arrows that hold on any pixels."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from galseg.frame import ImageFrame
from galseg.report.rim import dark_rim

__all__ = ["add_compass", "add_scale_bars", "round_length"]

Floats = NDArray[np.float64]

_LARGEST_BAR = 0.25  # of the image's width
_MARGIN = 0.05  # of the image's sides
_ARROW = 0.09
_LETTER = 1.35  # place of the letter in lengths of the arrow
_INK = "white"


def round_length(largest: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, ... (or 0.5, 0.2, ...) that is not above a length.

    Examples
    --------
    >>> round_length(37.0), round_length(0.3), round_length(5.0)
    (20.0, 0.2, 5.0)
    """
    power = 10.0 ** math.floor(math.log10(largest))
    return max(step * power for step in (1, 2, 5) if step * power <= largest * (1 + 1e-9))


def add_scale_bars(axes: Axes, frame: ImageFrame, *, kpc_per_arcsec: float) -> None:
    """Draw a bar of a round number of arcsec, and one of kpc if their size is not NaN.

    They are right along the rows of the image, in its middle.
    """
    ny, nx = frame.shape
    arcsec_per_pix = float(np.hypot(*frame.jacobian_arcsec[:, 0]))
    scales = [(arcsec_per_pix, "″"), (arcsec_per_pix * kpc_per_arcsec, " kpc")]
    y = _MARGIN * ny
    for per_pix, unit in scales:
        if math.isnan(per_pix):
            continue
        length = round_length(_LARGEST_BAR * nx * per_pix)
        x = np.array([_MARGIN * nx, _MARGIN * nx + length / per_pix])
        axes.plot(x, [y, y], color=_INK, lw=2, solid_capstyle="butt", path_effects=dark_rim(2))
        axes.annotate(
            f"{length:g}{unit}",
            (x.mean(), y),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            color=_INK,
            path_effects=dark_rim(),
        )
        y += 0.09 * ny


def add_compass(axes: Axes, frame: ImageFrame) -> None:
    """Draw arrows to north and east as they run in the middle of the image.

    They are of the same length on the sky, so that they show oblong and sheared pixels.
    """
    ny, nx = frame.shape
    side = min(ny, nx)
    to_pixel = np.linalg.inv(frame.jacobian_arcsec)  # columns: a step east, a step north
    steps = to_pixel / np.hypot(*to_pixel).max() * _ARROW * side
    letters = _LETTER * steps.T
    reach = np.vstack([letters, [(0, 0)]])
    margin = _MARGIN * side
    start = np.array([nx - 1 - margin, margin]) - [reach[:, 0].max(), reach[:, 1].min()]
    for name, step, letter in zip("EN", steps.T, letters, strict=True):
        axes.annotate(
            "",
            start + step,
            xytext=start,
            arrowprops={
                "arrowstyle": "->",
                "color": _INK,
                "lw": 1.5,
                "shrinkA": 0,
                "shrinkB": 0,
                "path_effects": dark_rim(),
            },
        )
        x, y = start + letter
        axes.text(x, y, name, color=_INK, ha="center", va="center", path_effects=dark_rim())
