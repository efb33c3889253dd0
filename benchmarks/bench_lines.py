"""Pitch angles from volunteers' lines: against the Galaxy Builder catalogue, and crowd to crowd.

Run as ``python benchmarks/bench_lines.py``; needs the Galaxy Builder drawings in ../shared/data.

The project aggregated the drawn lines first (its log spirals come with the drawings) and then
fitted a model to the image, whose pitch angles are the catalogue's; a positive one winds
anticlockwise going outwards. Both take discs as thin. The disc here is the catalogue's axis ratio
with the mean direction and the median centre of the drawn discs, for lines and masks alike.
"""

import gzip
import json
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from scipy.spatial.distance import cdist

from galseg import ImageFrame, build_consensus, measure_spiral_arms, read_annotations
from galseg.measure import measure_spiral_lines, pitch_hierarchy, summarise_samples

DATA = Path(__file__).parents[2] / "shared" / "data"
DRAWINGS = DATA / "galaxy-builder" / "drawings.json.gz"
VOTES = 0.2
APART = 0.05  # of the image side, between arms that are taken for the same
SIGN = {"Z": 1, "S": -1, "": np.nan}


def disc_of(record, frame, axis_ratio):
    """Centre and angles of the disc that the volunteers drew."""
    discs = [entry["disk"] for entry in record["classifications"] if "disk" in entry]
    centre = np.median([(disc["x"], disc["y"]) for disc in discs], axis=0)
    turns = [(1 - d["q"]) * np.exp(2j * np.radians(d["angle_deg"])) for d in discs]
    turn = np.angle(np.mean(turns)) / 2
    if not np.isfinite(axis_ratio):
        axis_ratio = np.median([disc["q"] for disc in discs])
    along = np.array([np.cos(turn), np.sin(turn)])
    nodes = frame.position_angle_deg([centre], [centre + along])
    return {
        "centre": tuple(centre),
        "inclination_deg": np.degrees(np.arccos(min(axis_ratio, 1))),
        "line_of_nodes_deg": nodes[0],
    }


def dominant(signed, lengths):
    """Mean of the pitch angles with the dominant winding, weighted by length and signed."""
    signed, lengths = np.array(signed), np.array(lengths)
    if not signed.size:
        return np.nan
    sign = np.sign(np.sign(signed) @ lengths)
    chosen = np.sign(signed) == sign
    return np.average(signed[chosen], weights=lengths[chosen]) if chosen.any() else np.nan


def measure(record, drawn, catalogue):
    """One subject by all methods: signed pitch angles, and the spiral from lines."""
    subject = record["subject_id"]
    row = catalogue.loc[subject]
    frame = ImageFrame.from_header(fits.getheader(DRAWINGS.parent / record["image"]))
    disc = disc_of(record, frame, row["disk_q"])
    entries = record["classifications"]
    spiral = measure_spiral_lines(
        [line for entry in entries for line in entry["spirals"]],
        frame=frame,
        annotator_ids=[e["classification_id"] for e in entries for _ in e["spirals"]],
        n_asked=len(entries),
        **disc,
    )
    crowd = build_consensus(
        drawn, str(subject), frame=frame, features=("spiral_arm",), find_instances=False
    )
    mask = measure_spiral_arms(crowd.of("spiral_arm"), frame=frame, threshold=VOTES, **disc)
    project = record["consensus_arms"]
    fitted = row[[f"pitch_angle_{n}" for n in range(4)]].dropna().to_numpy(dtype=float)
    values = {
        "galaxy": record["nsa_id"],
        "lines": spiral.pitch_angle_deg * SIGN[spiral.winding],
        "lines_err": spiral.pitch_angle_deg_err,
        "masks": mask.pitch_angle_deg * SIGN[mask.winding],
        "masks_err": mask.pitch_angle_deg_err,
        "catalogue": dominant(fitted, np.ones(len(fitted))),
        "project's lines": dominant(
            [arm["pitch_deg"] * arm["chirality"] for arm in project],
            [np.hypot(*np.diff(arm["log_spiral"], axis=0).T).sum() for arm in project],
        ),
        "SpArcFiRe": row["psi_sparcfire"] if row["psi_sparcfire"] > 0 else np.nan,
        "n_lines": spiral.n_arms,
        "n_project's lines": len(project),
        "n_catalogue": len(fitted),
    }
    return values, spiral, fitted


