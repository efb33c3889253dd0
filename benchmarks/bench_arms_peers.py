"""Arms beside peers: pyarcfire on simulated images, SpArcFiRe's arcs on its own masks, Kennicutt.

Run as ``python benchmarks/bench_arms_peers.py [simulated | sparcfire | kennicutt]``; the last two
need ../shared/data. pyarcfire takes up to a minute a galaxy.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from astropy.io import fits
from numpy.typing import NDArray

from galseg import ImageFrame, build_consensus
from galseg.dataset.simulate import simulate_annotations, simulate_galaxy
from galseg.dataset.simulate.records import SimulatedGalaxy
from galseg.measure import SpiralMeasurement, deproject_offsets, measure_spiral_arms
from galseg.measure.disc import fit_disc

DATA = Path(__file__).parents[2] / "shared" / "data"
SEEDS = range(5)
CROWD_VOTES = 0.2
MIN_ARC_PIXELS = 40
N_RINGS = 25

Floats = NDArray[np.float64]


def simulated() -> None:
    """Print pyarcfire on face-on images, galseg on their exact masks and on crowds' consensus."""
    print("| galaxy | truth | pyarcfire | mask | consensus | pyarcfire | galseg |")
    print("|---|---|---|---|---|---|---|")
    for seed in SEEDS:
        galaxy = simulate_galaxy(
            seed, morphology="spiral", n_arms=2, tidal=(), inclination_deg=0.0, mirrored=False
        )
        arms = galaxy.truth.arms
        truth = f"{np.mean([arm.pitch_angle_deg for arm in arms]):.1f} {arms[0].winding}"
        peer, peer_s = timed(lambda galaxy=galaxy: by_pyarcfire(galaxy))
        exact, exact_s = timed(
            lambda galaxy=galaxy: measured(galaxy, galaxy.masks["spiral_arm"], 0.5)
        )
        crowd = measured(galaxy, consensus_of(galaxy, seed), CROWD_VOTES)
        print(
            f"| {seed} | {truth} | {peer} | {told(exact)} | {told(crowd)} | {peer_s:.1f} s "
            f"| {1e3 * exact_s:.1f} ms |",
            flush=True,
        )


def timed(call: Callable[[], object]) -> tuple[object, float]:
    """Seconds of one core that a call takes."""
    started = time.process_time()
    return call(), time.process_time() - started


def measured(galaxy: SimulatedGalaxy, arms: Floats, threshold: float) -> SpiralMeasurement:
    return measure_spiral_arms(
        arms, frame=galaxy.frame, centre=galaxy.truth.centre_xy, threshold=threshold
    )


def told(spiral: SpiralMeasurement) -> str:
    return f"{spiral.pitch_angle_deg:.1f} {spiral.winding} ({spiral.n_arms})"


def consensus_of(galaxy: SimulatedGalaxy, seed: int) -> Floats:
    drawn = simulate_annotations([galaxy], seed=seed)
    consensus = build_consensus(
        drawn, galaxy.galaxy_id, frame=galaxy.frame, features=("spiral_arm",), find_instances=False
    )
    return consensus.of("spiral_arm")


