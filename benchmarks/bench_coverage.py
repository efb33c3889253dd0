"""How often the truth lies within the errors: bar lengths and pitch angles of simulated galaxies.

Simulated volunteers draw simulated galaxies; their consensus is measured with resampled
volunteers and a geometry that is known with errors. A right error covers 68% of the truths.

``python benchmarks/bench_coverage.py [n_galaxies] [cache]`` prints the tables of the README;
drawing takes half a second a galaxy, and `cache` is a folder to keep the crowds in.
"""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from functools import partial
from itertools import chain
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import affinity

from galseg import ImageFrame, Prediction, build_consensus
from galseg.consensus import Consensus
from galseg.dataset.simulate import SimulatedGalaxy, simulate_annotations, simulate_galaxy
from galseg.dataset.simulate.arm import Arm
from galseg.geometry import polygon_mask
from galseg.measure import Host, measure_bar, measure_spiral_arms
from galseg.measure.arm import ArmMeasurement
from galseg.measure.catalog import FeatureMaps
from galseg.measure.uncertainty import Drawn, drawn_bar, drawn_spiral

SEED = 20_000  # the level of Consensus.thresholds was found on others
N_GALAXIES = 140
N_DRAWS = 60
MORPHOLOGIES = ("barred spiral", "barred spiral", "spiral", "barred disc")
FEWEST, MOST = 10, 40  # volunteers
CARELESS = 2 / 15
INCLINATION_ERR, NODES_ERR, CENTRE_ERR = 3.0, 4.0, 0.3  # degrees, degrees, arcsec
N_SAMPLES, SCALE_ERR, PITCH_ERR = N_DRAWS, 0.08, 1.5

Rng = np.random.Generator
Row = dict[str, object]


def drawn_galaxy(k: int, cache: Path | None) -> tuple[SimulatedGalaxy, Consensus]:
    """Simulate a galaxy and its crowd, or take them from the cache."""
    kept = None if cache is None else cache / f"{SEED}_{k}.pickle"
    if kept and kept.is_file():
        return pickle.loads(kept.read_bytes())
    seed = (SEED, k)
    galaxy = simulate_galaxy(seed, morphology=MORPHOLOGIES[k % len(MORPHOLOGIES)], tidal=())
    n = int(np.random.default_rng(seed).integers(FEWEST, MOST + 1))
    annotations = simulate_annotations(
        [galaxy], n_volunteers=n, n_careless=round(n * CARELESS), seed=seed
    )
    consensus = build_consensus(
        annotations,
        galaxy.galaxy_id,
        frame=galaxy.frame,
        features=("bar", "spiral_arm"),
        find_instances=False,
    )
    if kept:
        kept.write_bytes(pickle.dumps((galaxy, consensus)))
    return galaxy, consensus


def known_host(galaxy: SimulatedGalaxy, rng: Rng) -> Host:
    """Return the galaxy's geometry with errors."""
    truth = galaxy.truth
    exact = Host(
        inclination_deg=truth.inclination_deg,
        inclination_deg_err=INCLINATION_ERR,
        line_of_nodes_deg=truth.line_of_nodes_deg,
        line_of_nodes_deg_err=NODES_ERR,
        centre=truth.centre_xy,
        centre_arcsec_err=CENTRE_ERR,
    )
    return exact.drawn(rng, frame=galaxy.frame)


def bar_with_errors(maps: FeatureMaps, host: Host, threshold: float, rng: Rng) -> Drawn:
    def measure(map_, host):
        return measure_bar(
            map_,
            frame=maps.frame,
            threshold=threshold,
            inclination_deg=host.inclination_deg,
            line_of_nodes_deg=host.line_of_nodes_deg,
        )

    return drawn_bar(
        measure,
        maps.of("bar"),
        host,
        drawn_hosts=[host.drawn(rng, frame=maps.frame) for _ in range(N_DRAWS)],
        drawn_maps=maps.draws("bar", N_DRAWS, rng),
        threshold=threshold,
    )


def spiral_with_errors(maps: FeatureMaps, host: Host, threshold: float, rng: Rng) -> Drawn:
    def measure(map_, host):
        return measure_spiral_arms(
            map_,
            frame=maps.frame,
            threshold=threshold,
            centre=host.centre,
            inclination_deg=host.inclination_deg,
            line_of_nodes_deg=host.line_of_nodes_deg,
        )

    return drawn_spiral(
        measure,
        maps.of("spiral_arm"),
        host,
        drawn_hosts=[host.drawn(rng, frame=maps.frame) for _ in range(N_DRAWS)],
        drawn_maps=maps.draws("spiral_arm", N_DRAWS, rng),
    )


def row(what: str, setting: str, truth: float, record: object, percentiles: dict, name: str) -> Row:
    low, high = percentiles[name]
    return {
        "what": what,
        "setting": setting,
        "truth": truth,
        "value": getattr(record, name),
        "err": getattr(record, f"{name}_err"),
        "low": low,
        "high": high,
    }


def settings(consensus: Consensus, feature: str) -> dict[str, tuple[Consensus, float]]:
    own = consensus.thresholds[feature]
    return {
        "own threshold": (consensus, own),
        "counts only": (replace(consensus, ballots={}), own),
        "half of all votes": (consensus, 0.5),
    }


