"""Arms of known pitch and winding: exact masks, cut up, crossed, ragged, and drawn by crowds.

Two to four arms of 6 to 40 degrees in discs of known inclination on every hostile WCS of the
tests. Run as ``python benchmarks/bench_arms.py``; prints the tables of the README.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

sys.path.append(str(Path(__file__).parents[1]))

from galseg import ImageFrame, build_consensus
from galseg.dataset.simulate import simulate_annotations, simulate_galaxy
from galseg.measure import SpiralMeasurement, measure_spiral_arms
from galseg.measure.host import disc_stretch
from galseg.measure.plane import as_seen
from tests.hostile_wcs import HOSTILE, header

SIDE = 256
CENTRE = (125.3, 129.8)
REACH = 112  # of the arms, in the smaller pixel size
INCLINATIONS = (0, 20, 40, 60)
N_CROWDS = 40
CROWD_SEED = 900
CROWD_VOTES = 0.2
FINEST = 2.5  # coarser pixel sizes that the thinnest arm, and the gap beside it, appear wide

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rng = np.random.Generator


@dataclass(frozen=True)
class Pattern:
    """Arms in the plane of a disc, in arcsec, with x to the right and y up."""

    lines: tuple[Floats, ...]
    pitches: tuple[float, ...]
    half_widths: tuple[Floats, ...]
    winding: str
    r_inner: float
    r_outer: float

    def clears_ring(self) -> bool:
        """Whether the arms come clear of a ring half-way by half a radian on both sides."""
        slope = np.tan(np.radians(max(self.pitches)))
        half = max(
            (w / np.hypot(*x.T)).max() for w, x in zip(self.half_widths, self.lines, strict=True)
        )
        covered = half * np.hypot(1, slope) + 0.05 + half * slope
        return bool(np.log(self.r_outer / self.r_inner) / 2 > covered + 0.5 * slope)

    def place(self, points: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Say which arm is nearest to points, and how far its line is."""
        distances = np.array([KDTree(line).query(points)[0] for line in self.lines])
        return distances.argmin(axis=0), distances.min(axis=0)


@dataclass(frozen=True)
class View:
    """A disc on a grid of pixels: the place of every pixel in the disc, in arcsec."""

    frame: ImageFrame
    inclination_deg: float
    line_of_nodes_deg: float

    def to_disc(self, xy: Floats) -> Floats:
        """Place pixels in the disc, in arcsec from its centre."""
        stretch, _ = disc_stretch(self.frame, self.inclination_deg, self.line_of_nodes_deg)
        return as_seen(self.frame, xy, CENTRE) @ stretch.T

    @property
    def finest_arcsec(self) -> float:
        """What appears FINEST pixels wide however it lies."""
        return FINEST * self.pixel_sizes[1] / np.cos(np.radians(self.inclination_deg))

    @property
    def pixel_sizes(self) -> Floats:
        """Smaller and larger, in arcsec."""
        return np.linalg.svd(self.frame.jacobian_arcsec)[1][::-1]


def draw_pattern(rng: Rng, view: View) -> Pattern:
    """Draw two to four arms of 6 to 40 degrees and 0.3 to 1.6 turns, as wide as simulated ones.

    Where they would be too fine for the pixels they start further out, and then there are fewer.
    """
    fine, _ = view.pixel_sizes
    reach = REACH * fine
    pitch = np.exp(rng.uniform(np.log(6), np.log(40)))
    slope = np.tan(np.radians(pitch))
    for n_arms in range(rng.integers(2, 5), 1, -1):
        room = 2 * np.pi * np.sin(np.radians(pitch)) / n_arms
        half_width = min(rng.uniform(0.09, 0.17), 0.25 * room)
        finest = max(8 * fine, view.finest_arcsec / 2 / half_width)
        if finest * np.exp(0.3 * 2 * np.pi * slope) < reach or finest * 1.5 < reach:
            break
    turn = min(rng.uniform(0.3, 1.6) * 2 * np.pi, np.log(reach / finest) / slope)
    r_inner = reach / np.exp(turn * slope)
    start, sign = rng.uniform(0, 2 * np.pi), rng.choice([-1, 1])
    constant = rng.random() < 0.5
    lines, pitches, widths = [], [], []
    for k in range(n_arms):
        own = np.degrees(np.arctan(slope * rng.uniform(0.95, 1.05)))
        along = np.linspace(0, turn, 800)
        radius = r_inner * np.exp(along * np.tan(np.radians(own)))
        azimuth = start + 2 * np.pi * k / n_arms + rng.uniform(-0.1, 0.1) + sign * along
        lines.append(radius[:, None] * np.column_stack([np.cos(azimuth), np.sin(azimuth)]))
        pitches.append(own)
        widths.append(half_width * (np.full_like(radius, r_inner * 1.2) if constant else radius))
    winding = "Z" if sign > 0 else "S"
    return Pattern(tuple(lines), tuple(pitches), tuple(widths), winding, r_inner, reach)