def by_pyarcfire(galaxy: SimulatedGalaxy) -> str:
    """Pitch, winding and number of arcs, from the image with a stretch that shows the arms."""
    from pyarcfire import SpiralFinder

    image = np.arcsinh(galaxy.image.astype(float) / (3 * galaxy.truth.sky_noise)).clip(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = SpiralFinder().extract(image)
        pitch = np.degrees(found.get_overall_pitch_angle())
    if not found.num_clusters:
        return "nothing found"
    parity = -1 if galaxy.frame.is_mirrored else 1
    return f"{abs(pitch):.1f} {'Z' if parity * pitch > 0 else 'S'} ({found.num_clusters})"


def sparcfire() -> None:
    """Print galseg on every arc that SpArcFiRe marked, in the disc that it fitted."""
    folder = DATA / "sdss-spirals"
    galaxies = pd.read_csv(folder / "sparcfire_galaxies.csv", dtype={"name": str}).set_index("name")
    rows = [
        row
        for name, galaxy in galaxies.iterrows()
        if (folder / f"{name}_sparcfire_armmask.png").is_file()
        for row in arcs_of(folder, str(name), galaxy)
    ]
    table = pd.DataFrame(rows, columns=["theirs", "pitch", "winding", "err", "n_pixels"])
    for least in (MIN_ARC_PIXELS, 3 * MIN_ARC_PIXELS):
        large = table[table["n_pixels"] >= least]
        found = large.dropna()
        difference = (found["pitch"] - found["theirs"].abs()).abs()
        wound = found[(found["theirs"].abs() > 5) & (found["winding"] != "")]
        same = (wound["winding"] == np.where(wound["theirs"] < 0, "S", "Z")).mean()
        print(
            f"arcs of {least} pixels or more: {len(large)}, measured {len(found)}, pitch differs "
            f"by {difference.median():.1f} degrees (median; 68%: {difference.quantile(0.68):.1f}), "
            f"winding agrees in {same:.0%} of {len(wound)} above 5 degrees"
        )


def arcs_of(folder: Path, name: str, galaxy: pd.Series) -> list[tuple[object, ...]]:
    """SpArcFiRe's pitch angle of each arc, negative for S on the sky, and galseg's.

    Its masks have the rows of the FITS image, and its angles are counted with y down.
    """
    colours = cv2.imread(str(folder / f"{name}_sparcfire_armmask.png"))[:, :, ::-1]
    frame = ImageFrame.from_header(fits.getheader(folder / f"{name}.fits"))
    rows = []
    for _, arc in pd.read_csv(folder / f"{name}_sparcfire_arcs.csv").iterrows():
        colour = 255 * np.array(str(arc["clusOutputColor"]).strip("[]").split(), dtype=float)
        mask = (np.abs(colours - colour) < 2).all(axis=2)
        if mask.sum() < MIN_ARC_PIXELS:
            continue
        spiral = measure_spiral_arms(
            mask,
            frame=frame,
            centre=(galaxy["inputCenterC"] - 1, galaxy["inputCenterR"] - 1),
            inclination_deg=float(np.degrees(np.arccos(galaxy["diskAxisRatio"]))),
            line_of_nodes_deg=float(90 - np.degrees(galaxy["diskMajAxsAngleRadians"])),
        )
        longest = spiral.arms[0] if spiral.arms else None
        rows.append(
            (
                arc["pitch_angle"],
                longest.pitch_angle_deg if longest else np.nan,
                longest.winding if longest else "",
                longest.pitch_angle_deg_err if longest else np.nan,
                int(mask.sum()),
            )
        )
    return rows


def kennicutt() -> None:
    """Print galseg on arms taken from light, beside Kennicutt's pitch angles."""
    folder = DATA / "nearby-spirals"
    catalogue = pd.read_csv(folder / "catalogue.csv").dropna(subset=["kennicutt_pitch_deg"])
    print("| galaxy | band | Kennicutt | his range | arms from light |\n|---|---|---|---|---|")
    for galaxy in catalogue.itertuples():
        for band in ("wise_1", "2mass_k"):
            spiral = arms_from_light(folder / f"{galaxy.dir}_{band}.fits.gz", galaxy)
            print(
                f"| {galaxy.name} | {band} | {galaxy.kennicutt_pitch_deg:g} "
                f"| {galaxy.kennicutt_pitch_range:g} "
                f"| {told(spiral)} +- {spiral.pitch_angle_deg_err:.1f} |"
            )


def arms_from_light(path: Path, galaxy: tuple) -> SpiralMeasurement:
    """Measure the brightest quarter of the pixels at every radius from 0.2 to 1 R25.

    In the disc, where its line of nodes can be had from the outer isophote; else as seen.
    """
    with fits.open(path) as hdus:
        image, frame = hdus[0].data.astype(float), ImageFrame.from_header(hdus[0].header)
    nodes = fit_disc(image, frame=frame).line_of_nodes_deg
    angles = (galaxy.inclination_deg, nodes) if np.isfinite(nodes) else (0.0, 0.0)
    known = dict(zip(("inclination_deg", "line_of_nodes_deg"), angles, strict=True))
    y, x = np.indices(image.shape)
    offsets = frame.to_offsets_arcsec(np.column_stack([x.ravel(), y.ravel()]), frame.centre_xy)
    radius = np.hypot(*deproject_offsets(offsets, **known).T).reshape(image.shape)
    smooth = cv2.GaussianBlur(np.nan_to_num(image), (0, 0), 1.5)
    ring = (radius / galaxy.R25_arcsec * N_RINGS).astype(int)
    arms = np.zeros(image.shape, dtype=bool)
    for k in range(N_RINGS // 5, N_RINGS):
        inside = ring == k
        if inside.any():
            arms[inside] = smooth[inside] > np.quantile(smooth[inside], 0.75)
    return measure_spiral_arms(arms, frame=frame, centre=tuple(frame.centre_xy), **known)


PARTS = {"simulated": simulated, "sparcfire": sparcfire, "kennicutt": kennicutt}


if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
