"""Spiral arms: pitch angle, winding, extent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from galseg.frame import ImageFrame
from galseg.measure.arm import ArmMeasurement, describe_arm, tracks_of
from galseg.measure.evidence import Evidence
from galseg.measure.flags import MeasureFlag
from galseg.measure.host import Centre, disc_stretch, pixel_of
from galseg.measure.joining import join_ridges
from galseg.measure.pitch import common_pitch
from galseg.measure.plane import LocalPlane
from galseg.measure.polar import PolarMap
from galseg.measure.ridges import Ridge, trace_ridges

__all__ = ["SpiralMeasurement", "measure_spiral_arms"]

_MIN_AZIMUTH = math.radians(20)
_MIN_ELONGATION = 2.0
_MIN_SHARE = 0.2  # of the longest arm


@dataclass(frozen=True, kw_only=True, eq=False)
class SpiralMeasurement:
    """The arms of a galaxy and what they say together.

    Attributes
    ----------
    arms : tuple of ArmMeasurement
        Longest first.
    pitch_angle_deg : float
        Mean of the arms with the dominant winding, weighted by their lengths; its error holds
        their own errors and how much they differ. NaN without arms.
    pitch_angle_dispersion_deg : float
        Standard deviation of the pitch angle among those arms, their own errors taken out; NaN
        for one arm. See `galseg.measure.pitch.common_pitch`.
    winding : str
        The winding with the greater length of arms; empty without arms that wind.
    winding_share : float
        Share of the arms' length that has it; NaN without arms.
    flags : MeasureFlag
        Of the map and of all arms.
    centre_xy : tuple of float
        The pixel taken as the galaxy's centre.
    """

    arms: tuple[ArmMeasurement, ...] = ()
    pitch_angle_deg: float = math.nan
    pitch_angle_deg_err: float = math.nan
    pitch_angle_dispersion_deg: float = math.nan
    pitch_angle_dispersion_deg_err: float = math.nan
    winding: str = ""
    winding_share: float = math.nan
    flags: MeasureFlag = MeasureFlag.NONE
    centre_xy: tuple[float, float] = (math.nan, math.nan)

    @property
    def n_arms(self) -> int:
        """Number of arms."""
        return len(self.arms)


def measure_spiral_arms(
    mask_or_probability: ArrayLike,
    *,
    frame: ImageFrame,
    centre: Centre | None = None,
    inclination_deg: float | None = None,
    line_of_nodes_deg: float | None = None,
    threshold: float = 0.5,
) -> SpiralMeasurement:
    """Separate spiral arms and fit a logarithmic spiral to each.

    The map is cut along every radius from the centre; cuts that carry on from one azimuth to
    the next make a ridge, and ridges that carry on over a gap, or through a ring, make an arm, if
    they cover at least 20 degrees and are at least twice as long as wide and a fifth as long as
    the longest. The middle of each arm goes through
    the full WCS, and ``r = r0 exp(azimuth tan(pitch))`` is fitted robustly, weighted by length
    along the arm.

    Parameters
    ----------
    mask_or_probability : array_like, shape (ny, nx)
        A mask of bools, zeros and ones, or a map of 0 to 1; NaN where nothing is known.
    frame : ImageFrame
        The grid of the map. Without a WCS arms are measured as displayed with y up, and
        everything in arcsec is NaN.
    centre : tuple of float (x, y) or SkyCoord, optional
        Of the galaxy. The middle of the image if left out, as suits cutouts, and flagged.
    inclination_deg, line_of_nodes_deg : float, optional
        Of the disc; give both to measure in its plane, else the sky is taken as it is seen.
    threshold : float, optional
        Above 0 and at most 1; without meaning for a mask.

    Returns
    -------
    SpiralMeasurement

    Raises
    ------
    ShapeError
        If the map does not fit the frame or is not 0 to 1.
    ConfigError
        If an option is outside its range.
    FrameError
        If the WCS has no finite pixel size at the centre, or a disc geometry or a centre on the
        sky is given without a WCS.

    References
    ----------
    Davis, B. L. et al. (2012), ApJS 199, 33, doi:10.1088/0067-0049/199/2/33: pitch angles as
    slopes in ln r against azimuth.

    Examples
    --------
    >>> import numpy as np
    >>> y, x = np.mgrid[-50:51, -50:51]
    >>> phase = np.arctan2(y, x) - np.log(np.hypot(x, y) + 1e-9) / np.tan(np.radians(20))
    >>> mask = (np.cos(2 * phase) > 0.8) & (np.hypot(x, y) > 8) & (np.hypot(x, y) < 45)
    >>> spiral = measure_spiral_arms(mask, frame=ImageFrame(mask.shape))
    >>> spiral.n_arms, spiral.winding, bool(abs(spiral.pitch_angle_deg - 20) < 0.5)
    (2, 'Z', True)
    """
    evidence = Evidence.of(mask_or_probability, frame, threshold)
    disc, flags = disc_stretch(frame, inclination_deg, line_of_nodes_deg)
    flags |= evidence.flags | (MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS)
    if centre is None:
        flags |= MeasureFlag.CENTRE_ASSUMED
    if disc is None and frame.has_sky:
        flags |= MeasureFlag.AS_SEEN
    centre_xy = frame.centre_xy if centre is None else pixel_of(centre, frame)
    plane = LocalPlane.at(frame, centre_xy)
    if disc is not None:
        plane = plane.stretched(disc)
    ridges, has_ring = _separate(evidence, plane)
    if has_ring:
        flags |= MeasureFlag.RING
    ridges = [ridge for ridge in ridges if ridge.azimuth_span >= _MIN_AZIMUTH]
    tracks = tracks_of(ridges, frame, plane=plane, disc=disc)
    tracks = [track for track in tracks if track.elongation >= _MIN_ELONGATION]
    tracks.sort(key=lambda track: track.spiral.arc_length, reverse=True)
    tracks = [
        track
        for track in tracks
        if track.spiral.arc_length >= _MIN_SHARE * tracks[0].spiral.arc_length
    ]
    arms = tuple(
        describe_arm(track, number, evidence=evidence, frame=frame)
        for number, track in enumerate(tracks, start=1)
    )
    for arm in arms:
        flags |= arm.flags
    return SpiralMeasurement(
        arms=arms,
        flags=flags,
        centre_xy=(float(centre_xy[0]), float(centre_xy[1])),
        **common_pitch([track.spiral for track in tracks])._asdict(),
    )


def _separate(evidence: Evidence, plane: LocalPlane) -> tuple[list[Ridge], bool]:
    if not evidence.mask.any():
        return [], False
    polar = PolarMap.of(evidence, plane)
    pieces, is_closed = trace_ridges(polar)
    ridges, has_ring = join_ridges([piece.trimmed() for piece in pieces], polar)
    return ridges, has_ring or is_closed
