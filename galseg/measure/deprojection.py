"""From the sky to the plane of a galaxy's disc."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError, ShapeError

__all__ = [
    "DISC_THICKNESS",
    "deproject_offsets",
    "deprojection_matrix",
    "inclination_from_axis_ratio",
]

DISC_THICKNESS = 0.2
HIGH_INCLINATION_DEG = 60.0


def inclination_from_axis_ratio(
    axis_ratio: ArrayLike, *, disc_thickness: float = DISC_THICKNESS
) -> NDArray[np.float64]:
    """Inclination of a disc from how flat it looks.

    ``cos^2 i = (q^2 - q0^2) / (1 - q0^2)``, with q the axis ratio as seen and q0 the one of a
    disc seen edge-on.

    Parameters
    ----------
    axis_ratio : array_like
        Minor over major axis of the outer disc, above 0 and up to 1.
    disc_thickness : float, optional
        q0, from 0 to below 1.

    Returns
    -------
    ndarray
        Inclination in degrees, 0 face-on; 90 for discs flatter than q0.

    Raises
    ------
    ConfigError
        If a number is outside its range.

    References
    ----------
    Hubble, E. (1926), ApJ 64, 321, doi:10.1086/143018.

    Examples
    --------
    >>> inclination_from_axis_ratio([1.0, 0.2, 0.53]).round(1)
    array([ 0. , 90. , 59.9])
    """
    q = np.asarray(axis_ratio, dtype=float)
    if not 0 <= disc_thickness < 1:
        raise ConfigError(f"disc_thickness must be from 0 to below 1, got {disc_thickness}")
    if np.any((q <= 0) | (q > 1)):
        raise ConfigError(f"axis_ratio must be above 0 and at most 1, got {axis_ratio!r}")
    cos2 = (q**2 - disc_thickness**2) / (1 - disc_thickness**2)
    return np.degrees(np.arccos(np.sqrt(np.clip(cos2, 0, 1))))


def deprojection_matrix(inclination_deg: float, line_of_nodes_deg: float) -> NDArray[np.float64]:
    """Stretch the sky across the line of nodes until the disc is seen face-on.

    Parameters
    ----------
    inclination_deg : float
        From 0, face-on, to below 90.
    line_of_nodes_deg : float
        Position angle of the disc's major axis, north through east.

    Returns
    -------
    ndarray, shape (2, 2)
        Maps (east, north) on the sky to the plane of the disc, with the line of nodes where it
        was.

    Raises
    ------
    ConfigError
        If the inclination is outside its range, or an angle is not finite.

    Examples
    --------
    >>> deprojection_matrix(60, 90).round(6) + 0.0  # the line of nodes runs east
    array([[1., 0.],
           [0., 2.]])
    """
    if not (0 <= inclination_deg < 90 and math.isfinite(line_of_nodes_deg)):
        raise ConfigError(
            "inclination_deg must be from 0 to below 90 and line_of_nodes_deg finite, got "
            f"{inclination_deg} and {line_of_nodes_deg}; leave both out to measure as seen"
        )
    angle = math.radians(line_of_nodes_deg)
    along = np.array([math.sin(angle), math.cos(angle)])
    across = np.array([math.cos(angle), -math.sin(angle)])
    stretch = 1 / math.cos(math.radians(inclination_deg))
    return np.asarray(np.outer(along, along) + stretch * np.outer(across, across))


def deproject_offsets(
    offsets: ArrayLike, *, inclination_deg: float, line_of_nodes_deg: float
) -> NDArray[np.float64]:
    """Carry offsets from the galaxy's centre into the plane of its disc.

    Parameters
    ----------
    offsets : array_like, shape (N, 2)
        East and north of the centre, in any unit.
    inclination_deg, line_of_nodes_deg : float
        As in `deprojection_matrix`.

    Returns
    -------
    ndarray, shape (N, 2)
        In the same unit.

    Raises
    ------
    ConfigError
        If the inclination is outside its range.
    ShapeError
        If `offsets` is not (N, 2).

    Examples
    --------
    >>> deproject_offsets([[3.0, 1.0]], inclination_deg=60, line_of_nodes_deg=90).round(6)
    array([[3., 2.]])
    """
    points = np.asarray(offsets, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ShapeError(f"offsets must have shape (N, 2), got {points.shape}")
    return np.asarray(points @ deprojection_matrix(inclination_deg, line_of_nodes_deg).T)
