"""Spiral arms from the lines that volunteers drew along them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError
from galseg.frame import ImageFrame
from galseg.measure.arm import ArmMeasurement
from galseg.measure.crowd_spiral import CrowdSpiral, fit_crowd_spiral
from galseg.measure.flags import MeasureFlag
from galseg.measure.hierarchy import PitchHierarchy, pitch_hierarchy
from galseg.measure.host import Centre, disc_stretch, pixel_of
from galseg.measure.logspiral import LogSpiral
from galseg.measure.pitch import common_pitch
from galseg.measure.plane import pixels_of
from galseg.measure.spiral import SpiralMeasurement
from galseg.measure.stroke_groups import group_strokes
from galseg.measure.strokes import LineRules, Stroke, cut_strokes, read_lines

__all__ = ["SpiralLines", "measure_spiral_lines"]

Floats = NDArray[np.float64]

_MIN_VOLUNTEERS = 2
_MIN_AZIMUTH = math.radians(20)
_POOR_SCATTER = 0.15  # in ln r; 0.1 is what hands tremble
_N_RIDGE = 100
_SMALLEST_ERR_DEG = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class SpiralLines(SpiralMeasurement):
    """A `SpiralMeasurement` from lines, with what became of every line.

    Attributes
    ----------
    n_volunteers : tuple of int
        Who drew each arm, in the order of `arms`.
    strokes : tuple of Stroke
        Every line, or the parts that it was cut into, with its arm or the reason why it has none.
    posterior : PitchHierarchy or None
        Samples of the galaxy's pitch angle, of the scatter between its arms, and of the arms that
        do not wind against it; None without arms.
    """

    n_volunteers: tuple[int, ...] = ()
    strokes: tuple[Stroke, ...] = field(default=(), repr=False)
    posterior: PitchHierarchy | None = field(default=None, repr=False)

    @property
    def rejected(self) -> tuple[Stroke, ...]:
        """Strokes that were counted for no arm."""
        return tuple(stroke for stroke in self.strokes if not stroke.arm_id)


def measure_spiral_lines(
    lines: Sequence[ArrayLike],
    *,
    frame: ImageFrame,
    annotator_ids: Sequence[Hashable] | None = None,
    centre: Centre | None = None,
    inclination_deg: float | None = None,
    line_of_nodes_deg: float | None = None,
    min_fraction: float = 0.2,
    max_distance: float = 0.25,
    max_jump: float = 0.3,
    min_points: int = 4,
    n_asked: int | None = None,
    n_samples: int = 2000,
    seed: int = 0,
) -> SpiralLines:
    """Measure spiral arms from volunteers' freehand lines, without a mask between.

    Lines with too few points, jumps or closed ends are left out; the others go through the full
    WCS to the sky or the disc and are cut where they turn back or pass the centre. Strokes that
    run beside each other make an arm if enough people drew it over at least 20 degrees. Each
    arm's logarithmic spiral is fitted robustly with an offset for every volunteer. Errors come
    from leaving out one volunteer after the other: however often somebody drew an arm, it counts
    once.

    Parameters
    ----------
    lines : sequence of array_like, shape (N_i, 2)
        x, y in pixels, in any direction; in any number, junk among them.
    frame : ImageFrame
        The grid of the image that was drawn on. Without a WCS arms are measured as displayed with
        y up, and everything in arcsec is NaN.
    annotator_ids : sequence of hashable, optional
        Who drew each line. If left out, every line counts as another volunteer.
    centre : tuple of float (x, y) or SkyCoord, optional
        Of the galaxy. The middle of the image if left out, and flagged.
    inclination_deg, line_of_nodes_deg : float, optional
        Of the disc; give both to measure in its plane, else the sky is taken as it is seen.
    min_fraction : float, optional
        Share of the volunteers that an arm needs, and two in any case.
    max_distance : float, optional
        Between the lines of an arm, in the mean, as a share of how far out the lines reach.
    max_jump : float, optional
        Lines with a longer step are left out, as a share of the image's longer side.
    min_points : int, optional
        Lines of fewer points are left out.
    n_asked : int, optional
        Volunteers who were asked to draw; those who drew a line if left out.
    n_samples, seed : int, optional
        Of the posterior; the seed is also that of the errors.

    Returns
    -------
    SpiralLines
        `probability` of an arm is the share of the volunteers who drew it; its width is NaN, a
        line has none.

    Raises
    ------
    ShapeError
        If a line is not (N, 2), or there is not one name a line.
    ConfigError
        If an option is outside its range.
    FrameError
        If the WCS has no finite pixel size at the centre, or a disc geometry or a centre on the
        sky is given without a WCS.

    References
    ----------
    Lingard, T. K. et al. (2020), ApJ 900, 178, doi:10.3847/1538-4357/ab9d83, and Lingard, T. et
    al. (2021), MNRAS 504, 3364, doi:10.1093/mnras/stab1072: arms from clustered lines.

    Examples
    --------
    >>> azimuth = np.linspace(0, 2.5, 60)
    >>> arm = 12 * np.exp(0.3 * azimuth) * [np.cos(azimuth), np.sin(azimuth)]
    >>> lines = [50 + scale * sign * arm.T for scale in (0.97, 1, 1.02, 1.05) for sign in (1, -1)]
    >>> spiral = measure_spiral_lines(
    ...     lines, frame=ImageFrame((101, 101)), annotator_ids=[0, 0, 1, 1, 2, 2, 3, 3]
    ... )
    >>> spiral.n_arms, spiral.winding, round(spiral.pitch_angle_deg, 1), spiral.n_volunteers
    (2, 'Z', 16.7, (4, 4))
    """
    arrays, names = read_lines(lines, annotator_ids)
    n_asked = _checked(min_fraction, max_distance, n_asked, len(set(names)))
    rules = LineRules(max_jump, min_points)
    disc, flags = disc_stretch(frame, inclination_deg, line_of_nodes_deg)
    flags |= _missing(frame, centre, disc)
    centre_xy = frame.centre_xy if centre is None else pixel_of(centre, frame)
    strokes, size = cut_strokes(
        arrays, names, frame=frame, centre_xy=centre_xy, disc=disc, rules=rules
    )
    if all(stroke.reason for stroke in strokes):
        flags |= MeasureFlag.EMPTY
    rng = np.random.default_rng(seed)
    n_needed = max(math.ceil(min_fraction * n_asked), _MIN_VOLUNTEERS)
    strokes, crowds = _find_arms(strokes, max_distance * size, n_needed, rng)
    arms = tuple(
        _describe(crowd, number, frame, centre_xy, disc, n_asked)
        for number, crowd in enumerate(crowds, start=1)
    )
    for arm in arms:
        flags |= arm.flags
    together = common_pitch([crowd.spiral for crowd in crowds])
    return SpiralLines(
        arms=arms,
        **together._asdict(),
        flags=flags,
        centre_xy=(float(centre_xy[0]), float(centre_xy[1])),
        n_volunteers=tuple(crowd.n_volunteers for crowd in crowds),
        strokes=tuple(strokes),
        posterior=_posterior(arms, together.winding, n_samples, seed),
    )


def _checked(min_fraction: float, max_distance: float, n_asked: int | None, n_drew: int) -> int:
    """Check the options, and say how many volunteers were asked."""
    if not (0 <= min_fraction <= 1 and max_distance > 0):
        raise ConfigError(
            "min_fraction must be 0 to 1 and max_distance above 0, got "
            f"{min_fraction} and {max_distance}"
        )
    if n_asked is not None and n_asked < n_drew:
        raise ConfigError(f"n_asked is {n_asked}, but {n_drew} volunteers drew lines")
    return n_drew if n_asked is None else n_asked


def _missing(frame: ImageFrame, centre: Centre | None, disc: Floats | None) -> MeasureFlag:
    flags = MeasureFlag.NONE if centre is not None else MeasureFlag.CENTRE_ASSUMED
    if not frame.has_sky:
        return flags | MeasureFlag.NO_WCS
    return flags if disc is not None else flags | MeasureFlag.AS_SEEN


def _find_arms(
    strokes: list[Stroke], max_distance: float, n_needed: int, rng: np.random.Generator
) -> tuple[list[Stroke], list[CrowdSpiral]]:
    """Group the strokes, fit each group, and write down what became of each stroke."""
    useful = [n for n, stroke in enumerate(strokes) if not stroke.reason]
    groups = group_strokes([strokes[n].points for n in useful], max_distance)
    found: list[tuple[CrowdSpiral, list[int]]] = []
    for group in np.unique(groups):
        members = [n for n, number in zip(useful, groups, strict=True) if number == group]
        crowd, reason = _fit([strokes[n] for n in members], n_needed, rng)
        if crowd is not None:
            found.append((crowd, members))
        for n in members:
            strokes[n] = replace(strokes[n], reason=reason)
    found.sort(key=lambda arm: arm[0].spiral.arc_length, reverse=True)
    for number, (_, members) in enumerate(found, start=1):
        for n in members:
            strokes[n] = replace(strokes[n], arm_id=number)
    return strokes, [crowd for crowd, _ in found]


def _fit(
    strokes: Sequence[Stroke], n_needed: int, rng: np.random.Generator
) -> tuple[CrowdSpiral | None, str]:
    """Fit an arm, or say why there is none."""
    who = list(dict.fromkeys(stroke.annotator_id for stroke in strokes))
    if len(who) < n_needed:
        return None, f"drawn here by {len(who)}, an arm needs {n_needed} volunteers"
    volunteers = [who.index(stroke.annotator_id) for stroke in strokes]
    crowd = fit_crowd_spiral([stroke.points for stroke in strokes], volunteers, rng=rng)
    if crowd.spiral.end - crowd.spiral.start < _MIN_AZIMUTH:
        return None, f"covers less than {math.degrees(_MIN_AZIMUTH):.0f} degrees"
    return crowd, ""


def _describe(
    crowd: CrowdSpiral,
    arm_id: int,
    frame: ImageFrame,
    centre_xy: Floats,
    disc: Floats | None,
    n_asked: int,
) -> ArmMeasurement:
    spiral = crowd.spiral
    to_arcsec = 1.0 if frame.has_sky else math.nan
    ridge_xy = _ridge(spiral, frame, centre_xy, disc)
    flags = MeasureFlag.NONE if frame.has_sky else MeasureFlag.NO_WCS
    if not ((ridge_xy >= 0.5) & (ridge_xy <= np.subtract(frame.shape[::-1], 1.5))).all():
        flags |= MeasureFlag.TOUCHES_EDGE
    if spiral.scatter > _POOR_SCATTER:
        flags |= MeasureFlag.POOR_FIT
    return ArmMeasurement(
        arm_id=arm_id,
        pitch_angle_deg=spiral.pitch_angle_deg,
        pitch_angle_deg_err=spiral.pitch_angle_deg_err,
        pitch_angle_change_deg=crowd.pitch_change[0],
        pitch_angle_change_deg_err=crowd.pitch_change[1],
        winding=spiral.winding,
        r_inner_arcsec=spiral.radii[0] * to_arcsec,
        r_inner_arcsec_err=crowd.err(lambda draw: draw.radii[0]) * to_arcsec,
        r_outer_arcsec=spiral.radii[1] * to_arcsec,
        r_outer_arcsec_err=crowd.err(lambda draw: draw.radii[1]) * to_arcsec,
        arc_length_arcsec=spiral.arc_length * to_arcsec,
        arc_length_arcsec_err=crowd.err(lambda draw: draw.arc_length) * to_arcsec,
        azimuth_deg=math.degrees(spiral.end - spiral.start),
        azimuth_deg_err=math.degrees(crowd.err(lambda draw: draw.end - draw.start)),
        width_arcsec=math.nan,
        width_arcsec_err=math.nan,
        probability=crowd.n_volunteers / n_asked,
        flags=flags,
        ridge_xy=ridge_xy,
    )


def _ridge(spiral: LogSpiral, frame: ImageFrame, centre_xy: Floats, disc: Floats | None) -> Floats:
    """Points of a spiral in pixels."""
    azimuth = np.linspace(spiral.start, spiral.end, _N_RIDGE)
    radius = np.exp(spiral.log_r0 + spiral.slope * azimuth)
    points = radius[:, None] * np.column_stack([np.cos(azimuth), np.sin(azimuth)])
    seen = points if disc is None else points @ np.linalg.inv(disc).T
    return pixels_of(frame, seen, centre_xy)


def _posterior(
    arms: Sequence[ArmMeasurement], winding: str, n_samples: int, seed: int
) -> PitchHierarchy | None:
    """Sample the galaxy's pitch angle from the arms that do not wind against it."""
    chosen = [arm for arm in arms if arm.winding in (winding, "")]
    if not chosen:
        return None
    return pitch_hierarchy(
        [arm.pitch_angle_deg for arm in chosen],
        [max(arm.pitch_angle_deg_err, _SMALLEST_ERR_DEG) for arm in chosen],
        n_samples=n_samples,
        seed=seed,
    )
