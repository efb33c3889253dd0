"""
What a blinded comparison can tell
==================================

Twelve simulated experts say which of three masks shows a bar best, on sixty galaxies. Galaxies
and experts differ, so answers are alike and the intervals wider than those of as many independent
ones. Answers to a real package come out of `galseg.compare.score_comparison` in the same tables.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from galseg.compare.ranking import rank_methods
from galseg.compare.settle import settle_pairs
from galseg.compare.shares import preference_shares

methods = ("model", "volunteers", "SpArcFiRe")
n_galaxies, n_experts = 60, 12
rng = np.random.default_rng(7)
liking = (
    np.log([0.45, 0.4, 0.15])
    + 1.0 * rng.normal(size=(n_galaxies, 1, 3))
    + 0.4 * rng.normal(size=(1, n_experts, 3))
    + rng.gumbel(size=(n_galaxies, n_experts, 3))
)
first, second = np.sort(liking)[..., ::-1][..., :2].transpose(2, 0, 1)
choice = np.where(first - second < 0.3, 3, liking.argmax(axis=-1))

galaxy, expert = np.indices(choice.shape)
places = {f"place_{number}": method for number, method in enumerate(methods, start=1)}
answers = pd.DataFrame(
    {
        "feature": "bar",
        "galaxy_id": galaxy.ravel(),
        "rater": expert.ravel(),
        "choice": np.array([*methods, "tie"])[choice.ravel()],
        **places,
    }
)
shares = preference_shares(answers, methods)
print(shares.round(3).to_string(index=False))
print(rank_methods(answers, methods).round(3).to_string(index=False))
print(settle_pairs(answers, methods).round(3).to_string(index=False))

figure, axis = plt.subplots(figsize=(6, 3), layout="constrained")
for offset, name, label in ((-0.15, "share", "independent"), (0.15, "resampled", "resampled")):
    ends = shares[[f"{name}_low", f"{name}_high"]].sub(shares["share"], axis=0).abs()
    at = np.arange(len(shares)) + offset
    axis.errorbar(shares["share"], at, xerr=ends.T, fmt="o", capsize=3, label=label)
axis.set_yticks(range(len(shares)), shares["choice"])
axis.invert_yaxis()
axis.set(xlabel="share of evaluations", title="Which mask shows the bar best?")
axis.legend(title="95% interval")
plt.show()
