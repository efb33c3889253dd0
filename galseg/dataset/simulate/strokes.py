"""Freehand strokes: an outline followed by a hand that is not quite steady, and junk."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

__all__ = ["junk", "trace"]

Floats = NDArray[np.float64]

_SHORTEST_WAVE = 12  # steps; a hand does not tremble from vertex to vertex
_MAX_WAVES = 12


def trace(
    rng: np.random.Generator,
    outline: Polygon,
    *,
    wobble_pix: float,
    step_pix: float,
    swell_pix: float = 0.0,
    overshoot: float = 0.0,
) -> Floats:
    """Follow an outline by hand.

    Parameters
    ----------
    rng : numpy.random.Generator
    outline : shapely.Polygon
    wobble_pix : float
        Root mean square distance of the stroke from the outline, in each axis.
    step_pix : float
        Distance of its vertices.
    swell_pix : float, optional
        How far outside the outline the hand keeps; negative inside, where a thin outline may
        make the stroke cross itself.
    overshoot : float, optional
        Share of the outline that is drawn a second time before letting go; such a stroke mostly
        crosses itself. Negative: let go before the outline is closed.

    Returns
    -------
    ndarray, shape (N, 2)
        Open stroke, from a random place, either way round.
    """
    ring = outline.exterior
    n_steps = max(round(ring.length / step_pix), 8)
    way = 1 if rng.random() < 0.5 else -1
    place = rng.random() + way * np.arange(round(n_steps * (1 + overshoot))) / n_steps
    points = shapely.line_interpolate_point(ring, place % 1.0, normalized=True)
    line = shapely.get_coordinates(points)
    tangent = np.gradient(line, axis=0) * (way if ring.is_ccw else -way)
    outwards = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    outwards /= np.hypot(*tangent.T).clip(1e-9)[:, None]
    shift = 0.5 * wobble_pix * rng.standard_normal(2)
    drift = 0.5 * wobble_pix * rng.standard_normal(2) * np.linspace(-1, 1, len(place))[:, None]
    n_waves = int(np.clip(n_steps // _SHORTEST_WAVE, 2, _MAX_WAVES))
    wobble = np.sqrt(0.5) * wobble_pix * _waves(rng, place, n_waves)
    return np.asarray(line + swell_pix * outwards + shift + drift + wobble)


def _waves(rng: np.random.Generator, place: Floats, n_waves: int) -> Floats:
    """Smooth periodic noise of unit variance in x and y, at places on a ring of length 1."""
    number = np.arange(1, n_waves + 1)
    spectrum = 1 / number
    spectrum = spectrum / np.sqrt((spectrum**2).sum())
    cos, sin = rng.standard_normal((2, n_waves, 2))
    phase = 2 * np.pi * place[:, None] * number
    return np.asarray((np.cos(phase) * spectrum) @ cos + (np.sin(phase) * spectrum) @ sin)


def junk(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Draw something that outlines nothing.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        ``(ny, nx)``.

    Returns
    -------
    ndarray, shape (N, 2)
        A line across the page, a box round everything, a scribble or a slip of two points.
    """
    size = np.array([shape[1], shape[0]], dtype=float)
    kind = rng.integers(4)
    if kind == 0:
        left, right = rng.uniform([[0.0, 0.0], [0.8, 0.0]], [[0.2, 1.0], [1.0, 1.0]])
        return np.asarray(np.linspace(left, right, 30) * size)
    if kind == 1:
        box = Polygon(np.array([[0.01, 0.02], [0.99, 0.01], [0.98, 0.99], [0.02, 0.98]]) * size)
        return trace(rng, box, wobble_pix=0.005 * size.min(), step_pix=0.02 * size.min())
    if kind == 2:
        steps = rng.normal(0, 0.05, (40, 2)) * size
        return np.asarray(rng.uniform(0.2, 0.8, 2) * size + np.cumsum(steps, axis=0))
    return np.asarray(rng.uniform(0.2, 0.8, 2) * size + [[0.0, 0.0], [1.0, 0.5]])
