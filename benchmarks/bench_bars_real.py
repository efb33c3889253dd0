"""Bars of real galaxies: crowds with each other and with catalogues, light with S4G.

Run as ``python benchmarks/bench_bars_real.py``; needs ../shared/data and photutils.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from numpy.typing import NDArray
from shapely import Polygon

from galseg import ImageFrame, build_consensus, measure_bar, read_annotations
from galseg.annotations import AnnotationSet
from galseg.measure.background import sky_of
from galseg.measure.bar_light import BarLight, measure_bar_light
from galseg.measure.disc import fit_disc
from galseg.measure.host import kpc_per_arcsec

DATA = Path(__file__).parents[2] / "shared" / "data"
VOTES = 0.2
SDSS_PIXEL_ARCSEC = 0.396
HUBBLE = 0.7  # of Hoyle's lengths, given in kpc / h
CLEARLY_DRAWN = 10  # boxes
BANDS = {"W1": "wise_1", "K": "2mass_k"}
LEAST_SEMI_AXIS_ARCSEC = 15.0
STEEPEST_DEG = 70.0  # disc that is deprojected
CENTRE_REACH_PIX = 8

Floats = NDArray[np.float64]


def longest_side(box: Polygon) -> float:
    return float(np.hypot(*np.diff(box.exterior.coords, axis=0).T).max())


def bars_of_crowds(drawn: AnnotationSet) -> pd.DataFrame:
    """Measure the bar of every subject from its crowd, one row a subject."""
    sizes = drawn.classifications.drop_duplicates("subject_id").set_index("subject_id")
    rows = []
    for subject in drawn.subjects["subject_id"]:
        frame = ImageFrame((sizes["height"][subject], sizes["width"][subject]))
        crowd = build_consensus(
            drawn, subject, frame=frame, features=("bar",), find_instances=False
        )
        votes = crowd.of("bar")
        bar = measure_bar(votes, frame=frame, threshold=VOTES)
        rows.append(
            {
                "subject_id": subject,
                "length_pix": bar.length_pix,
                "axis_ratio": bar.axis_ratio,
                "share_drawn": crowd.n_marked[0] / crowd.n_asked[0],
                "highest_vote": np.nanmax(votes),
                "galaxy_id": drawn.subjects.set_index("subject_id")["galaxy_id"][subject],
            }
        )
    return pd.DataFrame(rows)


def robust(ratio: Floats | pd.Series) -> str:
    """Format the number, the median and half of the width that holds 68%, over the median."""
    ratio = np.asarray(ratio, dtype=float)
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) < 3:
        return f"{len(ratio)} | {', '.join(f'{r:.2f}' for r in ratio)} |"
    low, middle, high = np.percentile(ratio, (16, 50, 84))
    return f"{len(ratio)} | {middle:.2f} | {(high - low) / 2 / middle:.0%}"


def print_catalogues(bars: pd.DataFrame, catalogue: pd.DataFrame) -> None:
    found = bars.astype({"subject_id": str}).merge(
        catalogue.astype({"subject_id": str}), on="subject_id"
    )
    kpc = found["z"].map(lambda z: kpc_per_arcsec(z)[0])
    length_kpc = found["length_pix"] * SDSS_PIXEL_ARCSEC * kpc
    clear = found["p_bar"] > 0.5
    print("| crowd's bar length over | bars | median ratio | 68% within |\n|---|---|---|---|")
    print(
        f"| Hoyle's length, kpc | {robust(length_kpc * HUBBLE / found['hoyle_bar_length_kpc_h'])} |"
    )
    multiple = found["length_pix"] / found["cat_bar_Re_px"]
    print(f"| catalogue's Re | {robust(multiple)} |")
    print(f"| the same, p_bar > 0.5 | {robust(multiple[clear])} |")
    spread = found["hoyle_bar_stdev"] / found["hoyle_bar_length_kpc_h"]
    print(f"Hoyle's own volunteers on these: {spread.median():.0%} of the length (median)")
    twice = found.dropna(subset="cat_bar_Re_px").groupby("galaxy_id")["cat_bar_Re_px"]
    pairs = np.array([g.to_numpy() for _, g in twice if len(g) == 2])
    gap = np.abs(np.log(pairs[:, 0] / pairs[:, 1]))
    print(f"the catalogue's Re of the same galaxy twice: {len(gap)}, median {np.median(gap):.0%}\n")


def print_crowds(bars: pd.DataFrame, catalogue: pd.DataFrame) -> None:
    p_bar = catalogue.astype({"subject_id": str}).set_index("subject_id")["p_bar"]
    bars = bars.assign(p_bar=bars["subject_id"].astype(str).map(p_bar))
    groups = [group for _, group in bars.groupby("galaxy_id") if len(group) == 2]
    cuts: dict[str, Callable[[pd.DataFrame], bool]] = {
        "a bar in both": lambda g: True,
        "highest vote above 0.3 in both": lambda g: (g["highest_vote"] > 0.3).all(),
        "highest vote above 0.4 in both": lambda g: (g["highest_vote"] > 0.4).all(),
        "half of both crowds drew one": lambda g: (g["share_drawn"] >= 0.5).all(),
        "p_bar > 0.5": lambda g: (g["p_bar"] > 0.5).all(),
        "axis ratio under 0.6 in both": lambda g: (g["axis_ratio"] < 0.6).all(),
        "p_bar > 0.5, vote above 0.3": lambda g: bool(
            (g["p_bar"] > 0.5).all() and (g["highest_vote"] > 0.3).all()
        ),
    }
    print("| two crowds, galaxies with | galaxies | median difference of length |\n|---|---|---|")
    for name, cut in cuts.items():
        gap = np.array([np.abs(np.diff(np.log(g["length_pix"])))[0] for g in groups if cut(g)])
        gap = gap[np.isfinite(gap)]
        print(f"| {name} | {len(gap)} | {np.median(gap) if len(gap) else np.nan:.0%} |")


def print_boxes(drawn: AnnotationSet) -> None:
    """Compare crowds by the median length of the boxes that they drew, without any mask."""
    boxes = drawn.marks[drawn.marks["feature"] == "bar"]
    lengths_pix = boxes["geometry"].map(longest_side)
    found = lengths_pix.groupby(boxes["subject_id"]).agg(["median", "size"])
    galaxy = drawn.subjects.set_index("subject_id")["galaxy_id"].reindex(found.index)
    pairs = [pair for _, pair in found.groupby(galaxy) if len(pair) == 2]
    for least in (1, CLEARLY_DRAWN):
        gap = [
            np.abs(np.diff(np.log(pair["median"])))[0]
            for pair in pairs
            if (pair["size"] >= least).all()
        ]
        print(f"| median box, at least {least} drawn by both | {len(gap)} | {np.median(gap):.0%} |")


def light_of(name: str, band: str) -> tuple[Floats, ImageFrame]:
    with fits.open(DATA / "nearby-spirals" / f"{name}_{BANDS[band]}.fits.gz") as hdus:
        image = hdus[0].data.astype(float)
        frame = ImageFrame.from_header(hdus[0].header)
    return image - sky_of(image[np.isfinite(image)]).level, frame


def brightest_near_middle(image: Floats, frame: ImageFrame) -> tuple[float, float]:
    """Centroid of the 3 x 3 pixels at the brightest one."""
    y, x = np.indices(image.shape)
    near = np.hypot(x - frame.centre_xy[0], y - frame.centre_xy[1]) < CENTRE_REACH_PIX
    row, column = np.unravel_index(np.argmax(np.where(near, np.nan_to_num(image), -1)), x.shape)
    box = slice(row - 1, row + 2), slice(column - 1, column + 2)
    weights = np.nan_to_num(image[box]).clip(0)
    return float(np.average(x[box], weights=weights)), float(np.average(y[box], weights=weights))


def lit_bars(catalogue: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Measure the long bars of S4G in both bands, with the disc and centre seen in W1."""
    long = catalogue["bar_sma_arcsec_obs"] >= LEAST_SEMI_AXIS_ARCSEC
    for galaxy in catalogue[long].itertuples():
        image, frame = light_of(galaxy.dir, "W1")
        host = fit_disc(image, frame=frame).as_host()
        disc = {}
        if host.inclination_deg is not None and host.inclination_deg < STEEPEST_DEG:
            disc = {name: getattr(host, name) for name in ("inclination_deg", "line_of_nodes_deg")}
        centre = frame.to_sky([brightest_near_middle(image, frame)])[0]
        for band in BANDS:
            image, frame = light_of(galaxy.dir, band)
            for plane, known in (("as seen", {}), ("disc", disc)):
                start = time.perf_counter()
                light = measure_bar_light(image, frame=frame, centre=centre, **known)
                waves_s = time.perf_counter() - start
                start = time.perf_counter()
                light = measure_bar_light(
                    image, frame=frame, centre=centre, isophotes=True, **known
                )
                yield {
                    "name": galaxy.name, "band": band, "plane": plane,
                    "s4g": 2 * galaxy.bar_sma_arcsec_obs, "waves_s": waves_s,
                    "isophotes_s": time.perf_counter() - start - waves_s, **lengths(light),
                }  # fmt: skip


