"""
Votes of a crowd
================

What fifteen volunteers drew on one galaxy of the bundled sample, counted pixel by pixel.
"""

from pathlib import Path

import matplotlib.pyplot as plt

from galseg import build_consensus, read_annotations
from galseg.imaging.overlay import to_rgb
from galseg.io.images import read_image

sample = Path(__file__).parents[1] / "annotations"
drawn = read_annotations(sample / "classifications.csv", mapping=sample / "mapping.yaml")
subject = drawn.subjects.set_index("galaxy_id")["subject_id"]["sim02"]
image = read_image(sample / "images" / "sim02.fits")
crowd = build_consensus(drawn, subject, frame=image.frame)
print(crowd.agreement.to_string(index=False))

figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
axes[0].imshow(to_rgb(image.pixels), origin="lower")
axes[0].set_title("sim02, simulated")
for axis, feature in zip(axes[1:], ("bar", "spiral_arm"), strict=True):
    n_asked = crowd.n_asked[crowd.features.index(feature)]
    shown = axis.imshow(crowd.votes[crowd.features.index(feature)], origin="lower", vmax=n_asked)
    for instance in crowd.instances:
        if instance.feature == feature:
            for part in instance.outline.geoms:
                axis.plot(*part.exterior.xy, color="white", lw=1)
    axis.set_title(f"votes: {feature}")
    figure.colorbar(shown, ax=axis, shrink=0.75, label=f"volunteers of {n_asked}")
plt.show()
