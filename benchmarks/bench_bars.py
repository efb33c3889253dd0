"""Bars of known length and angle from exact masks on every WCS of the tests.

Run as ``python benchmarks/bench_bars.py``; prints the tables of the README. ``--limit`` prints how
well anyone could do who sees the mask and knows the shape, ``--light`` what the definitions of
`galseg.measure.bar_light` give on simulated images; that needs photutils.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

sys.path.append(str(Path(__file__).parents[1]))

from galseg.dataset import simulate_galaxy
from galseg.measure import measure_bar
from galseg.measure.background import sky_of
from galseg.measure.bar_light import measure_bar_light
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import at_position_angle, boxy_ellipse, hostile_frame, mask_on_sky

RANGES_PIX = ((12, 20), (20, 40), (40, 80), (80, 140), (140, 200))
AXIS_RATIOS = (0.15, 0.6)
PER_CELL = 140  # ten bars on every WCS
SPEED_SIDES = (128, 256, 512, 1024)
N_CHAINS, N_STEPS, N_LIMIT = 40, 600, 60
N_LIT = 20
STEEPEST_DEG = 60.0
LIGHT_LENGTHS = {
    "greatest A2 / A0": "length_a2_arcsec",
    "constant phase": "length_phase_arcsec",
    "greatest ellipticity": "length_max_ellipticity_arcsec",
    "isophotes turn": "length_twist_arcsec",
}

Floats = NDArray[np.float64]
Rng = np.random.Generator


def capsule(length: float, width: float) -> BaseGeometry:
    reach = (length - width) / 2
    line = shapely.LineString([(-reach, 0), (reach, 0)])
    return shapely.buffer(line, width / 2, quad_segs=64)


def knobbed(length: float, width: float) -> BaseGeometry:
    """Draw a thin bar with a round ansa at either end."""
    shaft = shapely.box(-0.45 * length, -0.35 * width, 0.45 * length, 0.35 * width)
    ends = [
        shapely.Point(side * (length - width) / 2, 0).buffer(width / 2, quad_segs=64)
        for side in (-1, 1)
    ]
    return shapely.union_all([shaft, *ends])


SHAPES: dict[str, Callable[[float, float], BaseGeometry]] = {
    "ellipse": lambda length, width: boxy_ellipse(length, width, 2),
    "boxy ellipse, c = 3": lambda length, width: boxy_ellipse(length, width, 3),
    "boxy ellipse, c = 4": lambda length, width: boxy_ellipse(length, width, 4),
    "rectangle": lambda length, width: shapely.box(-length / 2, -width / 2, length / 2, width / 2),
    "capsule": capsule,
    "with ansae": knobbed,
}


class Errors(NamedTuple):
    """Relative error of the length in percent, and of the angle in degrees."""

    shape: str
    length_pix: float
    axis_ratio: float
    length: float
    angle: float


def one_bar(rng: Rng, shape: str, bounds_pix: tuple[int, int], wcs: str) -> Errors:
    """Measure a bar at a random place, angle and axis ratio, of even chance in log length."""
    length_pix = float(np.exp(rng.uniform(*np.log(bounds_pix))))
    axis_ratio, angle_deg = rng.uniform(*AXIS_RATIOS), rng.uniform(0, 180)
    side = int(1.8 * length_pix) + 40  # room for pixels that are oblong by 0.3 to 0.7
    frame = hostile_frame(HOSTILE[wcs], (side, side + 20))
    length = length_pix * frame.pixel_scale_arcsec
    outline = at_position_angle(SHAPES[shape](length, axis_ratio * length), angle_deg)
    centre = frame.centre_xy + rng.uniform(-2, 2, 2)
    bar = measure_bar(mask_on_sky(frame, centre, outline), frame=frame)
    turn = (bar.position_angle_deg - angle_deg + 90) % 180 - 90
    return Errors(shape, length_pix, axis_ratio, 100 * (bar.length_arcsec / length - 1), turn)


def accuracy(per_cell: int) -> pd.DataFrame:
    """Measure bars of every shape, range of lengths and WCS, one row a bar."""
    rng = np.random.default_rng(0)
    names = list(HOSTILE)
    return pd.DataFrame(
        one_bar(rng, shape, bounds, names[i % len(names)])
        for shape in SHAPES
        for bounds in RANGES_PIX
        for i in range(per_cell)
    )


def summary(found: pd.DataFrame) -> str:
    """Format the bias and the sizes of the errors as columns of a table."""
    length, angle = found["length"], found["angle"].abs()
    numbers = (
        f"{length.median():+.2f}%",
        f"{length.abs().median():.2f}%",
        f"{length.abs().quantile(0.95):.2f}%",
        f"{angle.median():.2f}",
        f"{angle.quantile(0.95):.2f}",
    )
    return " | ".join((str(len(found)), *numbers))


def print_accuracy(found: pd.DataFrame) -> None:
    print("| length (px) | shape | bars | bias | median | 95% | angle median (deg) | 95% |")
    print("|---|---|---|---|---|---|---|---|")
    for low, high in RANGES_PIX:
        within = found[found["length_pix"].between(low, high)]
        for shape, group in within.groupby("shape", sort=False):
            print(f"| {low} to {high} | {shape} | {summary(group)} |")
        print(f"| {low} to {high} | all | {summary(within)} |")
    print(f"| 12 to 200 | all | {summary(found)} |")


def superellipses(parameters: Floats, power: float, pixels: Floats) -> NDArray[np.bool_]:
    """Masks of N bars, parameters x, y, half length, half width, angle; shape (N, P)."""
    x0, y0, a, b, t = parameters.T[..., None]
    x, y = pixels[0] - x0, pixels[1] - y0
    u, v = x * np.cos(t) + y * np.sin(t), y * np.cos(t) - x * np.sin(t)
    return np.asarray(np.abs(u / a) ** power + np.abs(v / b) ** power < 1)


def best_guess(rng: Rng, bounds_pix: tuple[int, int], power: float) -> tuple[float, float]:
    """Err as little as can be: by the mean over all bars with exactly the mask of one bar.

    Chains of a Metropolis walk from the true bar through those that fill the same pixels; all
    places, sizes, axis ratios within range and angles are taken as equally likely.
    """
    length, q = np.exp(rng.uniform(*np.log(bounds_pix))), rng.uniform(*AXIS_RATIOS)
    true = np.array([*rng.uniform(-0.5, 0.5, 2), length / 2, q * length / 2, rng.uniform(0, np.pi)])
    side = int(length / 2 + 3)
    pixels = np.mgrid[-side : side + 1, -side : side + 1].reshape(2, -1).astype(float)
    seen = superellipses(true[None], power, pixels)
    bars, steps, visited = np.tile(true, (N_CHAINS, 1)), np.array([0.15, 0.15, 0.15, 0.1, 0.4]), []
    steps[4] /= length
    for i in range(N_STEPS):
        scale = rng.choice([0.1, 0.3, 1], (N_CHAINS, 1))
        tried = bars + rng.standard_normal(bars.shape) * steps * scale
        ratio = tried[:, 3] / tried[:, 2]
        allowed = (ratio > AXIS_RATIOS[0]) & (ratio < AXIS_RATIOS[1])
        allowed &= (superellipses(tried, power, pixels) == seen).all(axis=1)
        bars[allowed] = tried[allowed]
        if i > N_STEPS // 3:
            visited.append(bars.copy())
    mean = np.concatenate(visited).mean(axis=0)
    return 100 * abs(mean[2] / true[2] - 1), float(np.degrees(abs(mean[4] - true[4])))


def print_limit() -> None:
    rng = np.random.default_rng(1)
    print("\n| length (px) | shape | length median | 95% | angle median (deg) | 95% |")
    print("|---|---|---|---|---|---|")
    for bounds in ((12, 20), (20, 40)):
        for shape, power in (("ellipse", 2.0), ("boxy ellipse, c = 4", 4.0), ("rectangle", 40.0)):
            errors = np.array([best_guess(rng, bounds, power) for _ in range(N_LIMIT)])
            (length, angle), (length95, angle95) = np.percentile(errors, (50, 95), axis=0)
            print(
                f"| {bounds[0]} to {bounds[1]} | {shape} | {length:.2f}% | {length95:.2f}% "
                f"| {angle:.2f} | {angle95:.2f} |"
            )


def print_speed() -> None:
    """Time a bar of a quarter of the image's side, the best of 30 runs."""
    print("\n| image (px) | bar (px) | time (ms) |\n|---|---|---|")
    for side in SPEED_SIDES:
        frame = hostile_frame(HOSTILE["SIP"], (side, side))
        length = side / 4 * frame.pixel_scale_arcsec
        outline = at_position_angle(boxy_ellipse(length, 0.3 * length), 40)
        mask = mask_on_sky(frame, frame.centre_xy, outline)
        times = []
        for _ in range(30):
            start = time.perf_counter()
            measure_bar(mask, frame=frame, distance_mpc=100.0, centre=tuple(frame.centre_xy))
            times.append(time.perf_counter() - start)
        print(f"| {side} | {side // 4} | {1000 * min(times):.1f} |")


