"""Pretrained encoders: feature for feature what timm computes, or an error."""

import json

import pytest
import timm
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from galseg.errors import MissingInputError, ModelError, OutputError
from galseg.models import build_network, encoder_names, fill_encoder, find_encoder, save_encoder

REPOSITORY = "mwalmsley/zoobot-encoder-resnet18"


def random_model(architecture="resnet18", **options):
    torch.manual_seed(0)
    model = timm.create_model(architecture, **{"num_classes": 0, **options}).eval()
    for name, buffer in model.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            torch.nn.init.uniform_(buffer, 0.5, 1.5)
    return model


def save(folder, model, architecture="resnet18"):
    facts = {"licence": "BSD-3-Clause", "citation": "Doe (2020)", "training": {"n_epochs": 3}}
    save_encoder(folder, model, architecture=architecture, **facts)
    return folder


@pytest.fixture
def folder(tmp_path):
    return save(tmp_path / "encoder", random_model())


def edit(path, change):
    weights = load_file(path)
    change(weights)
    save_file(weights, path)
    config = path.with_name("config.json")
    content = json.loads(config.read_text())
    del content["galseg"]  # whose hash it was
    config.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("architecture", "n_bands", "stem"),
    [
        ("resnet18", 3, False),
        ("resnet18", 1, True),
        ("convnext_atto", 1, True),
        ("convnext_atto", 5, False),
        ("efficientnet_b0", 4, False),
        ("tf_efficientnet_lite0", 1, False),
    ],
)
def test_the_encoder_computes_what_timm_does(tmp_path, architecture, n_bands, stem):
    folder = save(tmp_path / "encoder", random_model(architecture), architecture)
    network = build_network(
        n_features=1, encoder=f"tu-{architecture}", in_channels=n_bands, stem=stem
    ).eval()
    fill_encoder(network.encoder, find_encoder(folder))
    expected = timm.create_model(
        f"local-dir:{folder}", pretrained=True, features_only=True, in_chans=n_bands
    ).eval()
    image = torch.rand(2, n_bands, 64, 64)
    backbone = network.encoder.backbone if stem else network.encoder
    with torch.no_grad():
        found = [feature for feature in backbone(image)[1:] if feature.shape[1]]
        for ours, theirs in zip(found, expected(image), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize("n_bands", [1, 3, 5])
def test_bands_that_all_show_the_same_are_as_good_as_the_one_there_was(tmp_path, n_bands):
    one = random_model(in_chans=1)
    found = find_encoder(save(tmp_path / "encoder", one))
    assert found.n_bands == 1
    several = timm.create_model("resnet18", num_classes=0, in_chans=n_bands).eval()
    fill_encoder(several, found)
    image = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(several(image.expand(-1, n_bands, -1, -1)), one(image))


def test_an_encoder_of_fewer_stages_takes_what_it_needs(tmp_path):
    found = find_encoder(save(tmp_path / "encoder", random_model()))
    network = build_network(n_features=1, decoder_channels=(16, 8, 8), in_channels=3)
    fill_encoder(network.encoder, found)
    torch.testing.assert_close(
        network.encoder.model.layer2[1].conv2.weight, found.weights["layer2.1.conv2.weight"]
    )


def test_what_was_saved_is_told(folder):
    found = find_encoder(folder)
    assert (found.architecture, found.n_bands) == ("resnet18", 3)
    assert (found.licence, found.citation) == ("BSD-3-Clause", "Doe (2020)")
    assert found.origin == str(folder)
    config = json.loads((folder / "config.json").read_text())
    assert config["galseg"]["training"] == {"n_epochs": 3}
    assert "license" not in config["pretrained_cfg"]  # timm's, of weights that these are not


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_published_folder_is_read_with_either_kind_of_weights(tmp_path, name):
    weights = random_model(num_classes=7).state_dict()
    (tmp_path / "config.json").write_text('{"architecture": "resnet18", "num_classes": 7}')
    if name.endswith(".bin"):
        torch.save(weights, tmp_path / name)
    else:
        save_file(weights, tmp_path / name)
    found = find_encoder(tmp_path)
    assert found.licence == ""
    assert not any(key.startswith("fc.") for key in found.weights)
    fill_encoder(timm.create_model("resnet18", num_classes=0), found)


def test_a_file_is_read_with_the_config_beside_it(folder):
    assert find_encoder(folder / "model.safetensors").architecture == "resnet18"
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"config\.json beside it"):
        find_encoder(folder / "model.safetensors")


