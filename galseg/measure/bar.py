"""Length, width and direction of a bar."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from astropy.cosmology import FLRW, Planck18
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError
from galseg.frame import ImageFrame
from galseg.measure.axes import Axes, find_axes
from galseg.measure.evidence import Evidence
from galseg.measure.flags import MeasureFlag
from galseg.measure.host import Centre, disc_stretch, kpc_per_arcsec, pixel_of
from galseg.measure.plane import LocalPlane, as_seen, position_angle_deg, separation_arcsec
from galseg.measure.profile import vote_levels

__all__ = ["BarMeasurement", "measure_bar"]

Floats = NDArray[np.float64]

_MIN_PIXELS = 4
_ROUND = 0.95  # ratio of the moments' axes above which there is no direction


@dataclass(frozen=True, kw_only=True)
class BarMeasurement:
    """A bar on its image and on the sky.

    What is undefined is NaN and `flags` says why. Every ``_err`` is one standard deviation; see
    `measure_bar` for what it holds.

    Attributes
    ----------
    ra_deg, dec_deg : float
        Middle of the bar, ICRS.
    length_pix, length_arcsec, length_kpc : float
        End to end.
    length_deprojected_arcsec, length_deprojected_kpc : float
        End to end in the plane of the disc.
    width_arcsec : float
        Full width across the middle.
    axis_ratio : float
        Width over length, as seen.
    position_angle_deg : float
        North through east, [0, 180).
    centre_offset_arcsec : float
        From the galaxy's centre to the middle of the bar.
    length_over_disc_diameter : float
        The deprojected length, or the one as seen where there is none, over twice the radius of
        the disc; the same number as bar radius over disc radius.
    probability : float
        Mean of the map over the bar's pixels; 1 for a mask.
    flags : MeasureFlag
    ends_xy : tuple of tuple of float
        The two ends in pixels.
    """

    ra_deg: float = math.nan
    dec_deg: float = math.nan
    length_pix: float = math.nan
    length_pix_err: float = math.nan
    length_arcsec: float = math.nan
    length_arcsec_err: float = math.nan
    length_kpc: float = math.nan
    length_kpc_err: float = math.nan
    length_deprojected_arcsec: float = math.nan
    length_deprojected_arcsec_err: float = math.nan
    length_deprojected_kpc: float = math.nan
    length_deprojected_kpc_err: float = math.nan
    width_arcsec: float = math.nan
    width_arcsec_err: float = math.nan
    axis_ratio: float = math.nan
    axis_ratio_err: float = math.nan
    position_angle_deg: float = math.nan
    position_angle_deg_err: float = math.nan
    centre_offset_arcsec: float = math.nan
    centre_offset_arcsec_err: float = math.nan
    length_over_disc_diameter: float = math.nan
    length_over_disc_diameter_err: float = math.nan
    probability: float = math.nan
    flags: MeasureFlag = MeasureFlag.NONE
    ends_xy: tuple[tuple[float, float], tuple[float, float]] = (
        (math.nan, math.nan),
        (math.nan, math.nan),
    )


def measure_bar(
    mask_or_probability: ArrayLike,
    *,
    frame: ImageFrame,
    inclination_deg: float | None = None,
    line_of_nodes_deg: float | None = None,
    redshift: float | None = None,
    distance_mpc: float | None = None,
    cosmology: FLRW = Planck18,
    disc_radius_arcsec: float | None = None,
    threshold: float = 0.5,
    centre: Centre | None = None,
    n_asked: int | None = None,
) -> BarMeasurement:
    """Measure a bar in a mask, a map of probabilities or a consensus fraction.

    The largest connected piece is measured. Its axis is that of its second moments on the sky.
    Its ends are looked for in bands along the axis, over the inner three fifths of the width:
    where the mean of a band last crosses the threshold, between pixels, going outwards. A
    parabola through the bands' ends meets the axis at the tip, so that round and straight ends
    come out alike. The width is that of the mean over the middle quarter of the length. The ends
    then go to the sky through the full WCS.

    The deprojected length is found in the same way on the map stretched into the disc.

    Parameters
    ----------
    mask_or_probability : array_like, shape (ny, nx)
        A mask of bools, zeros and ones, or a map of 0 to 1; NaN where nothing is known.
    frame : ImageFrame
        The grid of the map. Without a WCS only pixels are measured.
    inclination_deg, line_of_nodes_deg : float, optional
        Of the disc; give both for deprojected lengths.
    redshift, distance_mpc : float, optional
        For lengths in kpc; the angular diameter distance is used where both are given.
    cosmology : astropy.cosmology.FLRW, optional
        Gives the distance of the redshift.
    disc_radius_arcsec : float, optional
        Semi-major axis of the disc.
    threshold : float, optional
        Above 0 and at most 1; without meaning for a mask.
    centre : tuple of float (x, y) or SkyCoord, optional
        Of the galaxy, for the offset of the bar and to flag one that does not lie over it.
    n_asked : int, optional
        Volunteers behind a map of fractions, for the errors.

    Returns
    -------
    BarMeasurement
        Errors hold the pixel grid and, for a map, how sharply it falls at the ends: between
        0.84 and 0.16 if it is a probability, between the threshold plus and minus its binomial
        error if `n_asked` is given. For a mask they are lower limits: nothing in it says how
        well its outline is known. Errors of the disc, the centre and the distance are not in
        them.

    Raises
    ------
    ShapeError
        If the map does not fit the frame or is not 0 to 1.
    ConfigError
        If an option is outside its range.
    FrameError
        If the WCS has no finite pixel size at the bar, or a disc geometry or a centre on the sky
        is given without a WCS.

    References
    ----------
    Hoyle, B. et al. (2011), MNRAS 415, 3627, doi:10.1111/j.1365-2966.2011.18979.x: bar lengths
    end to end from drawings. Planck Collaboration (2020), A&A 641, A6,
    doi:10.1051/0004-6361/201833910.

    Examples
    --------
    >>> mask = np.zeros((64, 64), dtype=bool)
    >>> mask[29:34, 12:52] = True
    >>> bar = measure_bar(mask, frame=ImageFrame(mask.shape))
    >>> round(bar.length_pix, 2), round(bar.axis_ratio, 3), bar.flags.name
    (40.0, 0.125, 'NO_WCS')
    """
    evidence = Evidence.of(mask_or_probability, frame, threshold)
    levels = None if evidence.is_mask else vote_levels(evidence.threshold, n_asked)
    disc, flags = disc_stretch(frame, inclination_deg, line_of_nodes_deg)
    centre_xy = None if centre is None else pixel_of(centre, frame)
    kpc, kpc_flags = kpc_per_arcsec(redshift, distance_mpc=distance_mpc, cosmology=cosmology)
    disc_diameter = _diameter(disc_radius_arcsec)
    flags |= kpc_flags | evidence.flags
    if not frame.has_sky:
        flags |= MeasureFlag.NO_WCS
    if not evidence.mask.any():
        return BarMeasurement(flags=flags)
    component = evidence.largest_component()
    flags |= component.flags
    probability = float(component.weights.mean())
    if len(component.weights) < _MIN_PIXELS:
        return BarMeasurement(probability=probability, flags=flags | MeasureFlag.TOO_SMALL)
    plane = LocalPlane.at(frame, component.centroid_xy)
    axes = find_axes(component, plane, threshold=evidence.threshold, levels=levels)
    if axes is None:
        return BarMeasurement(probability=probability, flags=flags | MeasureFlag.POOR_FIT)
    if axes.roundness > _ROUND:
        flags |= MeasureFlag.ROUND
    if centre_xy is not None and not axes.covers(centre_xy):
        flags |= MeasureFlag.OFF_CENTRE
    bar = replace(_in_pixels(axes), probability=probability, flags=flags)
    if not frame.has_sky:
        return bar
    bar = _on_sky(bar, axes, frame)
    if disc is not None:
        in_disc = find_axes(
            component, plane.stretched(disc), threshold=evidence.threshold, levels=levels
        )
        bar = bar if in_disc is None else _in_disc(bar, in_disc, frame, disc)
    if centre_xy is not None:
        bar = _off_centre(bar, axes, frame, centre_xy)
    return _in_scale(bar, kpc, disc_diameter)


def _diameter(disc_radius_arcsec: float | None) -> float:
    if disc_radius_arcsec is None:
        return math.nan
    if not (math.isfinite(disc_radius_arcsec) and disc_radius_arcsec > 0):
        raise ConfigError(
            f"disc_radius_arcsec must be above 0, got {disc_radius_arcsec}; leave it out where it "
            "is not known"
        )
    return 2 * disc_radius_arcsec


def _in_pixels(axes: Axes) -> BarMeasurement:
    ends = axes.ends_xy
    length = float(np.hypot(*(ends[1] - ends[0])))
    return BarMeasurement(
        length_pix=length,
        length_pix_err=length * axes.along.relative_err,
        axis_ratio=axes.across.length / axes.along.length,
        axis_ratio_err=axes.across.length / axes.along.length * _ratio_err(axes),
        ends_xy=((float(ends[0, 0]), float(ends[0, 1])), (float(ends[1, 0]), float(ends[1, 1]))),
    )


def _on_sky(bar: BarMeasurement, axes: Axes, frame: ImageFrame) -> BarMeasurement:
    ra_deg, dec_deg = frame.to_radec_deg(axes.middle_xy[None])[0].tolist()
    seen = as_seen(frame, [*axes.ends_xy, *axes.sides_xy], axes.middle_xy)
    length, width = separation_arcsec(*seen[:2]), separation_arcsec(*seen[2:])
    is_round = MeasureFlag.ROUND in bar.flags
    return replace(
        bar,
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        length_arcsec=length,
        length_arcsec_err=length * axes.along.relative_err,
        width_arcsec=width,
        width_arcsec_err=width * axes.across.relative_err,
        axis_ratio=width / length,
        axis_ratio_err=width / length * _ratio_err(axes),
        position_angle_deg=math.nan if is_round else position_angle_deg(seen[1] - seen[0]),
        position_angle_deg_err=math.nan if is_round else math.degrees(axes.angle_err),
    )


def _in_disc(bar: BarMeasurement, axes: Axes, frame: ImageFrame, disc: Floats) -> BarMeasurement:
    ends = as_seen(frame, axes.ends_xy, axes.middle_xy) @ disc.T
    length = float(np.hypot(*(ends[1] - ends[0])))
    return replace(
        bar,
        length_deprojected_arcsec=length,
        length_deprojected_arcsec_err=length * axes.along.relative_err,
    )


def _off_centre(
    bar: BarMeasurement, axes: Axes, frame: ImageFrame, centre_xy: Floats
) -> BarMeasurement:
    return replace(
        bar,
        centre_offset_arcsec=float(
            frame.separation_arcsec(axes.middle_xy[None], centre_xy[None])[0]
        ),
        centre_offset_arcsec_err=math.hypot(bar.length_arcsec_err, bar.width_arcsec_err) / 2,
    )


def _in_scale(bar: BarMeasurement, kpc: float, disc_diameter: float) -> BarMeasurement:
    """Compare with a kiloparsec and with the disc, NaN where they are not known."""
    length, err = bar.length_arcsec, bar.length_arcsec_err
    in_disc, in_disc_err = bar.length_deprojected_arcsec, bar.length_deprojected_arcsec_err
    is_deprojected = not math.isnan(in_disc)
    return replace(
        bar,
        length_kpc=length * kpc,
        length_kpc_err=err * kpc,
        length_deprojected_kpc=in_disc * kpc,
        length_deprojected_kpc_err=in_disc_err * kpc,
        length_over_disc_diameter=(in_disc if is_deprojected else length) / disc_diameter,
        length_over_disc_diameter_err=(in_disc_err if is_deprojected else err) / disc_diameter,
    )


def _ratio_err(axes: Axes) -> float:
    return math.hypot(axes.along.relative_err, axes.across.relative_err)