def lit_bar(seed: int) -> dict[str, float]:
    """Measure the light of a simulated barred spiral, lengths over the true one."""
    galaxy = simulate_galaxy(seed, shape=(256, 256), morphology="barred spiral")
    truth = galaxy.truth
    known = {
        "frame": galaxy.frame,
        "centre": truth.centre_xy,
        "inclination_deg": truth.inclination_deg,
        "line_of_nodes_deg": truth.line_of_nodes_deg,
    }
    image = np.asarray(galaxy.image, dtype=float)
    image -= sky_of(image[np.isfinite(image)]).level
    start = time.perf_counter()
    measure_bar_light(image, **known)
    waves = time.perf_counter() - start
    light = measure_bar_light(image, isophotes=True, **known)
    found = {n: getattr(light, f) / truth.bar.length_arcsec for n, f in LIGHT_LENGTHS.items()}
    turn = light.position_angle_deg - truth.bar.position_angle_deg
    found["angle"] = abs((turn + 90) % 180 - 90)
    found["isophotes_s"] = time.perf_counter() - start - 2 * waves
    return {**found, "inclination": truth.inclination_deg, "waves_s": waves}


def print_light() -> None:
    found = pd.DataFrame(lit_bar(seed) for seed in range(N_LIT))
    found = found[found["inclination"] < STEEPEST_DEG]
    print("\n| definition | found | of | median ratio to the true length | 16% | 84% |")
    print("|---|---|---|---|---|---|")
    for name in LIGHT_LENGTHS:
        ratio = found[name].dropna()
        low, middle, high = ratio.quantile([0.16, 0.5, 0.84])
        print(f"| {name} | {len(ratio)} | {len(found)} | {middle:.2f} | {low:.2f} | {high:.2f} |")
    print(f"\nangle: median {found['angle'].median():.1f} degrees", end="; ")
    times = found[["waves_s", "isophotes_s"]].median() * 1000
    print(f"median time: waves {times.iloc[0]:.1f} ms, photutils {times.iloc[1]:.0f} ms")


if __name__ == "__main__":
    chosen = {"--limit": print_limit, "--light": print_light}
    for option in sys.argv[1:]:
        chosen[option]()
    if len(sys.argv) == 1:
        print_accuracy(accuracy(PER_CELL))
        print_speed()
