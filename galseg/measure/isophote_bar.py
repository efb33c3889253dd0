"""A bar in the isophotes of a galaxy, fitted by photutils."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.utils.exceptions import AstropyUserWarning
from numpy.typing import NDArray
from scipy.signal import find_peaks

from galseg.extras import extra
from galseg.measure.ellipse import Ellipse
from galseg.measure.plane import LocalPlane

__all__ = ["IsophoteBar", "IsophoteProfile", "find_bar", "isophote_profile"]

Floats = NDArray[np.float64]

_STEP = 0.1  # of the semi-major axis, from one isophote to the next
_FIRST_RADIUS = 2.0  # pixels
_STARTS = (8.0, 16.0, 32.0)  # pixels; the fit walks from there inwards and outwards
_START_ELLIPTICITY = 0.3
_LEAST_ISOPHOTES = 5
_LEAST_ELLIPTICITY = 0.25
_LEAST_DROP = 0.1
_FITTED = (0, 1, 2)  # photutils' stop codes of ellipses that may be used


@dataclass(frozen=True, eq=False)
class IsophoteProfile:
    """Shapes of isophotes from the inside out, each array of shape (N,).

    Attributes
    ----------
    radius : ndarray
        Semi-major axis in the plane's unit.
    ellipticity, ellipticity_err : ndarray
        One minus the axis ratio.
    angle, angle_err : ndarray
        Of the major axis, anticlockwise from the plane's first axis, in radians.
    """

    radius: Floats
    ellipticity: Floats
    ellipticity_err: Floats
    angle: Floats
    angle_err: Floats


@dataclass(frozen=True)
class IsophoteBar:
    """A bar as a maximum of ellipticity; radii in the plane's unit, NaN where there is none.

    Attributes
    ----------
    max_ellipticity, max_ellipticity_err : float
    r_max_ellipticity, r_max_ellipticity_err : float
    r_twist, r_twist_err : float
        Where the direction has left that of the most elliptical isophote.
    angle : float
        Of that isophote, in radians.
    """

    max_ellipticity: float
    max_ellipticity_err: float
    r_max_ellipticity: float
    r_max_ellipticity_err: float
    r_twist: float
    r_twist_err: float
    angle: float


def isophote_profile(image: Floats, plane: LocalPlane) -> IsophoteProfile | None:
    """Fit ellipses about a fixed centre and carry them to a plane.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
        Above the sky; NaN where missing.
    plane : LocalPlane
        Its origin is the galaxy's centre.

    Returns
    -------
    IsophoteProfile or None
        None if no ellipses fit.

    Raises
    ------
    MissingDependencyError
        If photutils is not installed.

    References
    ----------
    Jedrzejewski, R. I. (1987), MNRAS 226, 747, doi:10.1093/mnras/226.4.747.
    """
    isophotes = _fit(image, plane.origin_xy)
    if len(isophotes) < _LEAST_ISOPHOTES:
        return None
    ellipses = [_on_plane(isophote, plane) for isophote in isophotes]
    shapes = np.array([ellipse.shape for ellipse in ellipses])
    return IsophoteProfile(
        radius=np.array([ellipse.semi_axes[0] for ellipse in ellipses]),
        ellipticity=np.hypot(*shapes.T),
        ellipticity_err=np.array([float(isophote.ellip_err or 0) for isophote in isophotes]),
        angle=np.arctan2(shapes[:, 1], shapes[:, 0]) / 2,
        angle_err=np.array([float(isophote.pa_err or 0) for isophote in isophotes]),
    )


def find_bar(profile: IsophoteProfile, *, tolerance_deg: float) -> IsophoteBar | None:
    """Find the highest maximum of ellipticity with a drop behind it.

    It counts from 0.25 on if the ellipticity falls by 0.1 on both sides.

    References
    ----------
    Marinova, I. & Jogee, S. (2007), ApJ 659, 1176, doi:10.1086/512355: the same two numbers.
    """
    peaks, _ = find_peaks(profile.ellipticity, height=_LEAST_ELLIPTICITY, prominence=_LEAST_DROP)
    if len(peaks) == 0:
        return None
    peak = int(peaks[np.argmax(profile.ellipticity[peaks])])
    radius, ellipticity = profile.radius, profile.ellipticity
    err = float(profile.ellipticity_err[peak])
    lower = np.flatnonzero(ellipticity < ellipticity[peak] - err)
    low = int(lower[lower < peak].max(initial=0))
    high = int(lower[lower > peak].min(initial=len(radius) - 1))
    turn = np.abs((profile.angle - profile.angle[peak] + np.pi / 2) % np.pi - np.pi / 2)
    tolerance = math.radians(tolerance_deg)
    r_twist = _first_beyond(radius[peak:], turn[peak:], tolerance)
    end = int(np.searchsorted(radius, np.nan_to_num(r_twist)).clip(peak, len(radius) - 1))
    turn_err = min(float(profile.angle_err[end]), tolerance)
    nearer, further = (
        _first_beyond(radius[peak:], turn[peak:], tolerance + d) for d in (-turn_err, turn_err)
    )
    return IsophoteBar(
        max_ellipticity=float(ellipticity[peak]),
        max_ellipticity_err=err,
        r_max_ellipticity=float(radius[peak]),
        r_max_ellipticity_err=float(radius[high] - radius[low]) / math.sqrt(12),
        r_twist=r_twist,
        r_twist_err=math.hypot((further - nearer) / 2, _STEP * r_twist / math.sqrt(12)),
        angle=float(profile.angle[peak]),
    )


def _first_beyond(radius: Floats, turn: Floats, limit: float) -> float:
    """Radius where a turn first exceeds a limit, between isophotes; NaN if it never does."""
    beyond = np.flatnonzero(turn > limit)
    if len(beyond) == 0 or beyond[0] == 0:
        return math.nan
    outer = int(beyond[0])
    share = (limit - turn[outer - 1]) / (turn[outer] - turn[outer - 1])
    return float(radius[outer - 1] + share * (radius[outer] - radius[outer - 1]))


def _fit(image: Floats, centre_xy: Floats) -> list[Any]:
    """Fit photutils' ellipses, from another start where the first does not settle."""
    with extra("isophotes", "isophotes need photutils"):
        from photutils.isophote import Ellipse as EllipseFit
        from photutils.isophote import EllipseGeometry
    ny, nx = image.shape
    x, y = centre_xy.tolist()
    reach = min(x, y, nx - 1 - x, ny - 1 - y)
    # Looking up single pixels of a masked array takes photutils five times as long.
    light = image if np.isfinite(image).all() else np.ma.masked_invalid(image)
    for start in _STARTS:
        if start >= reach:
            break
        geometry = EllipseGeometry(x, y, start, _START_ELLIPTICITY, 0.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyUserWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            found = EllipseFit(light, geometry=geometry).fit_image(
                minsma=_FIRST_RADIUS, maxsma=reach, step=_STEP, fix_center=True
            )
        good = [
            isophote for isophote in found if isophote.sma > 0 and isophote.stop_code in _FITTED
        ]
        if len(good) >= _LEAST_ISOPHOTES:
            return good
    return []


def _on_plane(isophote: Any, plane: LocalPlane) -> Ellipse:
    cos, sin = math.cos(isophote.pa), math.sin(isophote.pa)
    axes = np.array([[cos, -sin], [sin, cos]]) * isophote.sma * (1, 1 - isophote.eps)
    return Ellipse(np.zeros(2), plane.matrix @ axes)
