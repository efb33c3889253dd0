"""One spiral arm: its place on the sky, its fit, and the numbers that come from both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.frame import ImageFrame
from galseg.measure.curvature import pitch_angle_change_deg
from galseg.measure.evidence import Evidence
from galseg.measure.flags import MeasureFlag
from galseg.measure.logspiral import LogSpiral, fit_log_spiral
from galseg.measure.plane import LocalPlane, as_seen
from galseg.measure.ridges import Ridge, median

__all__ = ["ArmMeasurement", "Track", "describe_arm", "tracks_of"]

Floats = NDArray[np.float64]

_POOR_SCATTER = 0.1  # in ln r
_END_ERR = 1 / 8  # of the thickness: how far the middle of an arm's end is off, in simulated crowds


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmMeasurement:
    """One spiral arm, in the plane of the sky or in the disc if that was given.

    What is undefined is NaN. Every ``_err`` is one standard deviation.

    Attributes
    ----------
    arm_id : int
        From 1, the longest first.
    pitch_angle_deg : float
        Between the arm and a circle; its error is the scatter about the fit, with one
        independent point per width of the arm, and a tilt of the whole arm by an eighth of its
        width at either end, as the consensus of simulated volunteers has.
    winding : str
        ``"S"`` if the arm turns clockwise going outwards, ``"Z"`` if anticlockwise, empty if the
        pitch angle is within its error of zero.
    r_inner_arcsec, r_outer_arcsec : float
        Of the fitted spiral at the arm's ends; the errors are those of the fit there and of where
        the arm ends, known to the standard deviation of a step as long as the arm is wide.
    arc_length_arcsec : float
        ``|r_outer - r_inner| / sin(pitch)``.
    azimuth_deg : float
        Angle that the arm covers, over 360 for more than a turn.
    pitch_angle_change_deg : float
        Pitch angle at the outer end less the one at the inner end, see
        `galseg.measure.curvature.pitch_angle_change_deg`; NaN for an arm that is hardly longer
        than wide.
    width_arcsec : float
        Median width across the arm; the error is its scatter along the arm.
    probability : float
        Mean of the map along the middle of the arm; 1 for a mask.
    flags : MeasureFlag
    ridge_xy : ndarray, shape (N, 2)
        The middle of the arm in pixels.
    """

    arm_id: int
    pitch_angle_deg: float
    pitch_angle_deg_err: float
    pitch_angle_change_deg: float = math.nan
    pitch_angle_change_deg_err: float = math.nan
    winding: str
    r_inner_arcsec: float
    r_inner_arcsec_err: float = math.nan
    r_outer_arcsec: float
    r_outer_arcsec_err: float = math.nan
    arc_length_arcsec: float
    arc_length_arcsec_err: float = math.nan
    azimuth_deg: float
    azimuth_deg_err: float = math.nan
    width_arcsec: float
    width_arcsec_err: float
    probability: float
    flags: MeasureFlag
    ridge_xy: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Track:
    """The middle of an arm, through the full WCS, and the spiral through it.

    Attributes
    ----------
    xy : ndarray, shape (N, 2)
        In pixels.
    sides_xy : ndarray, shape (2 N, 2)
        Its inner and outer side in pixels.
    spiral : LogSpiral
        In the plane of the sky or of the disc, in arcsec, or in pixels without a WCS.
    pitch_change : tuple of float
        Change of the pitch angle along the arm in degrees, and its error.
    width, width_err : float
        Across the arm, in the unit of the spiral.
    """

    xy: Floats
    sides_xy: Floats
    spiral: LogSpiral
    pitch_change: tuple[float, float]
    width: float
    width_err: float

    @property
    def elongation(self) -> float:
        """Length over width."""
        return self.spiral.arc_length / self.width


def tracks_of(
    ridges: Sequence[Ridge], frame: ImageFrame, *, plane: LocalPlane, disc: Floats | None
) -> list[Track]:
    """Carry ridges from the local plane to the sky, or on to the disc, and fit them.

    Parameters
    ----------
    ridges : sequence of Ridge
        In `plane`.
    frame : ImageFrame
    plane : LocalPlane
        Round the galaxy's centre, stretched by `disc` if that is given.
    disc : ndarray, shape (2, 2), or None
        See `galseg.measure.host.disc_stretch`.

    Returns
    -------
    list of Track
    """
    if not ridges:
        return []
    xy = plane.to_pixel(np.concatenate([ridge.points for ridge in ridges]))
    seen = as_seen(frame, xy, plane.origin_xy)
    if disc is not None:
        seen = seen @ disc.T
    unit = plane.unit_arcsec if frame.has_sky else 1.0
    breaks = np.cumsum([len(ridge) for ridge in ridges])[:-1]
    return [
        _track(ridge, ridge_xy, points, plane, unit)
        for ridge, ridge_xy, points in zip(
            ridges, np.split(xy, breaks), np.split(seen, breaks), strict=True
        )
    ]


def _track(ridge: Ridge, xy: Floats, points: Floats, plane: LocalPlane, unit: float) -> Track:
    wrapped = np.arctan2(points[:, 1], points[:, 0]) - ridge.azimuth
    azimuth = ridge.azimuth + (wrapped + math.pi) % (2 * math.pi) - math.pi
    radius = np.hypot(*points.T)
    thickness = ridge.thickness * unit
    typical = median(thickness)
    spiral = fit_log_spiral(
        azimuth,
        radius,
        weights=radius,
        correlation_length=typical,
        end_err=_END_ERR * typical,
    )
    across = thickness * math.cos(math.radians(spiral.pitch_angle_deg))
    width = median(across)
    n_independent = max(spiral.arc_length / width, 1.0)
    width_err = float(np.std(across)) / math.sqrt(n_independent)
    sides = [ridge.points * (1 + sign * ridge.thickness / ridge.radius / 2)[:, None]
             for sign in (-1, 1)]  # fmt: skip
    change = pitch_angle_change_deg(
        spiral, azimuth, radius, weights=radius, n_independent=n_independent
    )
    return Track(xy, plane.to_pixel(np.concatenate(sides)), spiral, change, width, width_err)


def describe_arm(
    track: Track, arm_id: int, *, evidence: Evidence, frame: ImageFrame
) -> ArmMeasurement:
    """Put the numbers of an arm together."""
    spiral = track.spiral
    to_arcsec = 1.0 if frame.has_sky else math.nan
    inner, outer = spiral.radii
    errors = _extent_errors(track)
    change, change_err = track.pitch_change
    return ArmMeasurement(
        arm_id=arm_id,
        pitch_angle_deg=spiral.pitch_angle_deg,
        pitch_angle_deg_err=spiral.pitch_angle_deg_err,
        pitch_angle_change_deg=change,
        pitch_angle_change_deg_err=change_err,
        winding=spiral.winding,
        r_inner_arcsec=inner * to_arcsec,
        r_inner_arcsec_err=errors.r_inner * to_arcsec,
        r_outer_arcsec=outer * to_arcsec,
        r_outer_arcsec_err=errors.r_outer * to_arcsec,
        arc_length_arcsec=spiral.arc_length * to_arcsec,
        arc_length_arcsec_err=errors.arc_length * to_arcsec,
        azimuth_deg=math.degrees(spiral.end - spiral.start),
        azimuth_deg_err=math.degrees(errors.azimuth),
        width_arcsec=track.width * to_arcsec,
        width_arcsec_err=track.width_err * to_arcsec,
        probability=float(evidence.values[evidence.nearest(track.xy)].mean()),
        flags=_flags(track, evidence, frame),
        ridge_xy=track.xy,
    )


class _ExtentErrors(NamedTuple):
    """One standard deviation each, in the unit of the spiral and in radians."""

    r_inner: float
    r_outer: float
    arc_length: float
    azimuth: float


def _extent_errors(track: Track) -> _ExtentErrors:
    """Carry the errors of the fit, and of where the arm ends, on to its extent."""
    spiral = track.spiral
    end_err = track.width / math.sqrt(12)
    pitch = math.radians(spiral.pitch_angle_deg)
    azimuths = (spiral.start, spiral.end) if spiral.slope >= 0 else (spiral.end, spiral.start)
    r_inner_err, r_outer_err = (
        math.hypot(radius * spiral.log_r_err(azimuth), end_err * math.sin(pitch))
        for azimuth, radius in zip(azimuths, spiral.radii, strict=True)
    )
    stretch_err = math.hypot(spiral.level_err, spiral.slope_err * math.sin(pitch) * math.cos(pitch))
    return _ExtentErrors(
        r_inner=r_inner_err,
        r_outer=r_outer_err,
        arc_length=math.hypot(math.sqrt(2) * end_err, spiral.arc_length * stretch_err),
        azimuth=math.hypot(*(end_err * math.cos(pitch) / radius for radius in spiral.radii)),
    )


def _flags(track: Track, evidence: Evidence, frame: ImageFrame) -> MeasureFlag:
    flags = MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS
    ny, nx = frame.shape
    if (track.sides_xy < 0.5).any() or (track.sides_xy > (nx - 1.5, ny - 1.5)).any():
        flags |= MeasureFlag.TOUCHES_EDGE
    if evidence.is_near_missing(np.concatenate([track.xy, track.sides_xy])):
        flags |= MeasureFlag.NAN_PIXELS
    if track.spiral.scatter > _POOR_SCATTER:
        flags |= MeasureFlag.POOR_FIT
    return flags
