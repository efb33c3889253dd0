"""A bar in the light of its galaxy, to check one that was drawn or predicted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ShapeError
from galseg.frame import ImageFrame
from galseg.measure import fourier
from galseg.measure import isophote_bar as ellipses
from galseg.measure.flags import MeasureFlag
from galseg.measure.host import Centre, disc_stretch, pixel_of
from galseg.measure.plane import LocalPlane, as_seen, position_angle_deg

__all__ = ["BarLight", "measure_bar_light"]

Floats = NDArray[np.float64]

TOLERANCE_DEG = 10.0


@dataclass(frozen=True, kw_only=True)
class BarLight:
    """A bar's length by several definitions, as seen on the sky and end to end.

    What is undefined is NaN and `flags` says why. Every ``_err`` is one standard deviation.

    Attributes
    ----------
    a2_max : float
        Greatest two-fold amplitude of the light over its mean, A2 / A0, in the bar.
    length_a2_arcsec : float
        Twice the radius at which A2 / A0 is greatest.
    length_phase_arcsec : float
        Twice the radius up to which the two-fold phase lies within 10 degrees of that at the
        greatest amplitude, and the amplitude above a tenth of it.
    position_angle_deg : float
        Of that phase on the sky, north through east, [0, 180).
    max_ellipticity : float
        Greatest ellipticity of an isophote in the bar.
    length_max_ellipticity_arcsec : float
        Twice the semi-major axis of that isophote.
    length_twist_arcsec : float
        Twice the semi-major axis at which the isophotes have turned by 10 degrees from it.
    deprojected_over_seen : float
        Of a length along the position angle: times it, each length is the one in the disc.
    flags : MeasureFlag
    """

    a2_max: float = math.nan
    a2_max_err: float = math.nan
    length_a2_arcsec: float = math.nan
    length_a2_arcsec_err: float = math.nan
    length_phase_arcsec: float = math.nan
    length_phase_arcsec_err: float = math.nan
    position_angle_deg: float = math.nan
    position_angle_deg_err: float = math.nan
    max_ellipticity: float = math.nan
    max_ellipticity_err: float = math.nan
    length_max_ellipticity_arcsec: float = math.nan
    length_max_ellipticity_arcsec_err: float = math.nan
    length_twist_arcsec: float = math.nan
    length_twist_arcsec_err: float = math.nan
    deprojected_over_seen: float = math.nan
    flags: MeasureFlag = MeasureFlag.NONE


def measure_bar_light(
    image: ArrayLike,
    *,
    frame: ImageFrame,
    centre: Centre | None = None,
    inclination_deg: float | None = None,
    line_of_nodes_deg: float | None = None,
    isophotes: bool = False,
) -> BarLight:
    """Measure a bar from the image of its galaxy.

    In rings of the disc, or of the sky where no disc is given, the light is fitted by its mean
    and a two-fold wave. The bar is the highest peak of their ratio over which the phase stays.
    The lengths bracket that of a drawn bar by design: the greatest amplitude and ellipticity lie
    inside the bar, the phase and the isophotes turn outside it.

    Parameters
    ----------
    image : array_like, shape (ny, nx)
        In any linear unit, the sky subtracted; NaN where missing.
    frame : ImageFrame
        The grid of the image. Without a WCS only amplitude and ellipticity are measured.
    centre : tuple of float (x, y) or SkyCoord, optional
        Of the galaxy, to a pixel or better; the middle of the image if left out.
    inclination_deg, line_of_nodes_deg : float, optional
        Of the disc, both or neither. As seen, an inclined disc is itself two-fold.
    isophotes : bool, optional
        Fit ellipses too, with photutils (extra ``isophotes``); takes about a second.

    Returns
    -------
    BarLight
        Errors hold the scatter of the light in the rings and between them; those of the disc,
        the centre and the sky level are not in them. The flag EMPTY says that there is no bar.

    Raises
    ------
    ShapeError
        If the image does not fit the frame.
    ConfigError, FrameError
        As `measure_bar`.
    MissingDependencyError
        If isophotes are asked for without photutils.

    References
    ----------
    Díaz-García, S. et al. (2016), A&A 587, A160, doi:10.1051/0004-6361/201526161: the radius of
    the greatest A2 / A0. Erwin, P. (2005), MNRAS 364, 283, doi:10.1111/j.1365-2966.2005.09560.x:
    greatest ellipticity and a turn by 10 degrees. Michel-Dansac, L. & Wozniak, H. (2006), A&A
    452, 97, doi:10.1051/0004-6361:20041038: phases and ellipses compared.

    Examples
    --------
    >>> y, x = np.mgrid[-60:61, -60:61]
    >>> disc = np.exp(-np.hypot(x, y) / 20)
    >>> bar = np.exp(-((x / 15) ** 4) - (y / 5) ** 2)
    >>> light = measure_bar_light(disc + bar, frame=ImageFrame(disc.shape))
    >>> round(light.a2_max, 1), light.flags.name
    (0.4, 'NO_WCS|CENTRE_ASSUMED|AS_SEEN')
    """
    pixels = np.asarray(image, dtype=float)
    if pixels.shape != frame.shape:
        raise ShapeError(f"the image has shape {pixels.shape} and its frame {frame.shape}")
    disc, flags = disc_stretch(frame, inclination_deg, line_of_nodes_deg)
    if disc is None:
        disc, flags = np.eye(2), flags | MeasureFlag.AS_SEEN
    if not frame.has_sky:
        flags |= MeasureFlag.NO_WCS
    if centre is None:
        flags |= MeasureFlag.CENTRE_ASSUMED
    centre_xy = frame.centre_xy if centre is None else pixel_of(centre, frame)
    if not np.isfinite(pixels).any():
        return BarLight(flags=flags | MeasureFlag.NO_DATA)
    plane = _Disc(frame, LocalPlane.at(frame, centre_xy).stretched(disc), disc)
    light = _with_waves(BarLight(flags=flags), pixels, plane)
    return _with_isophotes(light, pixels, plane) if isophotes else light


@dataclass(frozen=True, eq=False)
class _Disc:
    """The plane in which the light is measured, and the way back to the sky."""

    frame: ImageFrame
    plane: LocalPlane
    stretch: Floats

    def ends_xy(self, radius: float, angle: float) -> Floats:
        """Pixels on both sides of the centre, shape (2, 2)."""
        end = radius * np.array([math.cos(angle), math.sin(angle)])
        return self.plane.to_pixel([-end, end])

    def length_arcsec(self, radius: float, angle: float) -> float:
        """Twice a radius, as seen; NaN without a WCS or for a radius of NaN."""
        if math.isnan(radius) or not self.frame.has_sky:
            return math.nan
        ends = self.ends_xy(radius, angle)
        return float(self.frame.separation_arcsec(ends[:1], ends[1:])[0])

    def position_angle_deg(self, radius: float, angle: float) -> float:
        """Direction on the sky of a direction in the plane."""
        seen = as_seen(self.frame, self.ends_xy(radius, angle), self.plane.origin_xy)
        return position_angle_deg(seen[1] - seen[0]) if self.frame.has_sky else math.nan

    def over_seen(self, angle: float) -> float:
        """Length in the plane over the one seen on the sky; 1 where no disc is known."""
        seen = np.linalg.solve(self.stretch, (math.cos(angle), math.sin(angle)))
        return float(1 / np.hypot(*seen))


def _with_waves(light: BarLight, pixels: Floats, disc: _Disc) -> BarLight:
    profile = fourier.fourier_profile(pixels, disc.plane)
    bar = fourier.find_bar(profile, tolerance_deg=TOLERANCE_DEG)
    if bar is None:
        return replace(light, flags=light.flags | MeasureFlag.EMPTY)
    length = disc.length_arcsec(bar.r_phase, bar.phase)
    per_radius = length / bar.r_phase
    is_given = MeasureFlag.AS_SEEN not in light.flags
    return replace(
        light,
        a2_max=bar.a2_max,
        a2_max_err=bar.a2_max_err,
        length_a2_arcsec=disc.length_arcsec(bar.r_peak, bar.phase),
        length_a2_arcsec_err=bar.r_peak_err * per_radius,
        length_phase_arcsec=length,
        length_phase_arcsec_err=bar.r_phase_err * per_radius,
        position_angle_deg=disc.position_angle_deg(bar.r_peak, bar.phase),
        position_angle_deg_err=math.degrees(bar.phase_err) if disc.frame.has_sky else math.nan,
        deprojected_over_seen=disc.over_seen(bar.phase) if is_given else math.nan,
        flags=light.flags | _flags(pixels, disc, bar.r_phase, profile.radius[-1]),
    )


def _with_isophotes(light: BarLight, pixels: Floats, disc: _Disc) -> BarLight:
    profile = ellipses.isophote_profile(pixels, disc.plane)
    bar = None if profile is None else ellipses.find_bar(profile, tolerance_deg=TOLERANCE_DEG)
    if bar is None:
        return light
    length = disc.length_arcsec(bar.r_max_ellipticity, bar.angle)
    per_radius = length / bar.r_max_ellipticity
    return replace(
        light,
        max_ellipticity=bar.max_ellipticity,
        max_ellipticity_err=bar.max_ellipticity_err,
        length_max_ellipticity_arcsec=length,
        length_max_ellipticity_arcsec_err=bar.r_max_ellipticity_err * per_radius,
        length_twist_arcsec=disc.length_arcsec(bar.r_twist, bar.angle),
        length_twist_arcsec_err=bar.r_twist_err * per_radius,
    )


def _flags(pixels: Floats, disc: _Disc, r_bar: float, r_last: float) -> MeasureFlag:
    """Say whether pixels are missing within the bar's radius, or the rings end with the bar."""
    flags = MeasureFlag.TOUCHES_EDGE if r_bar >= r_last else MeasureFlag.NONE
    missing = np.argwhere(~np.isfinite(pixels))[:, ::-1]
    if len(missing) and np.hypot(*disc.plane.to_plane(missing).T).min() <= r_bar:
        flags |= MeasureFlag.NAN_PIXELS
    return flags
