"""
A measured galaxy
=================

Bar and spiral arms of one galaxy of the bundled sample, measured on the votes of its fifteen
volunteers and drawn back on the image.
"""

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from galseg import build_consensus, measure_bar, measure_spiral_arms, read_annotations
from galseg.io.images import read_image
from galseg.measure import hosts_from_table
from galseg.report import draw_measurement

GALAXY, THRESHOLD = "sim04", 0.4

sample = Path(__file__).parents[1] / "annotations"
drawn = read_annotations(sample / "classifications.csv", mapping=sample / "mapping.yaml")
subject = drawn.subjects.set_index("galaxy_id")["subject_id"][GALAXY]
image = read_image(sample / "images" / f"{GALAXY}.fits")
crowd = build_consensus(drawn, subject, frame=image.frame)
host = replace(hosts_from_table(pd.read_csv(sample / "truth.csv"))[GALAXY], redshift=0.03)

given = {
    "frame": image.frame,
    "threshold": THRESHOLD,
    "centre": host.centre,
    "inclination_deg": host.inclination_deg,
    "line_of_nodes_deg": host.line_of_nodes_deg,
}
bar = measure_bar(crowd.of("bar"), redshift=host.redshift, n_asked=15, **given)
spiral = measure_spiral_arms(crowd.of("spiral_arm"), **given)
print(f"bar: {bar.length_arcsec:.1f} arcsec, {spiral.n_arms} arms, winding {spiral.winding}")

figure, axes = plt.subplots(figsize=(6, 6.8), layout="constrained")
masks = crowd.masks(threshold=THRESHOLD)
draw_measurement(
    axes, image.pixels, frame=image.frame, masks=masks, bar=bar, spiral=spiral, host=host
)
axes.set_title(f"{GALAXY}, simulated, drawn by fifteen volunteers")
plt.show()
