"""Named shapes of tidal features, by limits on their numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from galseg.measure.flags import MeasureFlag

__all__ = ["SHAPE_RULES", "ShapeRule", "shape_of"]

_INF = math.inf
_ANY = (-_INF, _INF)
_NAMING = frozenset(
    {"length_arcsec", "width_arcsec", "r_inner_arcsec", "r_outer_arcsec", "azimuth_deg",
     "orientation_deg", "curvature"}
)  # fmt: skip


class ShapeRule(NamedTuple):
    """Limits between which a feature has a name; the first rule that fits gives it.

    Attributes
    ----------
    shape : str
    slenderness : tuple of float
        Length over width.
    growth : tuple of float
        Greatest over least distance of the medial axis from the host.
    azimuth_deg : tuple of float
        Angle round the host that the medial axis covers.
    orientation_deg : tuple of float
        Mean angle between the medial axis and the direction to the host.
    concentricity : tuple of float
        Turning of the medial axis over the angle round the host that it covers: 1 for an arc of a
        circle about the host, 0 for a straight line.
    """

    shape: str
    slenderness: tuple[float, float] = _ANY
    growth: tuple[float, float] = _ANY
    azimuth_deg: tuple[float, float] = _ANY
    orientation_deg: tuple[float, float] = _ANY
    concentricity: tuple[float, float] = _ANY

    def fits(self, values: Mapping[str, float]) -> bool:
        """Whether all values lie within the limits; NaN lies within none."""
        return all(low <= values[name] <= high for name, (low, high) in self.limits)

    @property
    def limits(self) -> tuple[tuple[str, tuple[float, float]], ...]:
        """The numbers that matter, each with its limits."""
        pairs = zip(self._fields[1:], self[1:], strict=True)
        return tuple((name, pair) for name, pair in pairs if pair != _ANY)


SHAPE_RULES: tuple[ShapeRule, ...] = (
    ShapeRule("shell", slenderness=(2, _INF), growth=(-_INF, 1.15), azimuth_deg=(-_INF, 180),
              orientation_deg=(80, _INF), concentricity=(0.6, 1.6)),
    ShapeRule("plume", slenderness=(-_INF, 3)),
    ShapeRule("tail", growth=(1.75, _INF), azimuth_deg=(-_INF, 150)),
    ShapeRule("stream", slenderness=(5, _INF), azimuth_deg=(150, _INF)),
    ShapeRule("stream", slenderness=(5, _INF), growth=(1.15, 1.75), azimuth_deg=(-_INF, 150)),
)  # fmt: skip
"""What the shapes are called; docs/shape_classes.md says why."""


def shape_of(
    numbers: Mapping[str, float], errs: Mapping[str, float] | None = None
) -> tuple[str, MeasureFlag]:
    """Name the shape of a tidal feature.

    Parameters
    ----------
    numbers : mapping of str to float
        ``length_arcsec``, ``width_arcsec``, ``r_inner_arcsec``, ``r_outer_arcsec``,
        ``azimuth_deg``, ``orientation_deg`` and ``curvature``, as in `TidalMeasurement`; the
        lengths may be in any unit.
    errs : mapping of str to float, optional
        Their errors, by the same names.

    Returns
    -------
    shape : str
        ``"shell"``, ``"plume"``, ``"tail"`` or ``"stream"``; empty if none fits, or if a change
        of one number by its error would change the name.
    flags : MeasureFlag
        UNSURE_SHAPE if the shape is empty.

    References
    ----------
    Martínez-Delgado, D. et al. (2010), AJ 140, 962, doi:10.1088/0004-6256/140/4/962.
    Atkinson, A. M., Abraham, R. G. & Ferguson, A. M. N. (2013), ApJ 765, 28,
    doi:10.1088/0004-637X/765/1/28. Bílek, M. et al. (2020), MNRAS 498, 2138,
    doi:10.1093/mnras/staa2248. Sola, E. et al. (2022), A&A 662, A124,
    doi:10.1051/0004-6361/202142675. The words are theirs, the limits are not.

    Examples
    --------
    >>> arc = {"length_arcsec": 60, "width_arcsec": 8, "r_inner_arcsec": 40, "r_outer_arcsec": 41,
    ...        "azimuth_deg": 86, "orientation_deg": 89, "curvature": 1.5}
    >>> shape_of(arc)
    ('shell', <MeasureFlag.NONE: 0>)
    >>> shape_of(arc, {"r_outer_arcsec": 8})
    ('', <MeasureFlag.UNSURE_SHAPE: 131072>)
    """
    shape = _first_that_fits(numbers)
    errs = errs or {}
    moved = (
        {**numbers, name: numbers[name] + change}
        for name in _NAMING.intersection(errs)
        for change in (-errs[name], errs[name])
        if math.isfinite(change)
    )
    if not shape or any(_first_that_fits(other) != shape for other in moved):
        return "", MeasureFlag.UNSURE_SHAPE
    return shape, MeasureFlag.NONE


def _first_that_fits(numbers: Mapping[str, float]) -> str:
    values = {
        "slenderness": _ratio(numbers["length_arcsec"], numbers["width_arcsec"]),
        "growth": _ratio(numbers["r_outer_arcsec"], numbers["r_inner_arcsec"]),
        "azimuth_deg": numbers["azimuth_deg"],
        "orientation_deg": numbers["orientation_deg"],
        "concentricity": _ratio(numbers["curvature"], math.radians(numbers["azimuth_deg"])),
    }
    return next((rule.shape for rule in SHAPE_RULES if rule.fits(values)), "")


def _ratio(value: float, other: float) -> float:
    return value / other if other > 0 else math.inf