def compared(one, other):
    """Galaxies, median difference, median of one minus other, and share of one winding."""
    both = np.isfinite(one) & np.isfinite(other)
    one, other = one[both], other[both]
    difference = np.abs(one) - np.abs(other)
    same = f"{np.mean(np.sign(one) == np.sign(other)):.1%}" if (other < 0).any() else ""
    return f"{len(one)} | {np.median(abs(difference)):.1f} | {np.median(difference):+.1f} | {same}"


def arm_by_arm(record, spiral):
    """Pitch angles of the project's arms, and of the arms here that run nearest to them."""
    for arm in record["consensus_arms"] if spiral.n_arms else []:
        apart = [cdist(arm["log_spiral"], a.ridge_xy).min(axis=1).mean() for a in spiral.arms]
        nearest = spiral.arms[np.argmin(apart)]
        if min(apart) < APART * record["width"]:
            yield (
                nearest.pitch_angle_deg * SIGN[nearest.winding],
                arm["pitch_deg"] * arm["chirality"],
            )


def print_comparisons(table):
    print("| | against | galaxies or pairs | median difference [deg] | bias [deg] | same winding |")
    print("|---|---|---|---|---|---|")
    for name in ("lines", "masks", "project's lines"):
        for other in ("catalogue", "project's lines", "SpArcFiRe"):
            if name != other:
                print(f"| {name} | {other} | {compared(table[name], table[other])} |")
    groups = [group for _, group in table.groupby("galaxy") if len(group) == 2]
    first, second = (pd.DataFrame([g.iloc[n] for g in groups]).reset_index() for n in (0, 1))
    clear = np.isfinite(first["project's lines"]) & np.isfinite(second["project's lines"])
    for name in ("lines", "masks", "project's lines", "catalogue"):
        print(f"| {name} | the other crowd | {compared(first[name], second[name])} |")
    for name in ("lines", "masks"):
        text = compared(first[name][clear], second[name][clear])
        print(f"| {name} | the other crowd, where the project found arms twice | {text} |")
    return first, second


def print_coverage(first, second):
    for name in ("lines", "masks"):
        err = np.hypot(first[f"{name}_err"], second[f"{name}_err"])
        score = (first[name].abs() - second[name].abs()).abs() / err
        within = np.mean(score[np.isfinite(score)] < 1)
        print(f"{name}: {within:.0%} of pairs within one standard deviation of the difference")


def main():
    with gzip.open(DRAWINGS) as file:
        records = json.load(file)
    drawn = read_annotations(DRAWINGS)
    catalogue = pd.read_csv(DATA / "tables" / "galaxy_builder_catalogue.csv")
    subjects = pd.read_csv(DRAWINGS.parent / "catalogue.csv").set_index("subject_id")
    catalogue = subjects[["psi_sparcfire"]].join(catalogue.set_index("galaxy_builder_id"))
    measured = [measure(record, drawn, catalogue) for record in records]
    table = pd.DataFrame([values for values, _, _ in measured])
    crowds = print_comparisons(table)
    pairs = [
        arm_by_arm(record, spiral) for record, (_, spiral, _) in zip(records, measured, strict=True)
    ]
    print(f"| lines, arm by arm | project's lines | {compared(*np.array([*chain(*pairs)]).T)} |")
    print_coverage(*crowds)
    for name in ("lines", "project's lines", "catalogue"):
        print(
            f"{name}: {table[f'n_{name}'].sum()} arms in {(table[f'n_{name}'] > 0).sum()} subjects"
        )

    once = {values["galaxy"]: spiral for values, spiral, _ in measured if spiral.n_arms > 1}
    arms = [
        (galaxy, arm.pitch_angle_deg * (-1) ** (SIGN[arm.winding] == -SIGN[spiral.winding]),
         arm.pitch_angle_deg_err)
        for galaxy, spiral in once.items() for arm in spiral.arms
    ]  # fmt: skip
    galaxy, pitch, err = map(np.array, zip(*arms, strict=True))
    scatter = summarise_samples(pitch_hierarchy(pitch, err, galaxy).arm_scatter_deg)
    fitted = [np.std(values, ddof=1) for *_, values in measured if len(values) > 1]
    print(f"scatter between arms, lines: {scatter.mean:.1f} +- {scatter.err:.1f} deg in "
          f"{len(once)} galaxies")  # fmt: skip
    print(f"scatter between arms, catalogue: median {np.median(fitted):.1f} deg")


if __name__ == "__main__":
    main()