def all_pixels() -> Floats:
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.column_stack([x.ravel(), y.ravel()]).astype(float)


def arm_masks(pattern: Pattern, points: Floats) -> Mask:
    """Points nearer to each line than half its width there, ends cut straight."""
    masks = []
    for line, half_width in zip(pattern.lines, pattern.half_widths, strict=True):
        distance, nearest = KDTree(line).query(points, distance_upper_bound=half_width.max())
        inside = (nearest > 0) & (nearest < len(line) - 1)
        inside[inside] = distance[inside] < half_width[nearest[inside]]
        masks.append(inside)
    return np.array(masks)


@dataclass(frozen=True)
class Scene:
    """What a condition changes: the masks of the arms, and what else is marked."""

    pattern: Pattern
    view: View
    points: Floats
    arms: Mask
    rng: Rng

    @property
    def mask(self) -> Mask:
        """Points of any arm."""
        return self.arms.any(axis=0)

    @property
    def polar(self) -> tuple[Floats, Floats]:
        """Radius and azimuth of the points."""
        x, y = self.points.T
        return np.hypot(x, y), np.arctan2(y, x)


def plain(scene: Scene) -> Mask:
    return scene.mask


def with_bar(scene: Scene, length: float = 1.0) -> Mask:
    """Add a bar that ends where the first arm starts."""
    x, y = scene.pattern.lines[0][0]
    axis = np.array([x, y]) / np.hypot(x, y)
    along, across = scene.points @ axis, scene.points @ np.array([-axis[1], axis[0]])
    half = length * scene.pattern.r_inner
    return scene.mask | ((np.abs(along) < half) & (np.abs(across) < 0.3 * scene.pattern.r_inner))


def with_long_bar(scene: Scene) -> Mask:
    """Add a bar that crosses the arms."""
    return with_bar(scene, 1.4)


def ring(scene: Scene, radius: float) -> Mask:
    """Ten per cent of its radius wide, or as wide as the pixels allow."""
    return np.abs(scene.polar[0] - radius) < max(0.05 * radius, scene.view.finest_arcsec / 2)


def with_ring(scene: Scene) -> Mask:
    """Add a ring that the arms start from."""
    return scene.mask | ring(scene, scene.pattern.r_inner)


def across_ring(scene: Scene) -> Mask:
    """Add a ring that every arm crosses."""
    return scene.mask | ring(scene, np.sqrt(scene.pattern.r_inner * scene.pattern.r_outer))


def with_gaps(scene: Scene) -> Mask:
    """Two gaps of 8 to 20 degrees in every arm, in its middle three fifths."""
    mask = np.zeros(len(scene.points), dtype=bool)
    for arm, line in zip(scene.arms, scene.pattern.lines, strict=True):
        for place in (scene.rng.uniform(0.2, 0.45), scene.rng.uniform(0.55, 0.8)):
            x, y = line[int(place * len(line))]
            half = np.radians(scene.rng.uniform(4, 10))
            reach = scene.polar[0] / np.hypot(x, y)
            turned = np.angle(np.exp(1j * (scene.polar[1] - np.arctan2(y, x))))
            arm = arm & ~((np.abs(turned) < half) & (np.abs(np.log(reach)) < 0.25))
        mask |= arm
    return mask


