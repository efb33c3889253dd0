"""A model comes back as it was written, or not at all."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from galseg.errors import MissingInputError, ModelError
from galseg.io.provenance import hash_of
from galseg.models import ModelCard, build_network, load_network, model_stem, read_card, save_model
from galseg.models.registry import shipped_models

OPTIONS = {"encoder": "tu-mobilenetv3_small_050", "decoder_channels": (16, 8, 8), "dropout": 0.1}


def make_card(**changes):
    card = {
        "name": "test",
        "features": ("bar", "tidal"),
        "in_channels": 1,
        "decoder": "unet",
        "stem": False,
        "side": 32,
        "field_of_view": "image",
        "stretch": "asinh",
        "temperatures": {"bar": 1.0, "tidal": 1.0},
        "thresholds": {"bar": 0.3, "tidal": 0.2},
        "vote_threshold": 0.2,
        **OPTIONS,
    }
    return ModelCard(**{**card, **changes})


@pytest.fixture
def network():
    torch.manual_seed(0)
    return build_network(n_features=2, **OPTIONS).eval()


@pytest.fixture
def stem(tmp_path, network):
    save_model(tmp_path / "model", network, make_card(metrics={"val": {"mae": None}}))
    return tmp_path / "model"


def edit_card(stem, **changes):
    path = stem.with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_the_network_and_its_card_come_back(stem, network):
    loaded, card = load_network(stem)
    image = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(loaded(image), network(image), rtol=0, atol=0)
    assert card.metrics == {"val": {"mae": None}}
    assert card == make_card(metrics=card.metrics, weights_sha256=card.weights_sha256)
    assert not loaded.training


def test_half_precision_halves_the_file_and_computes_in_full(tmp_path, stem, network):
    save_model(tmp_path / "half", network, make_card(), dtype=torch.float16)
    half, full = ((tmp_path / f"{name}.safetensors").stat().st_size for name in ("half", "model"))
    assert half < 0.6 * full
    loaded, _ = load_network(tmp_path / "half")
    assert all(p.dtype == torch.float32 for p in loaded.parameters())
    image = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(loaded(image), network(image), rtol=0.05, atol=0.02)


@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_a_truncated_file_is_refused(stem, cut):
    path = stem.with_suffix(".safetensors")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])
    with pytest.raises(ModelError, match=r"model\.safetensors .*SHA-256"):
        load_network(stem)
    edit_card(stem, weights_sha256=hash_of(path))
    with pytest.raises(ModelError, match="damaged"):
        load_network(stem)


def test_weights_of_another_network_are_listed(stem):
    path = stem.with_suffix(".safetensors")
    weights = load_file(path)
    weights["extra"] = weights.pop("net.segmentation_head.0.bias")
    weights["net.segmentation_head.0.weight"] = torch.zeros(1, 2, 3)
    save_file(weights, path)
    edit_card(stem, weights_sha256=hash_of(path))
    with pytest.raises(ModelError) as caught:
        load_network(stem)
    assert "missing: net.segmentation_head.0.bias" in str(caught.value)
    assert "left over: extra" in str(caught.value)
    assert "of another shape: net.segmentation_head.0.weight" in str(caught.value)


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_half_a_model_is_named(stem, suffix):
    stem.with_suffix(suffix).unlink()
    with pytest.raises(MissingInputError, match=suffix):
        load_network(stem)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "damaged"),
        ("[]", "version"),
        ('{"format_version": 99}', "says 99.*update galseg"),
        ('{"format_version": 1}', "version 2 .*says 1.*stretched before .* train the model again"),
        ('{"format_version": true}', "says True.*no galseg made"),
        ('{"format_version": 2}', "incomplete"),
        ('{"format_version": 2, "colour": 2}', "colour"),
    ],
)
def test_a_card_of_another_kind_is_refused(tmp_path, text, message):
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ModelError, match=message):
        read_card(tmp_path / "model.json")


def test_thresholds_must_fit_the_features():
    with pytest.raises(ModelError, match="thresholds"):
        make_card(thresholds={"bar": 0.5})


def test_a_model_is_found_by_run_folder_and_by_file(stem):
    for name in (stem.parent, stem, f"{stem}.json", f"{stem}.safetensors"):
        assert model_stem(name) == stem


def test_an_unknown_name_loads_nothing_else(tmp_path):
    with pytest.raises(ModelError, match="did you mean 'default'"):
        model_stem("defaults")
    with pytest.raises(ModelError, match="nowhere"):
        model_stem(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="checkpoint"):
        model_stem(tmp_path / "best.ckpt")


def test_shipped_models_are_whole_and_small():
    shipped = shipped_models()
    assert "default" in shipped
    for stem in shipped.values():
        _, card = load_network(stem)
        assert card.features
        assert card.metrics
        assert stem.with_suffix(".safetensors").stat().st_size < 20e6
