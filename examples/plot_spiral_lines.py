"""
Spiral arms from drawn lines
============================

Twelve volunteers draw the arms of a simulated galaxy, one of them scribbles, and the lines give
each arm's pitch angle without a mask between.
"""

import matplotlib.pyplot as plt
import numpy as np

from galseg.dataset.simulate import simulate_galaxy
from galseg.imaging.overlay import to_rgb
from galseg.measure import measure_spiral_arms, measure_spiral_lines, summarise_samples

galaxy = simulate_galaxy(1, morphology="spiral")
truth = galaxy.truth
disc = {
    "centre": truth.centre_xy,
    "inclination_deg": truth.inclination_deg,
    "line_of_nodes_deg": truth.line_of_nodes_deg,
}
arms = measure_spiral_arms(galaxy.masks["spiral_arm"], frame=galaxy.frame, **disc).arms

rng = np.random.default_rng(0)
lines, who = [], []
for volunteer in range(12):
    for arm in arms:
        n = len(arm.ridge_xy)
        part = slice(rng.integers(n // 8), n - rng.integers(n // 8), max(n // 40, 1))
        lines.append(arm.ridge_xy[part] + rng.normal(0, 1.5, 2))
        who.append(volunteer)
lines.append(rng.uniform(20, 120, (30, 2)))
who.append(12)

spiral = measure_spiral_lines(lines, frame=galaxy.frame, annotator_ids=who, **disc)
of_galaxy = summarise_samples(spiral.posterior.galaxy_pitch_deg[:, 0])
print("true pitch angles:", [round(arm.pitch_angle_deg, 1) for arm in truth.arms])
for arm, n in zip(spiral.arms, spiral.n_volunteers, strict=True):
    pitch, err = arm.pitch_angle_deg, arm.pitch_angle_deg_err
    print(f"arm {arm.arm_id}: {pitch:.1f} +- {err:.1f} deg, drawn by {n}")
print(f"galaxy: {of_galaxy.mean:.1f} +- {of_galaxy.err:.1f} deg, as its arms may differ")

figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
axes[0].imshow(to_rgb(galaxy.image), origin="lower")
for stroke in spiral.strokes:
    axes[0].plot(*stroke.xy.T, color=f"C{stroke.arm_id}" if stroke.arm_id else "grey", lw=1)
for arm in spiral.arms:
    axes[0].plot(*arm.ridge_xy.T, color="white", lw=2)
axes[0].set_title("drawn lines, fitted spirals")
axes[1].hist(
    spiral.posterior.galaxy_pitch_deg[:, 0], bins=60, density=True, alpha=0.5, label="galaxy"
)
for arm, samples in zip(spiral.arms, spiral.posterior.arm_pitch_deg.T, strict=False):
    axes[1].hist(samples, bins=30, density=True, alpha=0.5, label=f"arm {arm.arm_id}")
axes[1].set(xlabel="pitch angle [deg]", yticks=[], title="posterior", xlim=(0, 60))
axes[1].legend()
plt.show()