def lengths(light: BarLight) -> dict[str, float]:
    return {
        "greatest A2 / A0": light.length_a2_arcsec,
        "constant phase": light.length_phase_arcsec,
        "greatest ellipticity": light.length_max_ellipticity_arcsec,
        "isophotes turn": light.length_twist_arcsec,
    }


def print_light(found: pd.DataFrame) -> None:
    definitions = list(lengths(BarLight()))
    print("\n| band | rings | definition | of | found | median ratio to S4G | 68% within |")
    print("|---|---|---|---|---|---|---|")
    for (band, plane), group in found.groupby(["band", "plane"], sort=False):
        for definition in definitions:
            ratio = group[definition] / group["s4g"]
            print(f"| {band} | {plane} | {definition} | {len(group)} | {robust(ratio)} |")
    print("\nratios to S4G, galaxy by galaxy:")
    shown = found.set_index(["name", "band", "plane"])
    print(shown[definitions].div(shown["s4g"], axis=0).round(2).to_string())
    waves, fits_ = (1000 * found[name].median() for name in ("waves_s", "isophotes_s"))
    print(f"\nmedian time a galaxy: waves {waves:.1f} ms, photutils' isophotes {fits_:.0f} ms")


def print_reference_scatter() -> None:
    """Compare S4G's two lengths of the same bars, by eye and by greatest ellipticity."""
    path = DATA / "tables" / "s4g_bars.dat"
    header = next(line for line in path.read_text().splitlines() if line.startswith("# name "))
    table = pd.read_csv(path, sep=r"\s+", comment="#", names=header[1:].split())
    both = table[(table["sma"] >= LEAST_SEMI_AXIS_ARCSEC) & (table["sma_ell_kpc"] > 0)]
    print("\n| S4G against itself | bars | median ratio | 68% within |\n|---|---|---|---|")
    print(f"| greatest ellipticity over by eye | {robust(both['sma_ell_kpc'] / both['sma_kpc'])} |")


def main() -> None:
    """Print all tables."""
    catalogue = pd.read_csv(DATA / "galaxy-builder" / "catalogue.csv")
    drawn = read_annotations(DATA / "galaxy-builder" / "drawings.json.gz")
    bars = bars_of_crowds(drawn)
    print_catalogues(bars, catalogue)
    print_crowds(bars, catalogue)
    print_boxes(drawn)
    print_light(pd.DataFrame(lit_bars(pd.read_csv(DATA / "nearby-spirals" / "catalogue.csv"))))
    print_reference_scatter()


if __name__ == "__main__":
    main()
