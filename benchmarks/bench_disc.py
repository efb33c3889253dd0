"""Discs fitted from images: against exact truth, and against the inclinations of S4G.

    python benchmarks/bench_disc.py

Simulated: exponential discs of thickness 0.2 on the WCS of `tests/hostile_wcs.py`, 20 for each
inclination, of random size, brightness, place and line of nodes. "off" is found minus true: for
angles and the centre its root mean square; "err" is the median of the stated error; "within" the
share of truths inside one error.

Real: the spirals of `../shared/data/nearby-spirals` that have an inclination in S4G, from WISE W1
(beam 6 arcsec) and 2MASS K images. The radius is compared with R25 of the B band at isophotes of
22.0 (W1) and 20.0 (K) Vega mag per square arcsec. Lines of nodes are compared between the bands.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from galseg import ImageFrame  # noqa: E402
from galseg.measure import MeasureFlag, fit_disc  # noqa: E402
from tests.hostile_wcs import HOSTILE  # noqa: E402
from tests.measure.exact_shapes import disc_image, hostile_frame  # noqa: E402

SPIRALS = ROOT.parent / "shared" / "data" / "nearby-spirals"
BANDS = {"W1": ("wise_1", 22.0), "K": ("2mass_k", 20.0)}
DOUBTFUL = MeasureFlag.TOUCHES_EDGE | MeasureFlag.POOR_FIT | MeasureFlag.OFF_CENTRE
N_SIMULATED = 20


def main():
    simulated = pd.DataFrame([simulated_row(i) for i in (0, 15, 30, 45, 60, 75)])
    print(to_markdown(simulated))
    if not SPIRALS.is_dir():
        print(f"no real galaxies: {SPIRALS} is not there")
        return
    table = pd.concat([real_fits(band) for band in BANDS])
    print(to_markdown(pd.DataFrame(list(real_rows(table)))))
    print(nodes_between_bands(table))


def simulated_row(inclination):
    rng = np.random.default_rng(inclination)
    names = list(HOSTILE)
    rows, start = [], time.process_time()
    for seed in range(N_SIMULATED):
        frame = hostile_frame(HOSTILE[names[seed % len(names)]])
        nodes = rng.uniform(0, 180)
        centre = frame.centre_xy + rng.uniform(-8, 8, 2)
        image = disc_image(
            frame,
            centre,
            inclination,
            nodes,
            scale_length=rng.uniform(4, 10) * frame.pixel_scale_arcsec,
            noise=rng.choice([0.3, 1.0, 5.0]),
            seed=seed,
        )
        disc = fit_disc(image, frame=frame)
        turn = (disc.line_of_nodes_deg - nodes + 90) % 180 - 90
        rows.append(
            {
                "i": disc.inclination_deg - inclination,
                "i_err": disc.inclination_deg_err,
                "nodes": turn,
                "nodes_err": disc.line_of_nodes_deg_err,
                "centre": np.hypot(*np.subtract(disc.centre_xy, centre)) / np.sqrt(2),
                "centre_err": disc.centre_err_pix,
            }
        )
    seconds = (time.process_time() - start) / N_SIMULATED
    found = pd.DataFrame(rows)
    row = {"inclination": inclination, "median off": f"{found.i.median():+.1f}"}
    for name in ("i", "nodes", "centre"):
        off, err = found[name].dropna(), found[f"{name}_err"].dropna()
        row[f"{name}: off"] = f"{np.sqrt((off**2).mean()):.2f}" if len(off) else "-"
        row[f"{name}: err"] = f"{err.median():.2f}" if len(off) else "-"
        row[f"{name}: within"] = f"{(off.abs() <= err).mean():.0%}" if len(off) else "-"
    return row | {"ms with simulation": f"{1e3 * seconds:.0f}"}


def real_fits(band):
    """Fit all galaxies of one band."""
    suffix, magnitude = BANDS[band]
    catalogue = pd.read_csv(SPIRALS / "catalogue.csv").dropna(subset=["inclination_deg"])
    rows = []
    for galaxy in catalogue.itertuples():
        _, wise = read(galaxy.dir, "wise_1")
        image, frame = read(galaxy.dir, suffix)
        centre = wise.to_sky([wise.centre_xy])[0]  # 2MASS cutouts end at the edge of a scan
        per_pixel = image.header["MAGZP"] - magnitude + 2.5 * np.log10(frame.pixel_area_arcsec2)
        disc = fit_disc(image.data, frame=frame, centre=centre)
        deep = fit_disc(image.data, frame=frame, centre=centre, level=10 ** (0.4 * per_pixel))
        rows.append(
            {
                "name": galaxy.dir,
                "band": band,
                "off": disc.inclination_deg - galaxy.inclination_deg,
                "err": disc.inclination_deg_err,
                "nodes": disc.line_of_nodes_deg,
                "nodes_err": disc.line_of_nodes_deg_err,
                "is_doubtful": bool(disc.flags & DOUBTFUL),
                "radius": np.nan if deep.flags & DOUBTFUL else deep.radius_arcsec,
                "R25": galaxy.R25_arcsec,
            }
        )
    return pd.DataFrame(rows)


def read(name, suffix):
    with fits.open(SPIRALS / f"{name}_{suffix}.fits.gz") as hdus:
        image = hdus[0].copy()
    return image, ImageFrame.from_header(image.header)


def real_rows(table):
    for band in BANDS:
        for label, chosen in (("all", slice(None)), ("not flagged", ~table.is_doubtful)):
            found = table[chosen]
            found = found[(found.band == band) & found.off.notna()]
            ratio = (found.radius / found.R25).dropna()
            yield {
                "band": band,
                "galaxies": f"{len(found)} ({label})",
                "inclination off, median": f"{found.off.median():+.1f}",
                "robust scatter": f"{scatter(found.off):.1f}",
                "median err": f"{found.err.median():.1f}",
                "within 1 err": f"{(found.off.abs() <= found.err).mean():.0%}",
                "radius / R25": f"{ratio.median():.2f} ({len(ratio)})",
                "its robust scatter": f"{scatter(ratio) / ratio.median():.0%}",
            }


def nodes_between_bands(table):
    sound = table[~table.is_doubtful]
    pair = sound[sound.band == "W1"].merge(sound[sound.band == "K"], on="name", suffixes=("", "_k"))
    turn = ((pair.nodes - pair.nodes_k + 90) % 180 - 90).dropna()
    pull = (turn.abs() / np.hypot(pair.nodes_err, pair.nodes_err_k)).dropna()
    return (
        f"lines of nodes of W1 and K differ by {turn.abs().median():.1f} degrees (median of "
        f"{len(turn)}), {pull.median():.1f} times their error"
    )


def scatter(values):
    """Find the standard deviation as half of the values tell it."""
    return 1.4826 * (values - values.median()).abs().median()


def to_markdown(table):
    lines = [table.columns, ["---"] * len(table.columns), *table.itertuples(index=False)]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    main()
