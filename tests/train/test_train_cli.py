"""Runs from the command line: what they learn, keep and refuse."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from PIL import Image

from galseg.dataset import simulate_galaxy
from galseg.errors import ConfigError, FeatureError, OutputError
from galseg.io.provenance import hash_of
from galseg.predict import load_model
from galseg.train import SegmentationModule
from galseg.train.cli import train_main

SMOKE = Path(__file__).parents[2] / "configs" / "train_smoke.yaml"
QUIET = ["--trainer.accelerator=cpu", "--trainer.enable_progress_bar=false"]
TINY = [
    *QUIET,
    "--trainer.enable_model_summary=false",
    "--trainer.log_every_n_steps=1",
    "--trainer.deterministic=true",
    "--model.encoder=tu-mobilenetv3_small_050",
    "--model.decoder_channels=[16,8,8]",
    "--model.lr=0.004",
    "--data.n_simulated=24",
    "--data.simulated_side=[40,40]",
    "--data.side=32",
    "--data.batch_size=4",
    "--pictures.every_n_epochs=0",
]


def scores_of(run, version=0):
    return pd.read_csv(run / "logs" / f"version_{version}" / "metrics.csv")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "run"
    train_main([*TINY, "--trainer.max_epochs=4", f"--output={folder}"])
    return folder


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "smoke"
    torch.manual_seed(0)
    train_main(["fit", f"--config={SMOKE}", *QUIET, f"--output={folder}"])
    return folder


@pytest.mark.slow
def test_the_smoke_config_beats_predicting_the_mean(smoke):
    skill = scores_of(smoke)["val_skill"].dropna()
    assert skill.max() > 0.2
    assert skill.iloc[-1] > 0.2


def test_a_short_run_beats_predicting_the_mean(tmp_path):
    options = [
        f"--config={SMOKE}",
        *QUIET,
        "--trainer.max_epochs=8",
        "--data.n_simulated=120",
        "--data.simulated_side=[64,64]",
        "--data.side=32",
        "--data.features=[bar,spiral_arm]",
        "--model.decoder_channels=[32,16,16]",
    ]
    train_main([*options, f"--output={tmp_path / 'run'}"])
    assert scores_of(tmp_path / "run")["val_skill"].max() > 0


def test_a_run_keeps_what_it_was_made_from(run):
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["data"]["n_simulated"] == 24
    assert config["seed_everything"] == 0
    assert yaml.safe_load((run / "run.yaml").read_text())["verb"] == "train"
    assert {path.name for path in (run / "checkpoints").iterdir()} == {"best.ckpt", "last.ckpt"}


def test_the_resolved_config_repeats_the_run(run, tmp_path):
    again = tmp_path / "again"
    train_main([f"--config={run / 'config.yaml'}", f"--output={again}"])
    pd.testing.assert_frame_equal(scores_of(again), scores_of(run))
    assert hash_of(again / "model.safetensors") == hash_of(run / "model.safetensors")


@pytest.mark.parametrize(
    ("stopped_at", "num_workers"), [(1, 0), (3, 0), pytest.param(2, 1, marks=pytest.mark.slow)]
)
def test_a_run_that_was_stopped_ends_as_it_would_have(
    run, tmp_path, monkeypatch, stopped_at, num_workers
):
    folder = tmp_path / "stopped"
    workers = f"--data.num_workers={num_workers}"
    options = [*TINY, workers, "--trainer.max_epochs=4", f"--output={folder}"]

    def stop(module, trainer=None):
        if module.current_epoch == stopped_at:
            raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(SegmentationModule, "on_train_epoch_start", stop)
        with pytest.raises(RuntimeError, match="power cut"):
            train_main(options)
    assert not (folder / "model.json").exists()
    torch.manual_seed(12345)  # what the process drew before does not matter
    train_main([*options, f"--ckpt_path={folder / 'checkpoints' / 'last.ckpt'}"])
    whole = scores_of(run)
    rest = whole[whole["epoch"] >= stopped_at].reset_index(drop=True)
    pd.testing.assert_frame_equal(scores_of(folder, version=1), rest, check_exact=True)
    assert_same_weights(folder, run)
    assert hash_of(folder / "model.safetensors") == hash_of(run / "model.safetensors")


def assert_same_weights(one, other):
    found, expected = (
        torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
        for run in (one, other)
    )
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_the_model_of_a_run_is_the_best_one_and_predicts(run):
    card = json.loads((run / "model.json").read_text())
    best = scores_of(run).set_index("epoch")["val_log_score"].dropna().idxmin()
    assert card["training"]["best_epoch"] == best
    measured = card["metrics"]["val simulated"]["log_score"]
    assert measured == pytest.approx(scores_of(run)["val_log_score"].min(), abs=2e-3)
    prediction = load_model(run, device="cpu").predict(simulate_galaxy(1, shape=(50, 40)).image)
    assert prediction.probability.shape == (3, 50, 40)


@pytest.mark.parametrize(("verb", "split"), [("validate", "val"), ("test", "test")])
def test_a_checkpoint_is_scored(run, tmp_path, verb, split):
    best, folder = run / "checkpoints" / "best.ckpt", tmp_path / "scores"
    train_main([verb, *TINY, f"--ckpt_path={best}", f"--output={folder}"])
    assert scores_of(folder)[f"{split}_log_score"].notna().any()
    if verb == "validate":
        expected = scores_of(run)["val_log_score"].min()
        assert scores_of(folder)["val_log_score"].iloc[0] == pytest.approx(expected, rel=1e-5)
    names = {path.name for path in (folder / split).iterdir()}
    assert names == {"scores.csv", "scores.json", "reliability.png"}
    table = pd.read_csv(folder / split / "scores.csv").set_index("feature")
    card = json.loads((run / "model.json").read_text())
    whole = card["metrics"][f"{split} simulated"]
    assert table.loc["all", "log_score"] == pytest.approx(whole["log_score"], abs=1e-4)
    bar = whole["features"]["bar"]
    assert table.loc["bar", "calibration_error"] == pytest.approx(
        bar["calibration_error"], abs=1e-4
    )
    assert table.loc["bar", "n_with_40"] == bar["masks"]["0.4"]["n_with"]
    curves = json.loads((folder / split / "scores.json").read_text())
    assert sum(curves[f"{split} simulated"]["features"]["bar"]["curve"]["n_votes"]) > 0


def test_the_card_says_how_logits_become_masks(run):
    card = json.loads((run / "model.json").read_text())
    features = card["metrics"]["val simulated"]["features"]
    for feature, scores in features.items():
        assert scores["temperature"] == card["temperatures"][feature]
        assert scores["masks"]["0.2"]["threshold"] == card["thresholds"][feature]
    assert any(temperature != 1 for temperature in card["temperatures"].values())


def test_a_run_that_gets_no_better_stops_early(tmp_path):
    stopping = {
        "class_path": "EarlyStopping",
        "init_args": {"monitor": "val_log_score", "patience": 1, "min_delta": 10.0},
    }
    config = {"trainer": {"callbacks": [stopping]}, "pictures": {"every_n_epochs": 1}}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(config))
    folder = tmp_path / "run"
    options = [f"--config={tmp_path / 'a.yaml'}", "--trainer.max_epochs=4", f"--output={folder}"]
    train_main([*TINY, *options])
    assert scores_of(folder)["epoch"].max() == 1
    assert (folder / "model.json").exists()
    names = sorted(path.name for path in (folder / "pictures").iterdir())
    assert names == ["epoch_000.png", "epoch_001.png"]
    with Image.open(folder / "pictures" / names[0]) as sheet:
        assert sheet.width > 500
    assert list((folder / "tensorboard").rglob("events.out.*"))


@pytest.mark.slow
def test_two_processes_train_one_model(run, tmp_path):
    folder = tmp_path / "run"
    # A decoder of three levels leaves weights of the encoder unused, which plain DDP refuses.
    strategy = "--trainer.strategy=ddp_find_unused_parameters_true"
    words = [*TINY, "--trainer.max_epochs=2", "--trainer.devices=2", strategy]
    command = [sys.executable, "-m", "galseg", "train", *words, f"--output={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("model written") == 1
    together, alone = scores_of(folder), scores_of(run)
    together, alone = together["val_mean_map"].dropna(), alone["val_mean_map"].dropna()
    assert together.iloc[0] == pytest.approx(alone.iloc[0], rel=1e-4)  # of the galaxies of both


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["--model.los=l1"], ConfigError, "did you mean 'loss'"),
        (["--modle.lr=1"], ConfigError, "did you mean 'model'"),
        (["--model.lr=fast"], ConfigError, r"model\.lr"),
        (["--config=nowhere.yaml"], ConfigError, "nowhere.yaml"),
        (["--data.side=50"], ConfigError, "multiple of 8"),
        (["--data.features=[bars]", "--data.features=[]"], FeatureError, "empty"),
        (["--model.loss=mse"], ConfigError, "no loss 'mse'"),
    ],
)
def test_wrong_options_are_named_and_leave_nothing(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        train_main([*TINY, *options, f"--output={tmp_path / 'run'}"])
    assert not (tmp_path / "run").exists()


def test_an_unknown_key_in_a_file_is_named(tmp_path):
    (tmp_path / "a.yaml").write_text("data: {bach_size: 3}")
    with pytest.raises(ConfigError, match="did you mean 'batch_size'"):
        train_main([*TINY, f"--config={tmp_path / 'a.yaml'}"])


def test_another_run_is_not_overwritten(run):
    with pytest.raises(OutputError, match=r"last\.ckpt"):
        train_main([*TINY, f"--output={run}"])


def test_scores_need_a_checkpoint(tmp_path):
    with pytest.raises(ConfigError, match="--ckpt_path"):
        train_main(["validate", *TINY, f"--output={tmp_path}"])


@pytest.mark.parametrize("config", sorted(SMOKE.parent.glob("train*.yaml")), ids=lambda p: p.name)
def test_every_config_is_understood(config, capsys):
    with pytest.raises(SystemExit) as stop:
        train_main([f"--config={config}", "--print_config"])
    assert stop.value.code == 0
    resolved = yaml.safe_load(capsys.readouterr().out)
    assert resolved["output"] == yaml.safe_load(config.read_text())["output"]
