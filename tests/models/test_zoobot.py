"""Zoobot's encoders: the registry, and its Lightning checkpoints."""

import sys
from types import ModuleType

import pytest
import timm
import torch

from galseg.errors import ModelError
from galseg.models import fill_encoder, find_encoder
from galseg.models.zoobot import ZOOBOT_ENCODERS


@pytest.mark.parametrize(
    ("name", "n_bands", "millions"),
    [  # of timm's own tables, less the classifier of 1000 classes
        ("convnext_pico", 3, 9.05 - 0.513),
        ("convnext_nano", 3, 15.59 - 0.641),
        ("resnet50", 3, 25.56 - 2.049),
        ("greyscale-convnext_nano", 1, 15.59 - 0.641),
    ],
)
def test_the_registry_knows_the_sizes(name, n_bands, millions):
    encoder = ZOOBOT_ENCODERS[f"mwalmsley/zoobot-encoder-{name}"]
    assert encoder.n_bands == n_bands
    assert encoder.n_parameters / 1e6 == pytest.approx(millions, abs=0.02)


def test_every_encoder_of_the_registry_is_one_of_timms():
    assert all(timm.is_model(encoder.architecture) for encoder in ZOOBOT_ENCODERS.values())


@pytest.fixture
def model():
    return timm.create_model("resnet18", num_classes=0, in_chans=1).eval()


def checkpoint(path, model, prefix="encoder.", **options):
    state = {prefix + name: tensor for name, tensor in model.state_dict().items()}
    state |= {"head.1.weight": torch.zeros(4, 512), "train_accuracy.tp": torch.zeros(1)}
    torch.save({"epoch": 3, "state_dict": state, "hyper_parameters": options}, path)
    return path


@pytest.mark.parametrize(
    ("prefix", "options"),
    [
        ("encoder.", {"architecture_name": "resnet18", "channels": 1}),
        ("encoder._orig_mod.", {"architecture_name": "resnet18"}),
        ("encoder.", {"name": "hf_hub:mwalmsley/zoobot-encoder-resnet18", "n_blocks": 5}),
    ],
)
def test_the_encoder_of_a_checkpoint_computes_the_same(tmp_path, model, prefix, options):
    found = find_encoder(checkpoint(tmp_path / "last.ckpt", model, prefix, **options))
    assert (found.architecture, found.n_bands) == ("resnet18", 1)
    assert found.licence == "CC-BY-NC-SA-4.0"
    filled = timm.create_model("resnet18", num_classes=0, in_chans=1).eval()
    fill_encoder(filled, found)
    image = torch.rand(2, 1, 64, 64)
    torch.testing.assert_close(filled(image), model(image))


def test_schemas_in_a_checkpoint_are_passed_over(tmp_path, model, monkeypatch):
    schemas = ModuleType("zoobot.shared.schemas")
    for name in ("Schema", "Question", "Answer"):
        setattr(schemas, name, type(name, (), {"__module__": schemas.__name__}))
    for name in ("zoobot", "zoobot.shared", "zoobot.shared.schemas"):
        monkeypatch.setitem(sys.modules, name, schemas)
    schema, question = schemas.Schema(), schemas.Question()
    question.text, schema.questions = "bar", [question]
    path = checkpoint(tmp_path / "tree.ckpt", model, architecture_name="resnet18", schema=schema)
    monkeypatch.undo()
    assert find_encoder(path).architecture == "resnet18"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1], "no state_dict"),
        ({"epoch": 1}, "no state_dict"),
        ({"state_dict": {"model.a": torch.zeros(1)}}, r"only under \['model'\]"),
        ({"state_dict": {"encoder.a": torch.zeros(1)}}, "does not say its architecture"),
        ({"state_dict": {}, "callback": pytest.approx}, "not executed"),
    ],
)
def test_another_checkpoint_is_refused(tmp_path, content, message):
    torch.save(content, tmp_path / "other.ckpt")
    with pytest.raises(ModelError, match=message):
        find_encoder(tmp_path / "other.ckpt")
