"""Errors of a measurement from draws of its map and of the galaxy it belongs to.

A draw is one way in which the map and the galaxy may really be: a resampled crowd or a sample of
a model's posterior; a `Host` within its errors. The measurement is made on every draw, and how
much the answers differ goes into its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar

from numpy.typing import NDArray

from galseg.errors import GalsegError, ShapeError
from galseg.measure.bar import BarMeasurement
from galseg.measure.curve_matching import match_arms, match_tidal
from galseg.measure.host import Host
from galseg.measure.spiral import SpiralMeasurement
from galseg.measure.spread import Percentiles, spread_of
from galseg.measure.tidal import TidalMeasurement

__all__ = ["Drawn", "drawn_bar", "drawn_spiral", "drawn_tidal"]

Map: TypeAlias = NDArray[Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Drawn(Generic[T]):
    """A measurement with the errors that its draws give.

    Attributes
    ----------
    measurement : BarMeasurement, SpiralMeasurement or tuple of TidalMeasurement
        Of the map and the galaxy as they are, with every ``_err`` replaced.
    percentiles : dict of str to tuple of float
        16th and 84th percentile of every quantity that has an ``_err``, by its name.
    parts : tuple of dict
        As `percentiles`, of every arm or tidal instance, in their order.
    """

    measurement: T
    percentiles: Percentiles
    parts: tuple[Percentiles, ...] = ()


def drawn_bar(
    measure: Callable[[Map, Host], BarMeasurement],
    map_: Map,
    host: Host,
    *,
    drawn_hosts: Sequence[Host],
    threshold: float,
    drawn_maps: Map | None = None,
) -> Drawn[BarMeasurement]:
    """Measure a bar, with errors from draws of its map and its galaxy.

    Parameters
    ----------
    measure : callable
        Takes a map and a host, as ``lambda map_, host: measure_bar(map_, frame=frame,
        inclination_deg=host.inclination_deg, ...)``.
    map_ : ndarray, shape (ny, nx)
        A mask, or a map of 0 to 1.
    host : Host
    drawn_hosts : sequence of Host
        N draws of the galaxy, as ``[host.drawn(rng) for _ in range(100)]``; N times `host`
        itself leaves its errors out.
    threshold : float
        At which `measure` outlines the map.
    drawn_maps : ndarray, shape (N, ny, nx), optional
        Draws of the map, as of `galseg.Consensus.draws` and `galseg.Prediction.draws`.

    Returns
    -------
    Drawn of BarMeasurement
        Errors hold the draws and the pixel grid. Where there are drawn maps, they take the place
        of what the slope of the map says of its ends, which would count the same doubt twice.

    Raises
    ------
    ShapeError
        If there are fewer than two draws, or not as many hosts as maps.

    Examples
    --------
    >>> import numpy as np
    >>> from galseg import ImageFrame, measure_bar
    >>> def bar_until(x):
    ...     map_ = np.zeros((32, 64), dtype=np.float32)
    ...     map_[14:19, 12:x] = 1
    ...     return map_
    >>> def measure(map_, host):
    ...     return measure_bar(map_, frame=ImageFrame((32, 64)))
    >>> drawn = drawn_bar(measure, bar_until(50), Host(), threshold=0.5,
    ...                   drawn_hosts=[Host()] * 3,
    ...                   drawn_maps=np.stack([bar_until(x) for x in (48, 50, 52)]))
    >>> round(drawn.measurement.length_pix, 2), round(drawn.measurement.length_pix_err, 2)
    (38.0, 2.04)
    """
    draws = _measure_draws(measure, map_, drawn_hosts, drawn_maps)
    fixed = None if drawn_maps is None else measure(map_ >= threshold, host)
    spread = spread_of(measure(map_, host), draws, fixed=fixed)
    return Drawn(spread.record, spread.percentiles)


def drawn_spiral(
    measure: Callable[[Map, Host], SpiralMeasurement],
    map_: Map,
    host: Host,
    *,
    drawn_hosts: Sequence[Host],
    drawn_maps: Map | None = None,
) -> Drawn[SpiralMeasurement]:
    """Measure spiral arms, with errors from draws of their map and their galaxy.

    Every arm is looked for in every draw (`galseg.measure.curve_matching`); a draw without it says
    nothing of it.

    Parameters
    ----------
    measure : callable
        Takes a map and a host and returns a `SpiralMeasurement`.
    map_, host, drawn_hosts, drawn_maps
        See `drawn_bar`.

    Returns
    -------
    Drawn of SpiralMeasurement
        `Drawn.parts` holds the percentiles of the arms.

    Raises
    ------
    ShapeError
        If there are fewer than two draws, or not as many hosts as maps.
    """
    draws = _measure_draws(measure, map_, drawn_hosts, drawn_maps)
    spiral = measure(map_, host)
    matched = [
        match_arms(spiral.arms, draw.arms if draw else (), centre_xy=spiral.centre_xy)
        for draw in draws
    ]
    arms = [spread_of(arm, [match[i] for match in matched]) for i, arm in enumerate(spiral.arms)]
    spread = spread_of(spiral, draws)
    flags = spread.record.flags
    for arm in arms:
        flags |= arm.record.flags
    return Drawn(
        replace(spread.record, arms=tuple(arm.record for arm in arms), flags=flags),
        spread.percentiles,
        tuple(arm.percentiles for arm in arms),
    )


def drawn_tidal(
    measure: Callable[[Map, Host], tuple[TidalMeasurement, ...]],
    map_: Map,
    host: Host,
    *,
    drawn_hosts: Sequence[Host],
    threshold: float,
    drawn_maps: Map | None = None,
) -> Drawn[tuple[TidalMeasurement, ...]]:
    """Measure tidal features, with errors from draws of their map and their galaxy.

    Every feature is looked for in every draw (`galseg.measure.curve_matching`); a draw without it
    says nothing of it.

    Parameters
    ----------
    measure : callable
        Takes a map and a host and returns a tuple of `TidalMeasurement`.
    map_, host, drawn_hosts, threshold, drawn_maps
        See `drawn_bar`.

    Returns
    -------
    Drawn of tuple of TidalMeasurement
        `Drawn.parts` holds the percentiles of the features. Errors are as of `drawn_bar`.

    Raises
    ------
    ShapeError
        If there are fewer than two draws, or not as many hosts as maps.
    """
    draws = _measure_draws(measure, map_, drawn_hosts, drawn_maps)
    features = measure(map_, host)
    matched = [match_tidal(features, draw or ()) for draw in draws]
    fixed: Sequence[TidalMeasurement | None] = [None] * len(features)
    if drawn_maps is not None:
        fixed = match_tidal(features, measure(map_ >= threshold, host))
    spreads = [
        spread_of(feature, [match[i] for match in matched], fixed=fixed[i])
        for i, feature in enumerate(features)
    ]
    return Drawn(
        tuple(spread.record for spread in spreads),
        {},
        tuple(spread.percentiles for spread in spreads),
    )


def _measure_draws(
    measure: Callable[[Map, Host], T],
    map_: Map,
    drawn_hosts: Sequence[Host],
    drawn_maps: Map | None,
) -> list[T | None]:
    """Measure every draw; None where it cannot be."""
    maps = [map_] * len(drawn_hosts) if drawn_maps is None else drawn_maps
    if len(maps) != len(drawn_hosts) or len(maps) < 2:
        raise ShapeError(
            "errors need at least two draws and one host for every drawn map, got "
            f"{len(maps)} maps and {len(drawn_hosts)} hosts"
        )
    return [_measured(measure, drawn, host) for drawn, host in zip(maps, drawn_hosts, strict=True)]


def _measured(measure: Callable[[Map, Host], T], map_: Map, host: Host) -> T | None:
    try:
        return measure(map_, host)
    except GalsegError:
        return None
