"""
Simulated galaxies
==================

Galaxies with exact masks, bar lengths and pitch angles, as tests and training use them.
"""

import matplotlib.pyplot as plt

from galseg.dataset.simulate import simulate_galaxy
from galseg.imaging.overlay import overlay

kinds = ("barred spiral", "spiral", "barred disc", "elliptical")
figure, axes = plt.subplots(1, len(kinds), figsize=(11, 3.2), layout="constrained")
for seed, (axis, kind) in enumerate(zip(axes, kinds, strict=True)):
    galaxy = simulate_galaxy(seed, morphology=kind)
    axis.imshow(overlay(galaxy.image, galaxy.masks), origin="lower")
    axis.set_title(kind)
    axis.set_axis_off()
    for arm in galaxy.truth.arms:
        print(f"{kind}: pitch {arm.pitch_angle_deg:.1f} deg, winding {arm.winding}")
plt.show()
