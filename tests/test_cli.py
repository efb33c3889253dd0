"""The command line: what it says, and the exit code."""

import subprocess
import sys

import pytest
import yaml

from galseg.cli import VERBS, main


def test_the_overview_lists_every_verb(capsys):
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in VERBS)


@pytest.mark.parametrize("name", [name for name in VERBS if name != "train"])
def test_every_verb_explains_each_of_its_options(name, capsys):
    assert main([*name.split(), "--help"]) == 0
    printed = capsys.readouterr().out
    assert "--config" in printed
    assert "ERROR" not in printed
    options = [line.split()[0] for line in printed.splitlines() if line.startswith("  --")]
    assert len(options) > 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["consensu"], "did you mean 'consensus'"),
        (["compare"], "say which: galseg compare build, galseg compare score"),
        (["consensus", "--annotatons", "a"], "did you mean 'annotations'"),
        (["consensus", "--annotation", "a"], "did you mean 'annotations'"),
        (["consensus", "--annotations", "a"], "output"),
        (["consensus", "--annotations", "a", "--output", "b", "--method", "mean"], "weighted"),
        (["predict", "--images", "nowhere", "--output", "b"], "nowhere"),
        (["survey", "status", "--output", "b"], "no survey in b"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_options_give_one_line_and_exit_code_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.startswith("galseg: error: ")
    assert printed.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_key_in_a_config_file_names_the_near_miss(tmp_path, capsys):
    config = tmp_path / "consensus.yaml"
    config.write_text(yaml.safe_dump({"annotations": "a", "output": "b", "metod": "weighted"}))
    assert main(["consensus", "--config", str(config)]) == 2
    assert "did you mean 'method'" in capsys.readouterr().err


def test_the_installed_command_answers():
    done = subprocess.run(
        [sys.executable, "-m", "galseg", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("galseg ")