def crowd_rows(k: int, cache: Path | None) -> list[Row]:
    """Measure one galaxy that a crowd drew."""
    galaxy, consensus = drawn_galaxy(k, cache)
    rows: list[Row] = []
    host = known_host(galaxy, np.random.default_rng((SEED, k, 1)))
    truth = galaxy.truth
    if truth.bar is not None:
        for setting, (maps, threshold) in settings(consensus, "bar").items():
            bar = bar_with_errors(maps, host, threshold, np.random.default_rng((SEED, k, 2)))
            for name in ("length_arcsec", "length_deprojected_arcsec"):
                true = getattr(truth.bar, name)
                rows.append(
                    row(f"bar, {name}", setting, true, bar.measurement, bar.percentiles, name)
                )
    if truth.arms:
        for setting, (maps, threshold) in settings(consensus, "spiral_arm").items():
            spiral = spiral_with_errors(maps, host, threshold, np.random.default_rng((SEED, k, 3)))
            rows += pitch_rows(galaxy, setting, spiral)
    return rows


def pitch_rows(galaxy: SimulatedGalaxy, setting: str, spiral: Drawn) -> list[Row]:
    name = "pitch_angle_deg"
    measured, arms = spiral.measurement, galaxy.truth.arms
    lengths = [
        (arm.r_outer_arcsec - arm.r_inner_arcsec) / np.sin(np.radians(arm.pitch_angle_deg))
        for arm in arms
    ]
    mean = float(np.average([arm.pitch_angle_deg for arm in arms], weights=lengths))
    rows = [row("pitch, galaxy", setting, mean, measured, spiral.percentiles, name)]
    for arm, percentiles in zip(measured.arms, spiral.parts, strict=True):
        true = true_arm(galaxy, arm)
        if true is not None:
            pitch = arms[true].pitch_angle_deg
            rows.append(row("pitch, arm", setting, pitch, arm, percentiles, name))
    return rows


def true_arm(galaxy: SimulatedGalaxy, arm: ArmMeasurement) -> int | None:
    """Return which arm holds most of a measured one's middle, None if none holds half."""
    x, y = arm.ridge_xy.T
    inside = [shapely.contains_xy(o, x, y).mean() for o in galaxy.outlines["spiral_arm"]]
    best = int(np.argmax(inside))
    return best if inside[best] > 0.5 else None


def posterior_rows(k: int) -> list[Row]:
    """Measure maps whose samples are draws around an estimate that is off by as much."""
    rng = np.random.default_rng((SEED, k, 4))
    frame = ImageFrame((128, 128))
    length, pitch = rng.uniform(25, 80), rng.uniform(10, 35)
    sizes = length * np.exp(SCALE_ERR * (rng.normal() + rng.normal(size=N_SAMPLES)))
    pitches = pitch + PITCH_ERR * (rng.normal() + rng.normal(size=N_SAMPLES))
    samples = np.stack(
        [[bar_mask(s, frame), arm_mask(p, frame)] for s, p in zip(sizes, pitches, strict=True)]
    )
    maps = Prediction(str(k), ("bar", "spiral_arm"), samples.mean(axis=0), frame, samples=samples)
    bar = bar_with_errors(maps, Host(), 0.5, rng)
    spiral = spiral_with_errors(maps, Host(centre=(64.0, 64.0)), 0.5, rng)
    return [
        row("bar, length_pix", "samples", length, bar.measurement, bar.percentiles, "length_pix"),
        row("pitch, galaxy", "samples", pitch, spiral.measurement, spiral.percentiles,
            "pitch_angle_deg"),
    ]  # fmt: skip


def bar_mask(length: float, frame: ImageFrame) -> NDArray[np.float32]:
    box = affinity.rotate(shapely.box(-length / 2, -5, length / 2, 5), 30, origin=(0, 0))
    return polygon_mask(affinity.translate(box, 64, 64), frame.shape).astype(np.float32)


def arm_mask(pitch_deg: float, frame: ImageFrame) -> NDArray[np.float32]:
    """Two arms between radii of 12 and 50 pixels, fixed where they begin."""
    mask = np.zeros(frame.shape, dtype=bool)
    for azimuth in (20, 200):
        arm = Arm(pitch_deg, "Z", 12, 50, azimuth, half_width=0.12, brightness=1, fade=0)
        mask |= polygon_mask(shapely.Polygon(arm.outline() + 64), frame.shape)
    return mask.astype(np.float32)


def table(rows: pd.DataFrame) -> str:
    lines = [
        "| quantity | measured at | number | without | ± error covers | 16 to 84 covers "
        "| median error | median offset |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (what, setting), found in rows.groupby(["what", "setting"], sort=False):
        known = found[np.isfinite(found["value"]) & np.isfinite(found["err"])]
        offset = known["value"] - known["truth"]
        within = (offset.abs() < known["err"]).mean()
        between = ((known["low"] < known["truth"]) & (known["truth"] < known["high"])).mean()
        scale = 1.0 if "pitch" in what else known["truth"]
        unit = ".1f" if "pitch" in what else ".1%"
        lines.append(
            f"| {what} | {setting} | {len(known)} | {len(found) - len(known)} | {within:.0%} "
            f"| {between:.0%} | {(known['err'] / scale).median():{unit}} "
            f"| {(offset / scale).median():+{unit}} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the coverage."""
    n_galaxies = int(sys.argv[1]) if len(sys.argv) > 1 else N_GALAXIES
    cache = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with Pool(2) as pool:
        found = pool.map(partial(crowd_rows, cache=cache), range(n_galaxies), chunksize=4)
        found += pool.map(posterior_rows, range(n_galaxies), chunksize=4)
    print(table(pd.DataFrame(chain.from_iterable(found))))


if __name__ == "__main__":
    main()
