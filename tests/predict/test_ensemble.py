"""Several models that answer together."""

import numpy as np
import pytest

from galseg.dataset import simulate_galaxy
from galseg.errors import ConfigError, ModelError
from galseg.models import save_model
from galseg.predict import load_model
from tests.predict.tiny import make_card, make_network

IMAGE = simulate_galaxy(5, shape=(70, 64)).image


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    stems = [folder / name for name in "abc"]
    for seed, stem in enumerate(stems):
        thresholds = {"bar": 0.1 * seed, "tidal": 0.2}
        save_model(stem, make_network(seed), make_card(name=stem.name, thresholds=thresholds))
    return stems


def test_members_are_samples_and_their_mean_is_the_probability(models):
    alone = [load_model(model, device="cpu").predict(IMAGE) for model in models]
    together = load_model(models, device="cpu").predict(IMAGE)
    members = np.stack([prediction.probability for prediction in alone])
    np.testing.assert_allclose(together.samples, members, atol=1e-6)
    np.testing.assert_allclose(together.probability, members.mean(axis=0), atol=1e-6)
    assert together.thresholds["bar"] == pytest.approx(0.1)
    assert together.source == " + ".join(prediction.source for prediction in alone)


def test_draws_are_spread_over_the_members(models):
    alone = load_model(models[0], device="cpu").predict(IMAGE, n_samples=3)
    together = load_model(models, device="cpu").predict(IMAGE, n_samples=7)
    assert together.samples.shape == (7, 2, 70, 64)
    np.testing.assert_allclose(together.samples[:3], alone.samples, atol=1e-6)
    plain = load_model(models, device="cpu").predict(IMAGE)
    np.testing.assert_array_equal(together.probability, plain.probability)


def test_one_model_in_a_list_is_that_model(models):
    alone, listed = (load_model(one, device="cpu") for one in (models[0], models[:1]))
    assert listed.card == alone.card
    found = listed.predict(IMAGE)
    assert found.samples is None
    np.testing.assert_array_equal(found.probability, alone.predict(IMAGE).probability)


@pytest.mark.parametrize(
    "changes",
    [
        {"side": 32},
        {"field_of_view": "4 radii"},
        {
            "features": ("tidal", "bar"),
            "temperatures": {"tidal": 1.0, "bar": 1.0},
        },
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_models_that_do_not_fit_together_are_refused(models, changes, tmp_path):
    save_model(tmp_path / "other", make_network(), make_card(name="other", **changes))
    with pytest.raises(ModelError, match=f"same {next(iter(changes))}: 'a' has .* 'other' has"):
        load_model([models[0], tmp_path / "other"], device="cpu")


def test_no_model_is_no_ensemble():
    with pytest.raises(ConfigError, match="at least one model"):
        load_model([])
