"""A source of simulated galaxies in memory, good and bad."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from galseg.dataset import simulate_galaxy
from galseg.io.images import GalaxyImage
from galseg.survey.sources.item import Item


@cache
def image_of(row, side=48):
    galaxy = simulate_galaxy(row, shape=(side + row % 7, side))
    return GalaxyImage(f"file{row}", galaxy.image[np.newaxis].astype(np.float32), galaxy.frame)


@dataclass
class Simulated:
    """Galaxies by number; what `errors` holds for a row is raised when it is read."""

    n: int
    errors: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    read: list = field(default_factory=list)
    fingerprint: str = "0" * 64

    def __len__(self):
        return self.n

    def items(self, rows):
        for row in rows:
            ra_deg, dec_deg = self.places.get(row, (np.nan, np.nan))
            yield Item(row, f"J{row}", f"images/J{row}.fits", ra_deg, dec_deg, self._loader(row))

    def _loader(self, row):
        def load():
            self.read.append(row)
            if row in self.errors:
                raise self.errors[row]
            return image_of(row)

        return load
