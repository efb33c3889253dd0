"""The pictures of all galaxies that can be compared, drawn one galaxy at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from galseg.compare.matching import Problem, match_galaxy
from galseg.compare.overlap import OverlapTally
from galseg.compare.panels import Panels
from galseg.compare.selection import Stratum
from galseg.compare.sources import ImageSource, MaskSource
from galseg.compare.threads import run_in_threads

__all__ = ["Drawn", "draw_galaxies"]


@dataclass
class Drawn:
    """What was drawn, and what could not be.

    Attributes
    ----------
    shown : list of (galaxy_id, feature)
    problems : list of Problem
    n_shown : list of int
        Galaxies, by stratum.
    """

    shown: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    n_shown: list[int] = field(default_factory=list)


def draw_galaxies(
    panels: Panels,
    strata: Sequence[Stratum],
    *,
    images: ImageSource,
    methods: Mapping[str, MaskSource],
    features: Sequence[str],
) -> Drawn:
    """Draw as many galaxies of each stratum as it says, as far as they can be compared.

    Files are read one after the other, and drawn side by side.

    Parameters
    ----------
    panels : Panels
    strata : sequence of Stratum
    images, methods, features
        As in `match_galaxy`.

    Returns
    -------
    Drawn
        Sorted by galaxy.

    Raises
    ------
    FrameError
        If the masks of a method are mirrored or turned against those of another.
    """
    drawn, tally = Drawn(), OverlapTally()

    def tasks() -> Iterator[Callable[[], None]]:
        for stratum in strata:
            drawn.n_shown.append(0)
            for galaxy_id in stratum.galaxy_ids:
                if drawn.n_shown[-1] == stratum.n_drawn:
                    break
                match = match_galaxy(galaxy_id, images=images, methods=methods, features=features)
                drawn.problems.extend(match.problems)
                if match.image is not None and match.masks:
                    drawn.n_shown[-1] += 1
                    drawn.shown.extend((galaxy_id, feature) for feature in match.masks)
                    for masks in match.masks.values():
                        tally.add(masks)
                    yield partial(panels.draw, galaxy_id, match.image, match.masks)

    run_in_threads(tasks())
    tally.check()
    drawn.shown.sort()
    drawn.problems.sort()
    return drawn
