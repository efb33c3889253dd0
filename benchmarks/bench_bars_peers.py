"""Bars of simulated galaxies, by galseg and by its peers, on the same images in the same run.

Thirty galaxies with a bar whose length and position angle are known. Everybody is told the
centre; nobody the disc. galseg measures the exact mask, the votes of a simulated crowd of 15, and
the image (m = 2 Fourier mode, two definitions of the length). photutils fits ellipses, read
at the maximum of the ellipticity and where the angle leaves the bar's by 10 degrees; statmorph
measures the orientation of the whole galaxy, for it has no bar. Times are of one core.

``python benchmarks/bench_bars_peers.py`` prints the table of the README.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
import statmorph
from numpy.typing import NDArray
from photutils.isophote import Ellipse, EllipseGeometry, Isophote
from photutils.segmentation import detect_sources

from galseg import build_consensus, measure_bar
from galseg.dataset.simulate import SimulatedGalaxy, simulate_annotations, simulate_galaxy
from galseg.measure.bar_light import measure_bar_light

N_GALAXIES = 30
SHAPE = (256, 256)
N_VOLUNTEERS = 15
FIRST_SMA, LEAST_SMA = (15.0, 10.0, 25.0, 40.0, 6.0), 3.0  # pixels
ANGLE_LEAVES = 10.0  # degrees
MORPHOLOGIES = ("barred spiral", "barred disc")


class Found(NamedTuple):
    """Length end to end on the sky, and position angle; NaN where there is no answer."""

    length_arcsec: float
    position_angle_deg: float


NOTHING = Found(np.nan, np.nan)
Answers = dict[str, Found]


class Barred(NamedTuple):
    """A galaxy with what the methods may see: its image, its exact mask, the votes of a crowd."""

    galaxy: SimulatedGalaxy
    votes: NDArray[np.float32]


def galseg_mask(barred: Barred) -> Answers:
    bar = measure_bar(barred.galaxy.masks["bar"], frame=barred.galaxy.frame)
    return {"galseg, exact mask": Found(bar.length_arcsec, bar.position_angle_deg)}


def galseg_votes(barred: Barred, *, share: float) -> Answers:
    bar = measure_bar(
        barred.votes, frame=barred.galaxy.frame, threshold=share, n_asked=N_VOLUNTEERS
    )
    name = f"galseg, {share:.0%} of {N_VOLUNTEERS} volunteers"
    return {name: Found(bar.length_arcsec, bar.position_angle_deg)}


def galseg_light(barred: Barred) -> Answers:
    galaxy = barred.galaxy
    light = measure_bar_light(galaxy.image, frame=galaxy.frame, centre=galaxy.truth.centre_xy)
    return {
        "galseg, m = 2 amplitude": Found(light.length_a2_arcsec, light.position_angle_deg),
        "galseg, m = 2 phase": Found(light.length_phase_arcsec, light.position_angle_deg),
    }


def photutils_isophotes(barred: Barred) -> Answers:
    galaxy = barred.galaxy
    image = galaxy.image.astype(float)
    ellipses: list[Isophote] = []
    for first in FIRST_SMA:  # nothing is fitted inwards or outwards of a first one that fails
        start = EllipseGeometry(*galaxy.truth.centre_xy, sma=first, eps=0.3, pa=0.5)
        fitted = Ellipse(image, start).fit_image(maxsma=min(SHAPE) / 2)
        ellipses = [one for one in fitted if one.stop_code >= 0 and one.sma > LEAST_SMA]
        if ellipses:
            break
    names = "photutils, maximum ellipticity", "photutils, change of angle"
    if not ellipses:
        return dict.fromkeys(names, NOTHING)
    sma, eps, angle = np.array([(one.sma, one.eps, np.degrees(one.pa)) for one in ellipses]).T
    peak = int(np.argmax(eps))
    turned = (sma > sma[peak]) & (np.abs((angle - angle[peak] + 90) % 180 - 90) > ANGLE_LEAVES)
    end = sma[turned].min(initial=np.inf)
    return {
        name: on_sky(galaxy, half, angle[peak])
        for name, half in zip(names, (sma[peak], end), strict=True)
    }


def statmorph_orientation(barred: Barred) -> Answers:
    galaxy = barred.galaxy
    smooth = cv2.GaussianBlur(galaxy.image, (0, 0), 2)
    segments = detect_sources(smooth, galaxy.truth.sky_noise, n_pixels=50).data
    x, y = np.rint(galaxy.truth.centre_xy).astype(int)
    is_galaxy = segments == segments[y, x]
    measured = statmorph.SourceMorphology(
        galaxy.image, is_galaxy.astype(int), 1, gain=1.0, mask=(segments > 0) & ~is_galaxy
    )
    angle = np.degrees(measured.orientation_asymmetry)
    return {"statmorph, orientation": on_sky(galaxy, np.inf, angle)}


METHODS: Sequence[Callable[[Barred], Answers]] = (
    galseg_mask,
    partial(galseg_votes, share=0.5),
    partial(galseg_votes, share=0.2),
    galseg_light,
    photutils_isophotes,
    statmorph_orientation,
)


def on_sky(galaxy: SimulatedGalaxy, half_length_pix: float, angle_deg: float) -> Found:
    """Put a line through the centre on the sky; without a length where it has no end."""
    along = np.array([[np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))]])
    reach = half_length_pix if np.isfinite(half_length_pix) else 1.0
    ends = galaxy.truth.centre_xy - reach * along, galaxy.truth.centre_xy + reach * along
    length = galaxy.frame.separation_arcsec(*ends)[0] if reach == half_length_pix else np.nan
    return Found(length, galaxy.frame.position_angle_deg(*ends)[0])


def barred_galaxies() -> list[Barred]:
    galaxies = [
        simulate_galaxy(seed, shape=SHAPE, morphology=MORPHOLOGIES[seed % 2], tidal=())
        for seed in range(N_GALAXIES)
    ]
    drawn = simulate_annotations(galaxies, n_volunteers=N_VOLUNTEERS, features=("bar",))
    return [
        Barred(
            galaxy,
            build_consensus(drawn, galaxy.galaxy_id, frame=galaxy.frame, features=("bar",)).of(
                "bar"
            ),
        )
        for galaxy in galaxies
    ]


def answers(sample: Sequence[Barred]) -> pd.DataFrame:
    """One row a galaxy and method: length over the truth, turn from the truth, time."""
    rows = []
    for method in METHODS:
        for barred in sample:
            truth = barred.galaxy.truth.bar
            begin = time.process_time()
            found = method(barred)
            taken = time.process_time() - begin
            for name, (length, angle) in found.items():
                turn = abs((angle - truth.position_angle_deg + 90) % 180 - 90)
                rows.append((name, length / truth.length_arcsec, turn, 1000 * taken))
    return pd.DataFrame(rows, columns=["method", "ratio", "turn", "ms"])


def summary(found: pd.DataFrame) -> str:
    lines = [
        "| method | with a length | length over truth, median | 16% to 84% | angle off, median "
        "| 84% | time |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, rows in found.groupby("method", sort=False):
        ratio, turn, ms = rows["ratio"].dropna(), rows["turn"].dropna(), rows["ms"].median()
        lengths = " | "
        if len(ratio):
            low, middle, high = ratio.quantile([0.16, 0.5, 0.84])
            lengths = f" {middle:.2f} | {low:.2f} to {high:.2f} "
        lines.append(
            f"| {name} | {len(ratio)} of {len(rows)} |{lengths}| {turn.median():.1f}° "
            f"| {turn.quantile(0.84):.1f}° | {ms:.{0 if ms > 20 else 1}f} ms |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peers' own, on ellipses and fits that fail
        print(summary(answers(barred_galaxies())))
