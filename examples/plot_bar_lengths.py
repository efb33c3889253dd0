"""
A bar-extent table, against the truth
=====================================

Bars of the bundled sample measured in the volunteers' consensus and in the default model's
prediction, beside the lengths that the simulation gave them.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from galseg import build_consensus, load_model, measure_catalog, read_annotations
from galseg.io.images import read_image

sample = Path(__file__).parents[1] / "annotations"
truth = pd.read_csv(sample / "truth.csv")
truth = truth[truth["feature"] == "bar"].set_index("galaxy_id")["length_arcsec"]

drawn = read_annotations(sample / "classifications.csv", mapping=sample / "mapping.yaml")
subjects = drawn.subjects.set_index("galaxy_id")["subject_id"]
images = {name: read_image(sample / "images" / f"{name}.fits") for name in truth.index}
crowds = [build_consensus(drawn, subjects[name], frame=images[name].frame) for name in truth.index]
predictions = load_model("default").predict(list(images.values()))

figure, axis = plt.subplots(figsize=(5, 5), layout="constrained")
for label, maps in (("volunteers", crowds), ("default model", predictions)):
    bars = measure_catalog(maps, images=images, n_draws=20).bars
    bars["galaxy_id", "length_arcsec", "length_arcsec_err", "position_angle_deg", "flags"].pprint()
    length = bars["length_arcsec"].to_value("arcsec")
    err = bars["length_arcsec_err"].to_value("arcsec")
    axis.errorbar(truth, length, err, fmt="o", label=label)
axis.axline((0, 0), slope=1, color="grey", lw=1)
axis.set(xlabel="true length [arcsec]", ylabel="measured length [arcsec]", title="Bars, end to end")
axis.legend()
plt.show()
