"""One galaxy to be measured: its maps, what is known of it, and how to measure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ConfigError, nearest_name
from galseg.frame import ImageFrame
from galseg.measure.host import Centre, Host
from galseg.prediction import DEFAULT_THRESHOLD

__all__ = ["MEASURED", "Draws", "FeatureMaps", "GalaxyPixels", "Task", "Threshold"]

MEASURED = ("bar", "spiral_arm", "tidal")

Threshold: TypeAlias = float | Mapping[str, float] | None


class FeatureMaps(Protocol):
    """Maps of one galaxy: a `galseg.Prediction`, a consensus, or anything alike.

    What else it has is used: `thresholds` (by feature), `n_asked` (volunteers, one number a
    feature), `draws` (of a feature, a number and a generator: draws of its map, or None),
    `source` (what made the maps), and `subject_id` (what volunteers drew on).
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


class GalaxyPixels(Protocol):
    """The image of a galaxy, such as `galseg.io.images.GalaxyImage`."""

    @property
    def pixels(self) -> NDArray[np.float32]:
        """Of shape (bands, ny, nx), NaN where nothing was observed."""

    @property
    def frame(self) -> ImageFrame:
        """Its grid, which need not be that of the maps."""


class Draws(TypedDict):
    """What `galseg.measure.uncertainty` takes."""

    drawn_hosts: list[Host]
    drawn_maps: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Task:
    """One galaxy to be measured.

    Attributes
    ----------
    maps : FeatureMaps
    host : Host
    threshold : float, mapping of str to float, or None
        For all features, by feature, or the maps' own.
    n_draws : int
        0 for none.
    seed : int
    features : collection of str
        To measure.

    Raises
    ------
    ConfigError
        If no galaxy could be measured like that.
    """

    maps: FeatureMaps
    host: Host = field(default_factory=Host)
    threshold: Threshold = None
    n_draws: int = 0
    seed: int = 0
    features: Collection[str] = MEASURED

    def __post_init__(self) -> None:
        check_options(self.threshold, self.n_draws, self.seed, self.features)

    def has(self, feature: str) -> bool:
        """Return whether there is a map of a feature, and it is to be measured."""
        return feature in self.features and feature in self.maps.features

    def threshold_of(self, feature: str) -> float:
        """Return the threshold given for a feature, else the maps' own, else 0.5."""
        own = getattr(self.maps, "thresholds", {}).get(feature, DEFAULT_THRESHOLD)
        if isinstance(self.threshold, Mapping):
            return float(self.threshold.get(feature, own))
        return float(own if self.threshold is None else self.threshold)

    def n_asked(self, feature: str) -> int | None:
        """Return how many volunteers are behind a map, None if it is not theirs."""
        counts = getattr(self.maps, "n_asked", None)
        if counts is None:
            return None
        return int(counts[self.maps.features.index(feature)]) or None

    def disc_of(self, host: Host, *, frame: ImageFrame | None = None) -> dict[str, float | None]:
        """Return the disc's angles, which mean nothing without a WCS."""
        if not (frame or self.maps.frame).has_sky:
            return {}
        return {
            "inclination_deg": host.inclination_deg,
            "line_of_nodes_deg": host.line_of_nodes_deg,
        }

    def centre_on(self, frame: ImageFrame) -> Centre | None:
        """Return the host's centre for another grid; pixels go there over the sky."""
        centre = self.host.centre
        if isinstance(centre, tuple) and frame.has_sky and self.maps.frame.has_sky:
            return self.maps.frame.to_sky([centre])[0]
        return centre

    def draws(self, feature: str) -> Draws | None:
        """Draw hosts and maps; None if none are asked for, or nothing is known to vary.

        They depend on the seed, the galaxy's name and the feature, and on nothing else that is
        measured.
        """
        if not self.n_draws:
            return None
        digest = hashlib.sha256(f"{self.maps.galaxy_id}\n{feature}".encode()).digest()
        rng = np.random.default_rng([self.seed, *np.frombuffer(digest, dtype=np.uint32)])
        hosts = [self.host.drawn(rng, frame=self.maps.frame) for _ in range(self.n_draws)]
        draw = getattr(self.maps, "draws", None)
        maps = None if draw is None else draw(feature, self.n_draws, rng)
        varies = any(err for name, err in vars(self.host).items() if name.endswith("_err"))
        return {"drawn_hosts": hosts, "drawn_maps": maps} if varies or maps is not None else None


def check_options(threshold: Threshold, n_draws: int, seed: int, features: Collection[str]) -> None:
    """Refuse what no galaxy could be measured with.

    Raises
    ------
    ConfigError
        If a threshold, a number or a feature is outside its range.
    """
    levels = threshold if isinstance(threshold, Mapping) else {"": threshold}
    for feature in (*features, *filter(None, levels)):
        if feature not in MEASURED:
            raise ConfigError(f"{feature!r} is not measured; {nearest_name(feature, MEASURED)}")
    for level in levels.values():
        if level is not None and not 0 < level <= 1:
            raise ConfigError(f"threshold must be above 0 and at most 1, got {level}")
    if n_draws < 0 or n_draws == 1:
        raise ConfigError(f"n_draws must be 0 for none, or at least 2, got {n_draws}")
    if seed < 0:
        raise ConfigError(f"seed must not be below 0, got {seed}")
