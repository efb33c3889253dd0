"""Time to measure the bar, the arms and a region of one galaxy, and how it grows with its pixels.

Fifty simulated barred spirals with known centre and disc, from their exact masks and from
probability maps (the masks, blurred); the region is the spiral arms over the image. Times are of
one core, as the process counts them, so that a busy machine does not add to them.

``python benchmarks/bench_speed.py`` prints the tables of the README.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galseg import measure_bar, measure_region, measure_spiral_arms
from galseg.dataset.simulate import SimulatedGalaxy, simulate_galaxy

N_GALAXIES = 50
SIDE = 256
SIDES = (128, 256, 512, 1024, 2048)
N_SCALED = 4
REPEATS = 3
BLUR = 2 / 256  # standard deviation in sides of the image
BUDGET_MS = 8.0


class Case(NamedTuple):
    """A galaxy and the maps that are measured."""

    galaxy: SimulatedGalaxy
    maps: dict[str, NDArray[Any]]


def galaxies(n: int, side: int) -> list[SimulatedGalaxy]:
    return [simulate_galaxy(s, shape=(side, side), morphology="barred spiral") for s in range(n)]


def masks_of(galaxy: SimulatedGalaxy) -> Case:
    return Case(galaxy, dict(galaxy.masks))


def probabilities_of(galaxy: SimulatedGalaxy) -> Case:
    sigma = BLUR * len(galaxy.image)
    maps = {
        name: cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma).clip(0, 1)
        for name, mask in galaxy.masks.items()
    }
    return Case(galaxy, maps)


def geometry_of(galaxy: SimulatedGalaxy) -> dict[str, Any]:
    truth = galaxy.truth
    return {
        "frame": galaxy.frame,
        "centre": truth.centre_xy,
        "inclination_deg": truth.inclination_deg,
        "line_of_nodes_deg": truth.line_of_nodes_deg,
    }


def bar(case: Case) -> None:
    measure_bar(case.maps["bar"], redshift=0.03, **geometry_of(case.galaxy))


def arms(case: Case) -> None:
    measure_spiral_arms(case.maps["spiral_arm"], **geometry_of(case.galaxy))


def region(case: Case) -> None:
    mask = case.maps["spiral_arm"] >= 0.5
    measure_region(mask, frame=case.galaxy.frame, image=case.galaxy.image)


def together(case: Case) -> None:
    bar(case)
    arms(case)
    region(case)


def milliseconds(measure: Callable[[Case], None], cases: Iterable[Case]) -> NDArray[np.float64]:
    """Time of each case, the median of a few."""
    times = []
    for case in cases:
        measure(case)
        repeats = []
        for _ in range(REPEATS):
            start = time.process_time()
            measure(case)
            repeats.append(time.process_time() - start)
        times.append(1000 * np.median(repeats))
    return np.array(times)


def one_galaxy() -> pd.DataFrame:
    """Median and 95th percentile over galaxies, in ms."""
    drawn = galaxies(N_GALAXIES, SIDE)
    rows = []
    for kind, make in (("masks", masks_of), ("probabilities", probabilities_of)):
        cases = [make(galaxy) for galaxy in drawn]
        for measure in (bar, arms, region, together):
            times = milliseconds(measure, cases)
            rows.append(
                {
                    "maps": kind,
                    "measured": measure.__name__,
                    "median, ms": np.median(times),
                    "95th percentile, ms": np.percentile(times, 95),
                }
            )
    return pd.DataFrame(rows).round(2)


def growth() -> pd.DataFrame:
    """Time in ms by side, and the exponents of a power law in pixels."""
    table = pd.DataFrame(index=pd.Index(SIDES, name="side, px"))
    for side in SIDES:
        cases = [probabilities_of(galaxy) for galaxy in galaxies(N_SCALED, side)]
        for measure in (bar, arms, region, together):
            table.loc[side, measure.__name__] = np.median(milliseconds(measure, cases))
    return pd.concat([table, exponents(table)]).round(2)


def exponents(table: pd.DataFrame) -> pd.DataFrame:
    """Powers of the number of pixels, over all sides and over the larger ones."""
    rows = {}
    for sides in (SIDES, SIDES[-3:]):
        pixels = np.log(np.square(sides, dtype=float))
        times = np.log(table.loc[list(sides)])
        name = f"exponent, {sides[0]} to {sides[-1]}"
        rows[name] = dict(zip(table, np.polyfit(pixels, times, 1)[0], strict=True))
    return pd.DataFrame(rows).T


def markdown(table: pd.DataFrame) -> str:
    rows = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def test_bar_arms_and_region_take_at_most_8_ms() -> None:
    cv2.setNumThreads(1)
    table = one_galaxy().set_index(["maps", "measured"])["median, ms"]
    assert table.xs("together", level="measured").max() <= BUDGET_MS


if __name__ == "__main__":
    cv2.setNumThreads(1)
    print(markdown(one_galaxy()), end="\n\n")
    print(markdown(growth().reset_index(names="side, px")))