def test_what_does_not_fit_is_listed_and_nothing_is_filled(folder):
    def spoil(weights):
        weights["layer9.weight"] = weights.pop("layer1.0.conv1.weight")
        weights["bn1.bias"] = torch.zeros(3)

    edit(folder / "model.safetensors", spoil)
    network = build_network(n_features=1)
    before = network.encoder.model.layer1[0].conv2.weight.clone()
    with pytest.raises(ModelError) as caught:
        fill_encoder(network.encoder, find_encoder(folder))
    assert "missing: layer1.0.conv1.weight;" in str(caught.value)
    assert "left over: layer9.weight;" in str(caught.value)
    assert "of another shape: bn1.bias" in str(caught.value)
    torch.testing.assert_close(network.encoder.model.layer1[0].conv2.weight, before)


@pytest.mark.parametrize("encoder", ["tu-resnet34", "resnet18"])
def test_another_architecture_is_refused_before_its_names(folder, encoder):
    network = build_network(n_features=1, encoder=encoder)
    with pytest.raises(ModelError, match="use encoder='tu-resnet18'"):
        fill_encoder(network.encoder, find_encoder(folder))


def test_weights_without_a_first_convolution_have_no_bands(folder):
    edit(folder / "model.safetensors", lambda weights: weights.pop("conv1.weight"))
    with pytest.raises(ModelError, match=r"no conv1\.weight"):
        _ = find_encoder(folder).n_bands
    with pytest.raises(ModelError, match=r"missing: conv1\.weight"):
        fill_encoder(timm.create_model("resnet18", num_classes=0), find_encoder(folder))


def test_damaged_and_exchanged_weights_are_refused(folder):
    path = folder / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        find_encoder(folder)
    path.unlink()
    (folder / "config.json").write_text('{"architecture": "resnet18"}')
    (folder / "pytorch_model.bin").write_bytes(content[:1000])
    with pytest.raises(ModelError, match="damaged"):
        find_encoder(folder)


class Command:
    def __reduce__(self):
        return (print, ("executed",))


def test_a_pickle_that_would_run_is_not_run(folder, capsys):
    (folder / "model.safetensors").unlink()
    torch.save({"conv1.weight": Command()}, folder / "pytorch_model.bin")
    (folder / "config.json").write_text('{"architecture": "resnet18"}')
    with pytest.raises(ModelError, match="not executed"):
        find_encoder(folder)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("config", "message"),
    [("{", "no config"), ("[]", "no config"), ("{}", "architecture"),
     ('{"architecture": "resnet19"}', "no model 'resnet19'")],
)  # fmt: skip
def test_a_config_of_another_kind_is_refused(folder, config, message):
    (folder / "config.json").write_text(config)
    with pytest.raises(ModelError, match=message):
        find_encoder(folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(MissingInputError, match=name):
        find_encoder(folder)


@pytest.mark.parametrize("source", ["zoobot", "nowhere.ckpt", "nowhere.safetensors"])
def test_an_unknown_name_loads_nothing_else(source):
    with pytest.raises(ModelError, match=f"no encoder '{source}'"):
        find_encoder(source)


def test_only_an_encoder_is_saved_and_over_nothing(folder, tmp_path):
    with pytest.raises(ModelError, match="num_classes=0"):
        save(tmp_path / "other", random_model(num_classes=10))
    with pytest.raises(OutputError, match="exists"):
        save(folder, random_model())


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A hub cache of our own, and no way out of it."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_the_cache_of_the_hub_comes_first(offline, name):
    stored = offline / f"models--{REPOSITORY.replace('/', '--')}"
    snapshot = stored / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (stored / "refs").mkdir()
    (stored / "refs" / "main").write_text("0" * 40)
    weights = random_model().state_dict()
    (snapshot / "config.json").write_text('{"architecture": "resnet18", "num_classes": 0}')
    if name.endswith(".bin"):
        torch.save(weights, snapshot / name)
    else:
        save_file(weights, snapshot / name)
    found = find_encoder(f"hf_hub:{REPOSITORY}")
    assert found.licence == "CC-BY-NC-SA-4.0"
    assert "10.21105/joss.05312" in found.citation
    torch.testing.assert_close(found.weights["conv1.weight"], weights["conv1.weight"])


def test_without_a_network_the_way_out_is_told(offline):
    with pytest.raises(ModelError) as caught:
        find_encoder(f"hf_hub:{REPOSITORY}")
    page, place = f"https://huggingface.co/{REPOSITORY}", "encoders/zoobot-encoder-resnet18"
    for part in ("config.json", "model.safetensors", "pytorch_model.bin", page, place):
        assert part in str(caught.value)
    with pytest.raises(ModelError, match="no/such/name"):
        find_encoder("hf_hub:no/such/name")


def test_the_names_are_told():
    names = encoder_names()
    assert "imagenet" in names
    assert f"hf_hub:{REPOSITORY}" in names
