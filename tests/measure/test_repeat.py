"""The same maps give the same numbers to the last bit, whatever is measured beside them."""

import numpy as np
import pytest

from galseg.dataset import simulate_galaxy
from galseg.measure import measure_catalog
from galseg.prediction import Prediction

N_DRAWS = 4


@pytest.fixture(scope="module")
def maps():
    rng = np.random.default_rng(0)
    made = []
    for seed in range(3):
        galaxy = simulate_galaxy(seed, morphology="barred spiral", shape=(64, 64))
        features = tuple(galaxy.masks)
        exact = np.stack([galaxy.masks[name] for name in features]).astype(np.float32)
        noisy = np.clip(0.8 * exact + 0.2 * rng.random(exact.shape, np.float32), 0, 1)
        made.append(Prediction(f"J{seed}", features, noisy, galaxy.frame))
    return made


def measured(maps):
    catalog = measure_catalog(maps, n_draws=N_DRAWS, seed=1)
    return {
        name: getattr(catalog, name).to_pandas().set_index("galaxy_id")
        for name in ("galaxies", "arms")
    }


def test_measurements_repeat_bit_for_bit_in_any_company(maps):
    together, again = measured(maps), measured(maps)
    alone = measured(maps[2:])
    turned = measured(maps[::-1])
    for name, table in together.items():
        assert len(table)
        assert table.equals(again[name])
        for other in (alone, turned):
            assert table.loc[["J2"]].equals(other[name].loc[["J2"]])
