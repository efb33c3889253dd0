"""Tidal tails, streams, shells and plumes: size, shape and place."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

import numpy as np
from astropy.cosmology import FLRW, Planck18
from numpy.typing import ArrayLike, NDArray

from galseg.frame import ImageFrame
from galseg.measure.evidence import Component, Evidence
from galseg.measure.flags import MeasureFlag
from galseg.measure.host import Centre, kpc_per_arcsec, pixel_of
from galseg.measure.piece import Piece, at_level, describe_piece
from galseg.measure.profile import vote_levels
from galseg.measure.shape_class import shape_of

__all__ = ["TidalMeasurement", "measure_tidal"]

Floats = NDArray[np.float64]
Levels = tuple[float, float] | None

_MIN_PIXELS = 9
_MIN_SHARE = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class TidalMeasurement:
    """One tidal feature, as seen on the sky.

    What is undefined is NaN and `flags` says why. Every ``_err`` is one standard deviation; see
    `measure_tidal` for what it holds.

    Attributes
    ----------
    tidal_id : int
        From 1, the largest first; 0 where nothing is known of the map.
    ra_deg, dec_deg : float
        Halfway along the medial axis, ICRS.
    area_arcsec2 : float
        Solid angle.
    perimeter_arcsec : float
        Of its outlines, those of holes too.
    length_arcsec, length_kpc : float
        Along the medial axis, end to end; of a closed ring, half of the perimeter.
    width_arcsec : float
        Mean across the medial axis: area over length.
    curvature : float
        Turning of the medial axis from end to end in radians, which is its length over its
        radius of curvature: 0 straight, pi half a circle. The turns of an S cancel.
    elongation : float
        Major over minor axis of its second moments.
    position_angle_deg : float
        Of the major axis, north through east, [0, 180).
    orientation_deg : float
        Mean angle between the medial axis and the direction to the host's centre: 0 for a radial
        feature, 90 for one that goes round the host.
    distance_arcsec, distance_kpc : float
        From the host's centre to halfway along the medial axis, in projection.
    r_inner_arcsec, r_outer_arcsec : float
        Least and greatest distance of the medial axis from the host's centre.
    azimuth_deg : float
        Angle round the host that the medial axis covers from end to end.
    solidity : float
        Share of the pixels in its convex hull that it fills.
    shape : str
        ``"stream"``, ``"shell"``, ``"tail"`` or ``"plume"``, or empty if it is not clear which:
        see `galseg.measure.shape_of`.
    probability : float
        Mean of the map over its pixels; 1 for a mask.
    n_dropped : int
        Specks of the same map that are too small for a row of their own.
    flags : MeasureFlag
    medial_xy : ndarray, shape (N, 2)
        The medial axis in pixels.
    """

    tidal_id: int
    ra_deg: float = math.nan
    dec_deg: float = math.nan
    area_arcsec2: float = math.nan
    area_arcsec2_err: float = math.nan
    perimeter_arcsec: float = math.nan
    perimeter_arcsec_err: float = math.nan
    length_arcsec: float = math.nan
    length_arcsec_err: float = math.nan
    length_kpc: float = math.nan
    length_kpc_err: float = math.nan
    width_arcsec: float = math.nan
    width_arcsec_err: float = math.nan
    curvature: float = math.nan
    curvature_err: float = math.nan
    elongation: float = math.nan
    elongation_err: float = math.nan
    position_angle_deg: float = math.nan
    position_angle_deg_err: float = math.nan
    orientation_deg: float = math.nan
    orientation_deg_err: float = math.nan
    distance_arcsec: float = math.nan
    distance_arcsec_err: float = math.nan
    distance_kpc: float = math.nan
    distance_kpc_err: float = math.nan
    r_inner_arcsec: float = math.nan
    r_inner_arcsec_err: float = math.nan
    r_outer_arcsec: float = math.nan
    r_outer_arcsec_err: float = math.nan
    azimuth_deg: float = math.nan
    azimuth_deg_err: float = math.nan
    solidity: float = math.nan
    solidity_err: float = math.nan
    shape: str = ""
    probability: float = math.nan
    n_dropped: int = 0
    flags: MeasureFlag = MeasureFlag.NONE
    medial_xy: Floats = field(default_factory=lambda: np.empty((0, 2)), repr=False)


def measure_tidal(
    mask_or_probability: ArrayLike,
    *,
    frame: ImageFrame,
    centre: Centre | None = None,
    threshold: float = 0.5,
    n_asked: int | None = None,
    redshift: float | None = None,
    distance_mpc: float | None = None,
    cosmology: FLRW = Planck18,
) -> tuple[TidalMeasurement, ...]:
    """Measure every tidal feature in a mask, a map of probabilities or a consensus fraction.

    A feature is a connected piece, corners touching. Pieces of less than 9 pixels, or less than
    a twentieth of the largest one, are specks and only counted, in `n_dropped`; the largest is
    always measured.

    Parameters
    ----------
    mask_or_probability : array_like, shape (ny, nx)
        A mask of bools, zeros and ones, or a map of 0 to 1; NaN where nothing is known.
    frame : ImageFrame
        The grid of the map. Without a WCS only what needs no scale is measured.
    centre : tuple of float (x, y) or SkyCoord, optional
        Of the host galaxy; the middle of the image if left out, and flagged.
    threshold : float, optional
        Above 0 and at most 1; without meaning for a mask.
    n_asked : int, optional
        Volunteers behind a map of fractions, for the errors.
    redshift, distance_mpc : float, optional
        Of the host, for lengths in kpc; the distance is taken if both are given.
    cosmology : astropy.cosmology.FLRW, optional
        For the redshift.

    Returns
    -------
    tuple of TidalMeasurement
        Largest first; empty if there is none. A map that is all NaN gives one record of NaN with
        the flag NO_DATA: not known is not the same as none.

        Errors hold the pixel grid and, for a map, half of the difference between the feature at
        the two levels between which its outline lies with 68% confidence: 0.84 and 0.16 if the
        map is a probability, the threshold plus and minus its binomial error if `n_asked` is
        given. For a mask they are lower limits. Errors of the centre and the distance are not in
        them.

    Raises
    ------
    ShapeError
        If the map does not fit the frame or is not 0 to 1.
    ConfigError
        If an option is outside its range.
    FrameError
        If the WCS has no finite pixel size at a feature, or the centre is on the sky and the
        frame is not.

    References
    ----------
    Sola, E. et al. (2022), A&A 662, A124, doi:10.1051/0004-6361/202142675: lengths, widths and
    areas of annotated tidal features.

    Examples
    --------
    >>> y, x = np.mgrid[:120, :120]
    >>> radius = np.hypot(x - 60, y - 60)
    >>> arc = (abs(radius - 40) < 5) & (x > 60) & (abs(y - 60) < x - 60)
    >>> (shell,) = measure_tidal(arc, frame=ImageFrame(arc.shape), centre=(60, 60))
    >>> round(shell.curvature / np.pi, 1), round(shell.orientation_deg), shell.shape
    (0.5, 89, 'shell')
    """
    evidence = Evidence.of(mask_or_probability, frame, threshold)
    levels = None if evidence.is_mask else vote_levels(evidence.threshold, n_asked)
    centre_xy = frame.centre_xy if centre is None else pixel_of(centre, frame)
    kpc, flags = kpc_per_arcsec(redshift, distance_mpc=distance_mpc, cosmology=cosmology)
    if centre is None:
        flags |= MeasureFlag.CENTRE_ASSUMED
    if not frame.has_sky:
        flags |= MeasureFlag.NO_WCS
    if evidence.missing.all():
        return (TidalMeasurement(tidal_id=0, flags=flags | MeasureFlag.NO_DATA),)
    if not evidence.mask.any():
        return ()
    pieces, n_dropped = evidence.components(min_pixels=_MIN_PIXELS, min_share=_MIN_SHARE)
    describe = partial(describe_piece, frame=frame, centre_xy=centre_xy)
    features = [
        _measure(piece, number, describe, threshold=evidence.threshold, levels=levels)
        for number, piece in enumerate(pieces, start=1)
    ]
    return tuple(_placed(feature, frame, kpc, n_dropped, flags) for feature in features)


def _measure(
    component: Component,
    tidal_id: int,
    describe: Callable[..., Piece],
    *,
    threshold: float,
    levels: Levels,
) -> TidalMeasurement:
    """Measure a piece in arcsec, or in pixels without a WCS."""
    found = TidalMeasurement(
        tidal_id=tidal_id,
        probability=float(component.values[component.mask].mean()),
        flags=component.flags,
    )
    if np.count_nonzero(component.mask) < _MIN_PIXELS:
        return replace(found, flags=found.flags | MeasureFlag.TOO_SMALL)
    piece = describe(component, threshold=threshold)
    errs = piece.pixel_errs
    if levels is not None:
        low, high = (_at_level(component, piece, level, describe) for level in levels)
        for name, err in errs.items():
            errs[name] = math.hypot(err, _difference(name, low[name], high[name]) / 2)
    shape, shape_flags = shape_of(piece.numbers, errs)
    measured: dict[str, Any] = {
        **piece.numbers,
        **{f"{name}_err": err for name, err in errs.items()},
        "shape": shape,
        "flags": found.flags | piece.flags | shape_flags,
        "medial_xy": piece.medial_xy,
    }
    return replace(found, **measured)


def _at_level(
    component: Component, piece: Piece, level: float, describe: Callable[..., Piece]
) -> dict[str, float]:
    """Numbers of a piece if another level outlines it; its own if it does not reach that level."""
    other = at_level(component, level)
    if other is None or np.count_nonzero(other.mask) < _MIN_PIXELS:
        return piece.numbers
    return describe(other, threshold=level).numbers


def _difference(name: str, low: float, high: float) -> float:
    if name == "position_angle_deg":
        return (high - low + 90) % 180 - 90
    return high - low


def _placed(
    feature: TidalMeasurement, frame: ImageFrame, kpc: float, n_dropped: int, flags: MeasureFlag
) -> TidalMeasurement:
    """Add what depends on the sky and the distance, and take away what has no scale."""
    placed = partial(replace, feature, n_dropped=n_dropped, flags=feature.flags | flags)
    if not frame.has_sky:
        no_scale: dict[str, Any] = {
            column.name: math.nan for column in fields(feature) if "_arcsec" in column.name
        }
        return placed(**no_scale)
    if len(feature.medial_xy) == 0:
        return placed()
    middle = feature.medial_xy[len(feature.medial_xy) // 2]
    ra, dec = frame.to_radec_deg(middle[None])[0]
    return placed(
        ra_deg=float(ra),
        dec_deg=float(dec),
        length_kpc=feature.length_arcsec * kpc,
        length_kpc_err=feature.length_arcsec_err * kpc,
        distance_kpc=feature.distance_arcsec * kpc,
        distance_kpc_err=feature.distance_arcsec_err * kpc,
    )
