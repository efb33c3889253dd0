"""``galseg compare score`` through the command line."""

import pytest
import yaml

from galseg.cli import main
from galseg.compare.score_tables import SCORE_TABLES
from tests.compare.made_up import answer, write_answers, write_made_up_key


@pytest.fixture
def words(tmp_path):
    key_path, answers = tmp_path / "key.json", tmp_path / "answers"
    answers.mkdir()
    key = write_made_up_key(key_path, 4)
    for rater in key.raters:
        given = [answer(item, "model") for item in key.items if item.rater == rater]
        write_answers(answers / f"{rater}.json", key_path, given, rater=rater)
    return [f"--answers={answers}", f"--key={key_path}", f"--output={tmp_path / 'out'}",
            "--n_resamples=100"]  # fmt: skip


def score(*words):
    return main(["compare", "score", *words])


def test_tables_reports_and_the_run_are_written(words, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert score(*words) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {f"{name}.{kind}" for name in SCORE_TABLES for kind in ("ecsv", "csv")}
    assert names == tables | {"report.html", "report.md", "figures", "config.yaml", "run.yaml"}
    assert "8 evaluations, 0 answers left out" in capsys.readouterr().out
    inputs = yaml.safe_load((tmp_path / "out" / "run.yaml").read_text())["inputs"]
    assert set(inputs) == {"answers", "key"}


def test_without_plots_there_are_no_figures(words, tmp_path):
    assert score(*words, "--plots=false") == 0
    assert not (tmp_path / "out" / "figures").exists()
    assert (tmp_path / "out" / "report.html").is_file()


def test_nothing_is_written_if_nothing_counts(words, tmp_path, capsys):
    for path in (tmp_path / "answers").iterdir():
        path.write_text(path.read_text()[:-20])
    assert score(*words) == 2
    assert "no answer counts in 2 files" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_not_overwritten(words, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").touch()
    assert score(*words, "--plots=false") == 2
    assert "exists" in capsys.readouterr().err