def speckled(scene: Scene) -> Mask:
    """One pixel in thirty flipped."""
    return scene.mask ^ (scene.rng.random(len(scene.points)) < 1 / 30)


def ragged(scene: Scene) -> Mask:
    """Edges that wander by a third of the width, in steps of three pixels."""
    noise = cv2.GaussianBlur(scene.rng.standard_normal((SIDE, SIDE)), (0, 0), 1.5).ravel()
    scale = 1 + 0.33 * noise / noise.std()
    mask = np.zeros(len(scene.points), dtype=bool)
    for line, half_width in zip(scene.pattern.lines, scene.pattern.half_widths, strict=True):
        distance, nearest = KDTree(line).query(scene.points)
        inside = (nearest > 0) & (nearest < len(line) - 1)
        mask |= inside & (distance < half_width[nearest] * scale)
    return mask


def everything(scene: Scene) -> Mask:
    """Bar, ring at the start, gaps and speckle."""
    mask = with_gaps(scene) | with_bar(scene) & ~scene.mask | ring(scene, scene.pattern.r_inner)
    return mask ^ (scene.rng.random(len(mask)) < 1 / 30)


CONDITIONS: dict[str, Callable[[Scene], Mask]] = {
    "exact": plain,
    "bar": with_bar,
    "bar across": with_long_bar,
    "ring at the start": with_ring,
    "ring across": across_ring,
    "gaps": with_gaps,
    "speckle": speckled,
    "ragged edges": ragged,
    "bar, ring, gaps, speckle": everything,
}


def score(pattern: Pattern, view: View, measured: SpiralMeasurement) -> dict[str, object]:
    """Compare arm by arm: each found arm goes with the true one that most of it lies on."""
    owners, errors = [], []
    for arm in measured.arms:
        nearest, distance = pattern.place(view.to_disc(arm.ridge_xy))
        owner = int(np.bincount(nearest).argmax())
        if np.median(distance) > 2 * pattern.half_widths[owner].max():
            continue
        owners.append(owner)
        errors.append(abs(arm.pitch_angle_deg - pattern.pitches[owner]))
    found = np.bincount(owners, minlength=len(pattern.lines))
    return {
        "n_right": measured.n_arms == len(pattern.lines),
        "winding_right": measured.winding == pattern.winding,
        "wrong_arms": sum(arm.winding != pattern.winding for arm in measured.arms),
        "errors": errors,
        "n_split": int((found > 1).sum()),
        "n_missed": int((found == 0).sum()),
        "n_stray": measured.n_arms - len(owners),
        "n_arms": len(pattern.lines),
    }


def run(seed: int, condition: str, view: View) -> dict[str, object]:
    """Draw, mark and measure one galaxy."""
    number = list(CONDITIONS).index(condition)
    rng = np.random.default_rng([seed, number, int(view.inclination_deg)])
    pattern = draw_pattern(rng, view)
    while condition == "ring across" and not pattern.clears_ring():
        pattern = draw_pattern(rng, view)
    points = view.to_disc(all_pixels())
    scene = Scene(pattern, view, points, arm_masks(pattern, points), rng)
    measured = measure_spiral_arms(
        CONDITIONS[condition](scene).reshape(SIDE, SIDE),
        frame=view.frame,
        centre=CENTRE,
        inclination_deg=view.inclination_deg,
        line_of_nodes_deg=view.line_of_nodes_deg,
    )
    return {
        "condition": condition,
        "inclination_deg": view.inclination_deg,
        **score(pattern, view, measured),
    }


def exact_rows() -> pd.DataFrame:
    rows = []
    for number, options in enumerate(HOSTILE.values()):
        seed = 1000 * number
        frame = ImageFrame.from_header(header(**{**options, "shape": (SIDE, SIDE)}))
        nodes = float(np.random.default_rng(seed).uniform(0, 180))
        for condition, inclination in product(CONDITIONS, INCLINATIONS):
            rows.append(run(seed, condition, View(frame, inclination, nodes)))
    return pd.DataFrame(rows)


