"""The eight ways to lay down a square: the sky has no up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ConfigError

__all__ = ["N_ORIENTATIONS", "Orientations", "check_orientations", "mean_over_orientations"]
__all__ += ["turn", "turn_back"]

Maps = NDArray[np.float32]
Orientations: TypeAlias = Literal[1, 8]

N_ORIENTATIONS: tuple[int, ...] = get_args(Orientations)


def check_orientations(orientations: int) -> None:
    """Check a number of orientations.

    Raises
    ------
    ConfigError
        If it is neither 1 nor 8.
    """
    if orientations not in N_ORIENTATIONS:
        raise ConfigError(
            f"orientations must be 1 (as it lies) or 8 (every turn and mirror image), "
            f"got {orientations}"
        )


def turn(maps: Maps, way: int) -> Maps:
    """Turn maps by quarter turns, ``way % 4`` of them, and mirror them for ways from 4 on.

    Examples
    --------
    >>> square = np.arange(4, dtype=np.float32).reshape(2, 2)
    >>> turn(square, 5)
    array([[3., 1.], [2., 0.]], dtype=float32)
    >>> turn_back(turn(square, 5), 5)
    array([[0., 1.], [2., 3.]], dtype=float32)
    """
    turned = np.rot90(maps, way % 4, (-2, -1))
    return np.ascontiguousarray(turned[..., ::-1] if way >= 4 else turned)


def turn_back(maps: Maps, way: int) -> Maps:
    """Undo `turn`."""
    upright = maps[..., ::-1] if way >= 4 else maps
    return np.ascontiguousarray(np.rot90(upright, -(way % 4), (-2, -1)))


def mean_over_orientations(
    predict: Callable[[Maps], Maps], inputs: Maps, *, orientations: Orientations
) -> Maps:
    """Predict on the first so many orientations and return the mean, each turned back.

    With all eight, the answer turns with the image.

    Parameters
    ----------
    predict : callable
        Squares (B, bands, side, side) to maps (B, C, side, side).
    inputs : ndarray, shape (B, bands, side, side)
    orientations : int

    Returns
    -------
    ndarray of float32, shape (B, C, side, side)
    """
    total = predict(inputs)
    for way in range(1, orientations):
        total = total + turn_back(predict(turn(inputs, way)), way)
    return total / np.float32(orientations)
