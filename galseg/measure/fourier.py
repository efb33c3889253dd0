"""The two-fold part of the light in rings, and the bar that it shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks

from galseg.measure.plane import LocalPlane

__all__ = ["FourierBar", "FourierProfile", "find_bar", "fourier_profile"]

Floats = NDArray[np.float64]

_N_AZIMUTHS = 120
_REACH = 0.8  # of the farthest corner, beyond which no ring is covered
_N_SMOOTHED = 3  # rings
_LEAST_COVER = 0.7  # of a ring
_WORST_ERR = 0.1  # of A2 / A0
_FIRST_RADIUS = 2.0
_LEAST_PEAK = 0.12  # of A2 / A0
_LEAST_PROMINENCE = 0.25  # of a peak, in units of its height
_LEAST_STRETCH = 1.6  # outer over inner radius of constant phase
_FADED = 0.1  # part of the peak below which there is no wave whose phase could stay
_TOP = 0.9  # part of the peak from which on the phase is averaged


@dataclass(frozen=True, eq=False)
class FourierProfile:
    """Amplitude and phase of ``I = A0 (1 + a2 cos 2(t - phase))``, one number a ring.

    Rings that lie outside the image or in missing pixels are left out, and all beyond the first
    one that is too faint.

    Attributes
    ----------
    radius : ndarray, shape (N,)
        In the plane's unit.
    a2, a2_err : ndarray, shape (N,)
        A2 / A0.
    phase, phase_err : ndarray, shape (N,)
        Direction of the greatest light, anticlockwise from the first axis, in radians.
    """

    radius: Floats
    a2: Floats
    a2_err: Floats
    phase: Floats
    phase_err: Floats


@dataclass(frozen=True)
class FourierBar:
    """A bar as a peak of A2 / A0 over which the phase is constant; radii in the plane's unit.

    Attributes
    ----------
    a2_max, a2_max_err : float
    r_peak, r_peak_err : float
        Where A2 / A0 peaks.
    r_phase, r_phase_err : float
        Up to where the phase is constant and A2 / A0 at least a tenth of the peak.
    phase, phase_err : float
        In radians.
    """

    a2_max: float
    a2_max_err: float
    r_peak: float
    r_peak_err: float
    r_phase: float
    r_phase_err: float
    phase: float
    phase_err: float


def fourier_profile(image: Floats, plane: LocalPlane) -> FourierProfile:
    """Fit the mean and the two-fold wave to the light in rings a pixel apart, averaged over three.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
        Above the sky; NaN where missing.
    plane : LocalPlane
        Its origin is the galaxy's centre, its circles are the rings.

    Returns
    -------
    FourierProfile
        Errors from the scatter of the light about the fit, in every ring.
    """
    corners = np.array([(x, y) for x in (0, image.shape[1] - 1) for y in (0, image.shape[0] - 1)])
    radius = np.arange(1.0, max(_REACH * np.hypot(*plane.to_plane(corners).T).max(), 2.0))
    t = np.arange(_N_AZIMUTHS) * 2 * np.pi / _N_AZIMUTHS
    circle = np.column_stack([np.cos(t), np.sin(t)])
    light = _light_on(image, plane, radius[:, None, None] * circle)
    seen = np.isfinite(light)
    enough = seen.mean(axis=1) > _LEAST_COVER
    radius, light, seen = radius[enough], np.nan_to_num(light[enough]), seen[enough].astype(float)

    waves = np.stack([np.ones_like(t), np.cos(2 * t), np.sin(2 * t)])
    products = (waves[:, None] * waves).reshape(9, -1)
    inverse = np.linalg.inv((seen @ products.T).reshape(-1, 3, 3))
    fit = np.einsum("rij,rj->ri", inverse, light @ waves.T)
    n_seen = seen.sum(axis=1)
    residual2 = (seen * (light - fit @ waves) ** 2).sum(axis=1) / (n_seen - 3)
    # Samples closer than a pixel are not independent.
    crowding = np.maximum(_N_AZIMUTHS / (2 * np.pi * radius), 1)
    variance = (residual2 * crowding)[:, None] * np.diagonal(inverse, axis1=1, axis2=2)
    fit = uniform_filter1d(fit, _N_SMOOTHED, axis=0, mode="nearest")
    return _profile(radius, fit, variance / _N_SMOOTHED)


def _light_on(image: Floats, plane: LocalPlane, points: Floats) -> Floats:
    """Interpolate the image at points of the plane; NaN beside missing pixels and outside."""
    x, y = plane.to_pixel(points.reshape(-1, 2)).T.reshape(2, *points.shape[:2]).astype(np.float32)
    return np.asarray(
        cv2.remap(
            image.astype(np.float32), x, y, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=math.nan,
        ),
        dtype=float,
    )  # fmt: skip


def _profile(radius: Floats, fit: Floats, variance: Floats) -> FourierProfile:
    mean, cosine, sine = fit.T
    amplitude = np.hypot(cosine, sine)
    amplitude_err = np.sqrt(variance[:, 1:].mean(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        a2 = amplitude / mean
        a2_err = np.hypot(amplitude_err, a2 * np.sqrt(variance[:, 0])) / mean
        phase_err = amplitude_err / (2 * amplitude)
    too_faint = (mean <= 0) | (a2_err > _WORST_ERR)
    stop = int(np.argmax(too_faint)) if too_faint.any() else len(radius)
    phase = np.arctan2(sine, cosine) / 2
    return FourierProfile(radius[:stop], a2[:stop], a2_err[:stop], phase[:stop], phase_err[:stop])


def find_bar(profile: FourierProfile, *, tolerance_deg: float) -> FourierBar | None:
    """Find the highest peak of A2 / A0 with a phase that stays.

    A peak counts from A2 / A0 = 0.12 on if it stands out by a quarter of its height and the
    phase stays within the tolerance while the radius grows by 1.6: along an arm of a pitch angle
    up to 45 degrees it turns by more.

    Parameters
    ----------
    profile : FourierProfile
    tolerance_deg : float
        Of the phase, above zero.

    Returns
    -------
    FourierBar or None
    """
    peaks, found = find_peaks(profile.a2, height=_LEAST_PEAK, prominence=0)
    stands_out = found["prominences"] >= _LEAST_PROMINENCE * found["peak_heights"]
    candidates = peaks[stands_out & (profile.radius[peaks] >= _FIRST_RADIUS)]
    for peak in candidates[np.argsort(-profile.a2[candidates])].tolist():
        stretch = _Stretch.around(profile, peak)
        inner, outer = stretch.limits(math.radians(tolerance_deg))
        if outer >= _LEAST_STRETCH * inner:
            return _bar(profile, peak, stretch, math.radians(tolerance_deg))
    return None


@dataclass(frozen=True, eq=False)
class _Stretch:
    """How far the phase turns from the mean at a peak, in every ring; a right angle if it faded."""

    radius: Floats
    turn: Floats
    top: slice
    peak: int
    phase: float

    @classmethod
    def around(cls, profile: FourierProfile, peak: int) -> _Stretch:
        below = np.flatnonzero(profile.a2 < _TOP * profile.a2[peak])
        first = int(below[below < peak].max(initial=-1)) + 1
        stop = int(below[below > peak].min(initial=len(profile.a2)))
        top = slice(first, stop)
        waves = profile.a2[top] * np.exp(2j * profile.phase[top])
        phase = float(np.angle(waves.sum()) / 2)
        turn = np.abs((profile.phase - phase + np.pi / 2) % np.pi - np.pi / 2)
        turn[profile.a2 < _FADED * profile.a2[peak]] = np.pi / 2
        return cls(profile.radius, turn, top, peak, phase)

    def limits(self, tolerance: float) -> tuple[float, float]:
        """Radii between which the phase stays within the tolerance."""
        turned = np.flatnonzero(self.turn > tolerance)
        before, beyond = turned[turned < self.peak], turned[turned > self.peak]
        inner = self._crossing(int(before[-1]), 1, tolerance) if len(before) else self.radius[0]
        outer = self._crossing(int(beyond[0]), -1, tolerance) if len(beyond) else self.radius[-1]
        return float(inner), float(outer)

    def _crossing(self, turned: int, towards_peak: int, tolerance: float) -> float:
        within = turned + towards_peak
        share = (tolerance - self.turn[within]) / (self.turn[turned] - self.turn[within])
        return float(
            self.radius[within] + max(share, 0) * (self.radius[turned] - self.radius[within])
        )


def _bar(profile: FourierProfile, peak: int, stretch: _Stretch, tolerance: float) -> FourierBar:
    as_high = profile.a2[stretch.top] >= profile.a2[peak] - profile.a2_err[peak]
    r_phase = stretch.limits(tolerance)[1]
    end = int(np.searchsorted(profile.radius, r_phase).clip(0, len(profile.radius) - 1))
    turn_err = min(float(profile.phase_err[end]), tolerance)
    shorter, longer = (stretch.limits(tolerance + err)[1] for err in (-turn_err, turn_err))
    n_top = stretch.top.stop - stretch.top.start
    turns = stretch.turn[stretch.top]
    return FourierBar(
        a2_max=float(profile.a2[peak]),
        a2_max_err=float(profile.a2_err[peak]),
        r_peak=float(profile.radius[peak]),
        r_peak_err=float(np.count_nonzero(as_high)) / math.sqrt(12),
        r_phase=r_phase,
        r_phase_err=math.hypot((longer - shorter) / 2, 1 / math.sqrt(12)),
        phase=stretch.phase,
        phase_err=math.hypot(
            float(np.sqrt(np.mean(turns**2) / n_top)),
            float(np.sqrt(np.mean(profile.phase_err[stretch.top] ** 2) / n_top)),
        ),
    )
