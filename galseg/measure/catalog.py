"""Tables of measured galaxies and their arms."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
from astropy.table import QTable
from numpy.typing import NDArray

from galseg.errors import ConfigError, GalsegError
from galseg.frame import ImageFrame
from galseg.measure.bar import BarMeasurement, measure_bar
from galseg.measure.columns import ARM_COLUMNS, GALAXY_COLUMNS, build_table
from galseg.measure.flags import MeasureFlag
from galseg.measure.host import Host
from galseg.measure.spiral import SpiralMeasurement, measure_spiral_arms
from galseg.prediction import DEFAULT_THRESHOLD
from galseg.version import __version__

__all__ = ["FeatureMaps", "measure_catalog"]

BAR, SPIRAL_ARM = "bar", "spiral_arm"

T = TypeVar("T")


class FeatureMaps(Protocol):
    """Maps of one galaxy: a `galseg.Prediction`, a consensus, or anything alike.

    If it also has `thresholds` (by feature) or `n_asked` (volunteers, one number a feature),
    they are used.
    """

    @property
    def galaxy_id(self) -> str:
        """Joins the rows of the tables."""

    @property
    def features(self) -> tuple[str, ...]:
        """What there are maps of."""

    @property
    def frame(self) -> ImageFrame:
        """The grid of the maps."""

    def of(self, feature: str) -> NDArray[np.float32]:
        """Return the map of a feature, 0 to 1, NaN where nothing is known."""


def measure_catalog(
    predictions: Iterable[FeatureMaps],
    *,
    threshold: float | None = None,
    hosts: Mapping[str, Host] | None = None,
) -> tuple[QTable, QTable]:
    """Measure the bar and the spiral arms of many galaxies.

    Parameters
    ----------
    predictions : iterable
        Predictions, consensuses, or other `FeatureMaps`; taken one at a time.
    threshold : float, optional
        For all maps; if left out, each one's own for the feature, else 0.5.
    hosts : mapping of str to Host, optional
        What is known of the galaxies, by galaxy_id; see
        `galseg.measure.hosts_from_table`. A disc geometry is used only with a WCS.

    Returns
    -------
    galaxies : astropy.table.QTable
        One row a galaxy, in the order given: the bar, and the arms taken together.
    arms : astropy.table.QTable
        One row an arm. The meaning and the unit of every column stand in the tables themselves.

    Raises
    ------
    ConfigError
        If the threshold is not above 0 and at most 1. What goes wrong with one galaxy becomes
        NaN, the flag FAILED and its text in ``status``.

    Examples
    --------
    >>> from galseg import Prediction
    >>> maps = np.zeros((1, 40, 60), dtype=np.float32)
    >>> maps[0, 18:23, 10:50] = 1
    >>> one = Prediction("J1", ("bar",), maps, ImageFrame((40, 60)))
    >>> galaxies, arms = measure_catalog([one])
    >>> galaxies["galaxy_id", "length_pix"].pprint()
    galaxy_id length_pix
                 pix
    --------- ----------
           J1       40.0
    """
    if threshold is not None and not 0 < threshold <= 1:
        raise ConfigError(f"threshold must be above 0 and at most 1, got {threshold}")
    galaxy_rows: list[dict[str, Any]] = []
    arm_rows: list[dict[str, Any]] = []
    for maps in predictions:
        host = (hosts or {}).get(maps.galaxy_id, Host())
        bar, bar_problem = _bar_of(maps, host, threshold)
        spiral, spiral_problem = _spiral_of(maps, host, threshold)
        status = "; ".join(filter(None, (bar_problem, spiral_problem)))
        galaxy_rows.append(_galaxy_row(maps, bar, spiral, status))
        arm_rows += [{**vars(arm), "galaxy_id": maps.galaxy_id} for arm in spiral.arms]
    tables = build_table(galaxy_rows, GALAXY_COLUMNS), build_table(arm_rows, ARM_COLUMNS)
    for table in tables:
        table.meta["galseg_version"] = __version__
        table.meta["flag_bits"] = ", ".join(f"{flag.name}={flag.value}" for flag in MeasureFlag)
        if threshold is not None:
            table.meta["threshold"] = threshold
    return tables


def _bar_of(maps: FeatureMaps, host: Host, threshold: float | None) -> tuple[BarMeasurement, str]:
    if BAR not in maps.features:
        return BarMeasurement(flags=MeasureFlag.NO_DATA), ""
    disc = _disc_of(maps, host)
    return _guarded(
        BAR,
        lambda: measure_bar(
            maps.of(BAR),
            frame=maps.frame,
            redshift=host.redshift,
            centre=host.centre,
            threshold=_threshold_of(maps, BAR, threshold),
            n_asked=_n_asked_of(maps, BAR),
            **disc,
        ),
        BarMeasurement(flags=MeasureFlag.FAILED),
    )


def _spiral_of(
    maps: FeatureMaps, host: Host, threshold: float | None
) -> tuple[SpiralMeasurement, str]:
    if SPIRAL_ARM not in maps.features:
        return SpiralMeasurement(flags=MeasureFlag.NO_DATA), ""
    disc = _disc_of(maps, host)
    return _guarded(
        SPIRAL_ARM,
        lambda: measure_spiral_arms(
            maps.of(SPIRAL_ARM),
            frame=maps.frame,
            centre=host.centre,
            threshold=_threshold_of(maps, SPIRAL_ARM, threshold),
            **disc,
        ),
        SpiralMeasurement(flags=MeasureFlag.FAILED),
    )


def _guarded(feature: str, measure: Callable[[], T], failed: T) -> tuple[T, str]:
    """Measure, or say what went wrong with this one galaxy."""
    try:
        return measure(), ""
    except (GalsegError, ValueError, ArithmeticError) as error:
        return failed, f"{feature}: {error}"


def _threshold_of(maps: FeatureMaps, feature: str, given: float | None) -> float:
    if given is not None:
        return given
    return float(getattr(maps, "thresholds", {}).get(feature, DEFAULT_THRESHOLD))


def _n_asked_of(maps: FeatureMaps, feature: str) -> int | None:
    counts = getattr(maps, "n_asked", None)
    if counts is None:
        return None
    return int(counts[maps.features.index(feature)]) or None


def _disc_of(maps: FeatureMaps, host: Host) -> dict[str, float | None]:
    """Take the disc's angles, which mean nothing without a WCS."""
    if not maps.frame.has_sky:
        return {}
    return {
        "inclination_deg": host.inclination_deg,
        "line_of_nodes_deg": host.line_of_nodes_deg,
    }


def _galaxy_row(
    maps: FeatureMaps, bar: BarMeasurement, spiral: SpiralMeasurement, status: str
) -> dict[str, Any]:
    is_known = not spiral.flags & (MeasureFlag.NO_DATA | MeasureFlag.FAILED)
    return {
        **vars(bar),
        "galaxy_id": maps.galaxy_id,
        "n_arms": spiral.n_arms if is_known else math.nan,
        "pitch_angle_deg": spiral.pitch_angle_deg,
        "pitch_angle_deg_err": spiral.pitch_angle_deg_err,
        "winding": spiral.winding,
        "spiral_flags": spiral.flags,
        "status": status,
    }
