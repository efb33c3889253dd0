"""Regions and tidal features: named shapes, lengths and widths against the truth, and speed.

``python benchmarks/bench_regions.py`` prints the tables of the README. Features come from
`galseg.dataset.simulate`, their masks are exact, one feature a galaxy; the rule for the names was
set on other seeds.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import shapely
from shapely import affinity

from galseg import ImageFrame
from galseg.dataset.simulate import SimulatedGalaxy, simulate_galaxy
from galseg.dataset.simulate.records import TidalKind
from galseg.geometry import polygon_mask
from galseg.measure import MeasureFlag, measure_light, measure_region, measure_tidal

KINDS: tuple[TidalKind, ...] = ("shell", "stream", "tail")
NAMES = ("shell", "stream", "tail", "plume", "")
N_GALAXIES = 200
SEED = 20261121
N_REPEATS = 60

MATRICES = {
    "square pixels": np.eye(2),
    "oblong, 1 : 2": np.diag([0.7, 1 / 0.7]),
    "sheared by 0.3": np.array([[1, 0.3], [0, 1]]),
}


def named_shapes() -> None:
    """Print which names the simulated kinds get."""
    counts: dict[tuple[str, bool], Counter[str]] = {}
    for kind in KINDS:
        for galaxy in simulated(kind):
            mask = polygon_mask(galaxy.outlines["tidal"][0], galaxy.frame.shape)
            feature = measure_tidal(mask, frame=galaxy.frame, centre=galaxy.truth.centre_xy)[0]
            is_cut = bool(feature.flags & MeasureFlag.TOUCHES_EDGE)
            counts.setdefault((kind, is_cut), Counter())[feature.shape] += 1
    print(_row("simulated", "in the image", "n", *(name or "unsure" for name in NAMES)))
    print(_row(*["---"] * (3 + len(NAMES))))
    for (kind, is_cut), got in sorted(counts.items(), key=lambda item: item[0][::-1]):
        where = "cut" if is_cut else "whole"
        print(_row(kind, where, got.total(), *(got[name] for name in NAMES)))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def simulated(kind: TidalKind) -> Iterator[SimulatedGalaxy]:
    for number in range(N_GALAXIES):
        host = ("spiral", "disc", "elliptical")[number % 3]
        yield simulate_galaxy((SEED, number), morphology=host, tidal=(kind,))


def lengths_and_widths() -> None:
    """Print the errors on bands of known length and width, at random angles and places."""
    rng = np.random.default_rng(SEED)
    print("| band | pixels | length, median | worst | width, median | worst |")
    print("|---|---|---|---|---|---|")
    for name, radius, turn_deg, width in (
        ("straight, 60 x 3", None, 60, 3),
        ("straight, 60 x 12", None, 60, 12),
        ("arc of 60 deg, 63 x 8", 60, 60, 8),
        ("arc of 180 deg, 126 x 6", 40, 180, 6),
        ("arc of 300 deg, 262 x 10", 50, 300, 10),
    ):
        for pixels, matrix in MATRICES.items():
            band, length = _band(radius, turn_deg, width)
            errors = np.array([_errors(band, length, width, matrix, rng) for _ in range(30)])
            median, worst = np.median(np.abs(errors), axis=0), np.abs(errors).max(axis=0)
            cells = (f"{value:.1%}" for pair in zip(median, worst, strict=True) for value in pair)
            print(_row(name, pixels, *cells))


def _band(radius: float | None, turn_deg: float, width: float) -> tuple[shapely.Polygon, float]:
    """Outline of a band and its length; straight without a radius."""
    if radius is None:
        return shapely.box(-turn_deg / 2, -width / 2, turn_deg / 2, width / 2), turn_deg
    angle = np.radians(np.linspace(0, turn_deg, 400))
    line = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    band = shapely.LineString(line).buffer(width / 2, cap_style="flat", quad_segs=64)
    return band, radius * float(angle[-1])


def _errors(
    band: shapely.Polygon,
    length: float,
    width: float,
    matrix: np.ndarray,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Relative errors of length and width, measured on a sky with this pixel matrix."""
    frame = _frame(matrix)
    turned = affinity.rotate(band, rng.uniform(0, 360), origin=(0, 0))
    to_pixel, middle = np.linalg.inv(matrix), 120 + rng.random(2)
    outline = shapely.transform(turned, lambda xy: xy @ to_pixel.T + middle)
    mask = polygon_mask(outline, frame.shape)
    (feature,) = measure_tidal(mask, frame=frame, centre=middle)
    return feature.length_arcsec / length - 1, feature.width_arcsec / width - 1


def _frame(matrix: np.ndarray) -> ImageFrame:
    header = {"NAXIS": 2, "NAXIS1": 240, "NAXIS2": 240, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN",
              "CRPIX1": 120, "CRPIX2": 120, "CRVAL1": 150.0, "CRVAL2": 20.0}  # fmt: skip
    for row, sign in enumerate((-1, 1)):
        for column in range(2):
            header[f"CD{row + 1}_{column + 1}"] = sign * matrix[row, column] / 3600
    return ImageFrame.from_header(header)


def speed() -> None:
    """Print the processor time of a call on a galaxy of 256 x 256 pixels."""
    galaxy = simulate_galaxy(0, morphology="barred spiral", n_arms=2, tidal=("stream",))
    frame, centre = galaxy.frame, galaxy.truth.centre_xy
    arms, stream = galaxy.masks["spiral_arm"], galaxy.masks["tidal"]
    print("| call | median | fastest |")
    print("|---|---|---|")
    calls: dict[str, Callable[[], object]] = {
        "measure_region, arms": lambda: measure_region(arms, frame=frame),
        "measure_region, arms, with an image": lambda: measure_region(
            arms, frame=frame, image=galaxy.image
        ),
        "measure_light, arms": lambda: measure_light(
            arms, galaxy.image, frame=frame, centre=centre
        ),
        "measure_tidal, stream": lambda: measure_tidal(stream, frame=frame, centre=centre),
    }
    for name, call in calls.items():
        median, fastest = _milliseconds(call)
        print(_row(name, f"{median:.1f} ms", f"{fastest:.1f} ms"))


def _milliseconds(call: Callable[[], object]) -> tuple[float, float]:
    call()
    times = []
    for _ in range(N_REPEATS):
        start = time.process_time()
        call()
        times.append(1000 * (time.process_time() - start))
    return float(np.median(times)), min(times)


if __name__ == "__main__":
    named_shapes()
    print()
    lengths_and_widths()
    print()
    speed()