def exact_table(rows: pd.DataFrame, by: list[str]) -> str:
    lines = [
        f"| {' | '.join(by)} | galaxies | arms | pitch error median | 95% | largest "
        "| wrong winding | number right | split | missed | stray |",
        "|---" * (len(by) + 10) + "|",
    ]
    for key, group in rows.groupby(by, sort=False):
        errors = np.concatenate(list(group["errors"]))
        lines.append(
            f"| {' | '.join(map(str, key))} | {len(group)} | {group['n_arms'].sum()} "
            f"| {np.median(errors):.2f}° | {np.percentile(errors, 95):.2f}° | {errors.max():.1f}° "
            f"| {(~group['winding_right']).sum()} | {group['n_right'].mean():.1%} "
            f"| {group['n_split'].sum()} | {group['n_missed'].sum()} | {group['n_stray'].sum()} |"
        )
    return "\n".join(lines)


def crowd_rows(seed: int) -> list[dict[str, float]]:
    """Arms of one simulated galaxy as 15 volunteers drew it, on a disc of known geometry."""
    galaxy = simulate_galaxy(
        seed,
        shape=(192, 192),
        morphology="barred spiral" if seed % 2 else "spiral",
        tidal=(),
        inclination_deg=float(np.random.default_rng(seed).uniform(0, 60)),
    )
    drawn = simulate_annotations([galaxy], seed=seed, features=("bar", "spiral_arm"))
    consensus = build_consensus(
        drawn,
        galaxy.galaxy_id,
        frame=galaxy.frame,
        features=("spiral_arm",),
        find_instances=False,
    )
    truth = galaxy.truth
    measured = measure_spiral_arms(
        consensus.of("spiral_arm"),
        frame=galaxy.frame,
        centre=truth.centre_xy,
        inclination_deg=truth.inclination_deg,
        line_of_nodes_deg=truth.line_of_nodes_deg,
        threshold=CROWD_VOTES,
    )
    rows = []
    for arm in measured.arms:
        inside = [
            shapely.contains_xy(outline.buffer(2), *arm.ridge_xy.T).mean()
            for outline in galaxy.outlines["spiral_arm"]
        ]
        true_arm = truth.arms[int(np.argmax(inside))]
        on_arm = max(inside) > 0.5
        rows.append(
            {
                "seed": seed,
                "error": arm.pitch_angle_deg - true_arm.pitch_angle_deg if on_arm else np.nan,
                "sigma": arm.pitch_angle_deg_err,
                "winding_right": arm.winding == true_arm.winding,
                "n_right": measured.n_arms == len(truth.arms),
            }
        )
    return rows


def crowd_table(rows: pd.DataFrame) -> str:
    on_arm = rows.dropna()
    error, sigma = on_arm["error"].abs(), on_arm["sigma"]
    number_right = rows.groupby("seed")["n_right"].first().mean()
    return "\n".join(
        [
            "| arms | on no arm | pitch error median | 95% | err median | within err "
            "| within 2 err | winding right | number right |",
            "|---" * 9 + "|",
            f"| {len(rows)} | {len(rows) - len(on_arm)} | {error.median():.2f}° "
            f"| {error.quantile(0.95):.1f}° | {sigma.median():.2f}° | {(error < sigma).mean():.0%} "
            f"| {(error < 2 * sigma).mean():.0%} | {on_arm['winding_right'].mean():.1%} "
            f"| {number_right:.0%} |",
        ]
    )


def main() -> None:
    rows = exact_rows()
    print(exact_table(rows, ["inclination_deg"]), end="\n\n")
    print(exact_table(rows, ["condition"]), end="\n\n")
    print(exact_table(rows, ["condition", "inclination_deg"]), end="\n\n")
    crowds = [row for seed in range(CROWD_SEED, CROWD_SEED + N_CROWDS) for row in crowd_rows(seed)]
    print(crowd_table(pd.DataFrame(crowds)))


if __name__ == "__main__":
    main()
