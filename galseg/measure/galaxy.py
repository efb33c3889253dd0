"""Everything that is measured on one galaxy, and what went wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, TypeAlias, TypeVar

from galseg.errors import GalsegError, MissingDependencyError
from galseg.measure.bar import BarMeasurement, measure_bar
from galseg.measure.bar_light import BarLight, measure_bar_light
from galseg.measure.feature_light import galaxy_image, measure_feature_light
from galseg.measure.flags import MeasureFlag
from galseg.measure.host import Host
from galseg.measure.photometry import RegionLight
from galseg.measure.spiral import SpiralMeasurement, measure_spiral_arms
from galseg.measure.spread import Percentiles
from galseg.measure.task import MEASURED, FeatureMaps, GalaxyPixels, Task, Threshold
from galseg.measure.tidal import TidalMeasurement, measure_tidal
from galseg.measure.uncertainty import (
    Drawn,
    Map,
    drawn_bar,
    drawn_spiral,
    drawn_tidal,
)

__all__ = ["LIGHT", "GalaxyMeasurement", "measure_galaxy"]

BAR, SPIRAL_ARM, TIDAL = MEASURED
LIGHT = "light"

T = TypeVar("T")
Light: TypeAlias = tuple[BarLight, dict[str, RegionLight]]


@dataclass(frozen=True, kw_only=True, eq=False)
class GalaxyMeasurement:
    """What was measured on one galaxy.

    Attributes
    ----------
    galaxy_id : str
    host : Host
        As it was used.
    bar : BarMeasurement
    spiral : SpiralMeasurement
    tidal : tuple of TidalMeasurement
    tidal_flags : MeasureFlag
        Of the map and of all tidal features.
    bar_light : BarLight
        The bar in the image.
    feature_light : mapping of str to RegionLight
        The light of the image in each feature that there is.
    problems : mapping of str to str
        By feature (and ``"light"``), why its measurement stopped with an error.
    percentiles : mapping of str to tuple of dict
        By feature, 16th and 84th percentile by name of a number: of the whole, then of each arm
        or tidal feature in turn. Only where draws were asked for.
    thresholds : mapping of str to float
        At which each feature was outlined.
    source : str
        What made the maps; empty if they do not say.
    subject_id : str
        What volunteers drew on, where the maps are theirs; a galaxy may be several subjects.
    """

    galaxy_id: str
    host: Host = field(default_factory=Host)
    bar: BarMeasurement = field(default_factory=BarMeasurement)
    spiral: SpiralMeasurement = field(default_factory=SpiralMeasurement)
    tidal: tuple[TidalMeasurement, ...] = ()
    tidal_flags: MeasureFlag = MeasureFlag.NONE
    bar_light: BarLight = field(default_factory=BarLight)
    feature_light: Mapping[str, RegionLight] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    percentiles: Mapping[str, tuple[Percentiles, ...]] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    subject_id: str = ""

    @property
    def name(self) -> str:
        """Tells the maps of several crowds on one galaxy apart."""
        return self.subject_id or self.galaxy_id

    @property
    def status(self) -> str:
        """Every problem with its feature; empty without one."""
        return "; ".join(f"{feature}: {text}" for feature, text in self.problems.items())


def measure_galaxy(
    maps: FeatureMaps,
    *,
    host: Host | None = None,
    image: GalaxyPixels | Callable[[], GalaxyPixels] | None = None,
    threshold: Threshold = None,
    n_draws: int = 0,
    seed: int = 0,
    features: Collection[str] = MEASURED,
    isophotes: bool = False,
) -> GalaxyMeasurement:
    """Measure the bar, the spiral arms and the tidal features of one galaxy.

    Parameters
    ----------
    maps : FeatureMaps
        A prediction, a consensus, or anything alike.
    host : Host, optional
        What is known of it. A disc geometry is used only with a WCS.
    image : GalaxyPixels or callable, optional
        Its image, or what gives it when called, for the bar in the image.
    threshold, n_draws, seed, features, isophotes
        As of `galseg.measure.measure_catalog`.

    Returns
    -------
    GalaxyMeasurement
        What goes wrong with one feature is told in ``problems``; the feature has the flag FAILED.

    Raises
    ------
    ConfigError
        If an option is outside its range.
    MissingDependencyError
        If isophotes are asked for and photutils is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from galseg import ImageFrame, Prediction
    >>> map_ = np.zeros((1, 40, 60), dtype=np.float32)
    >>> map_[0, 18:23, 10:50] = 1
    >>> one = measure_galaxy(Prediction("J1", ("bar",), map_, ImageFrame((40, 60))))
    >>> round(one.bar.length_pix, 3), one.spiral.flags.name
    (40.0, 'NO_DATA')
    """
    task = Task(maps, host or Host(), threshold, n_draws, seed, features)
    bar, bar_problem = _attempt(task, BAR, _bar, lambda flags: BarMeasurement(flags=flags))
    spiral, spiral_problem = _attempt(
        task, SPIRAL_ARM, _spiral, lambda flags: SpiralMeasurement(flags=flags)
    )
    tidal, tidal_problem = _attempt(task, TIDAL, _tidal, lambda _: ())
    tidal_flags = _tidal_flags(task, tidal.measurement, tidal_problem)
    if MeasureFlag.NO_DATA in tidal_flags:
        tidal = Drawn((), {})
    (bar_light, feature_light), light_problem = _light(task, image, isophotes)
    problems = {
        BAR: bar_problem,
        SPIRAL_ARM: spiral_problem,
        TIDAL: tidal_problem,
        LIGHT: light_problem,
    }
    drawn: dict[str, Drawn[Any]] = {BAR: bar, SPIRAL_ARM: spiral, TIDAL: tidal}
    return GalaxyMeasurement(
        galaxy_id=maps.galaxy_id,
        host=task.host,
        bar=bar.measurement,
        spiral=spiral.measurement,
        tidal=tidal.measurement,
        tidal_flags=tidal_flags,
        bar_light=bar_light,
        feature_light=feature_light,
        problems={feature: text for feature, text in problems.items() if text},
        percentiles={name: (one.percentiles, *one.parts) for name, one in drawn.items()},
        thresholds={name: task.threshold_of(name) for name in MEASURED if task.has(name)},
        source=str(getattr(maps, "source", "")),
        subject_id=str(getattr(maps, "subject_id", "")),
    )


def _attempt(
    task: Task,
    feature: str,
    measure: Callable[[Task], Drawn[T]],
    nothing: Callable[[MeasureFlag], T],
) -> tuple[Drawn[T], str]:
    """Measure, or say what went wrong with this one feature."""
    if not task.has(feature):
        return Drawn(nothing(MeasureFlag.NO_DATA), {}), ""
    return _guarded(lambda: measure(task), Drawn(nothing(MeasureFlag.FAILED), {}))


def _guarded(measure: Callable[[], T], failed: T) -> tuple[T, str]:
    """Measure, or say what is wrong with this galaxy; what is wrong with the call is raised."""
    try:
        return measure(), ""
    except MissingDependencyError:
        raise
    except (GalsegError, ValueError, ArithmeticError) as error:
        return failed, str(error)


def _bar(task: Task) -> Drawn[BarMeasurement]:
    map_, threshold = task.maps.of(BAR), task.threshold_of(BAR)

    def measure(map_: Map, host: Host) -> BarMeasurement:
        return measure_bar(
            map_,
            frame=task.maps.frame,
            redshift=host.redshift,
            distance_mpc=host.distance_mpc,
            disc_radius_arcsec=host.disc_radius_arcsec,
            centre=host.centre,
            threshold=threshold,
            n_asked=task.n_asked(BAR),
            **task.disc_of(host),
        )

    if draws := task.draws(BAR):
        return drawn_bar(measure, map_, task.host, threshold=threshold, **draws)
    return Drawn(measure(map_, task.host), {})


def _spiral(task: Task) -> Drawn[SpiralMeasurement]:
    map_ = task.maps.of(SPIRAL_ARM)

    def measure(map_: Map, host: Host) -> SpiralMeasurement:
        return measure_spiral_arms(
            map_,
            frame=task.maps.frame,
            centre=host.centre,
            threshold=task.threshold_of(SPIRAL_ARM),
            **task.disc_of(host),
        )

    if draws := task.draws(SPIRAL_ARM):
        return drawn_spiral(measure, map_, task.host, **draws)
    return Drawn(measure(map_, task.host), {})


def _tidal(task: Task) -> Drawn[tuple[TidalMeasurement, ...]]:
    map_, threshold = task.maps.of(TIDAL), task.threshold_of(TIDAL)

    def measure(map_: Map, host: Host) -> tuple[TidalMeasurement, ...]:
        return measure_tidal(
            map_,
            frame=task.maps.frame,
            centre=host.centre,
            threshold=threshold,
            n_asked=task.n_asked(TIDAL),
            redshift=host.redshift,
            distance_mpc=host.distance_mpc,
        )

    if draws := task.draws(TIDAL):
        return drawn_tidal(measure, map_, task.host, threshold=threshold, **draws)
    return Drawn(measure(map_, task.host), {})


def _tidal_flags(task: Task, found: tuple[TidalMeasurement, ...], problem: str) -> MeasureFlag:
    if problem:
        return MeasureFlag.FAILED
    if not task.has(TIDAL):
        return MeasureFlag.NO_DATA
    return reduce(or_, (one.flags for one in found)) if found else MeasureFlag.EMPTY


def _light(
    task: Task, image: GalaxyPixels | Callable[[], GalaxyPixels] | None, isophotes: bool
) -> tuple[Light, str]:
    """Measure the bar, and the light of every feature, in the image."""
    if image is None:
        return (BarLight(flags=MeasureFlag.NO_DATA), {}), ""

    def measure() -> Light:
        seen = image() if callable(image) else image
        pixels = galaxy_image(task, seen)
        bar_light = BarLight(flags=MeasureFlag.NO_DATA)
        if BAR in task.features:
            bar_light = measure_bar_light(
                pixels,
                frame=seen.frame,
                centre=task.centre_on(seen.frame),
                isophotes=isophotes,
                **task.disc_of(task.host, frame=seen.frame),
            )
        return bar_light, measure_feature_light(task, pixels, seen.frame)

    return _guarded(measure, (BarLight(flags=MeasureFlag.FAILED), {}))
