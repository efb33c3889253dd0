"""How far a survey is, seen from outside."""

from datetime import datetime

import pytest

from galseg.commands.survey import status
from galseg.errors import MissingInputError, OutputError
from galseg.survey import read_status
from galseg.survey.journal import JOURNAL
from galseg.survey.progress import Display, Pace, expected_end
from galseg.survey.tally import Tally
from tests.survey import fakes
from tests.survey.survey_run import run


def test_a_survey_that_stopped(tmp_path, capsys):
    broken = fakes.FakeProcessor({25: fakes.fill_the_disk}, bad=frozenset({3, 4}))
    with pytest.raises(OutputError):
        run(tmp_path / "out", broken, n_workers=1)
    seen = status(output=tmp_path / "out")
    assert (seen.n_rows, seen.n_done, seen.failures) == (30, 20, {fakes.BAD: 2})
    assert not seen.is_whole
    assert seen.holder is None
    assert seen.rate > 0
    printed = capsys.readouterr().out
    assert "20 of 30 galaxies (66.7%)\nfailed: 2 FormatError\nno run works on it" in printed
    assert "no space left" in printed


def test_a_survey_under_way(tmp_path):
    seen = []
    run(tmp_path / "out", n_workers=1, watch=lambda _: seen.append(read_status(tmp_path / "out")))
    assert [one.n_done for one in seen] == [0, 10, 20, 30]
    assert all(one.holder.seems_alive for one in seen)
    assert read_status(tmp_path / "out").is_whole
    assert read_status(tmp_path / "out").n_done == 30


def test_a_journal_that_is_damaged_does_not_hide_the_rest(tmp_path, capsys):
    run(tmp_path / "out", n_workers=1)
    with (tmp_path / "out" / JOURNAL).open("ab") as log:
        log.write(b'\xff\n[]\n{"time": "20')
    assert read_status(tmp_path / "out").rate > 0


def test_no_survey_is_an_error(tmp_path):
    with pytest.raises(MissingInputError, match="no survey in"):
        read_status(tmp_path)


def test_the_rate_is_that_of_this_start():
    pace = Pace(1000, 50.0)
    assert pace.rate(1000, 60.0) is None
    assert pace.rate(1020, 60.0) == 2.0


def test_the_end_of_what_hardly_moves_is_not_a_date():
    now = datetime(2026, 5, 4)
    assert expected_end(10**12, 0.1, now=now) == "in more than ten years"


def test_the_display_follows_the_tally(capsys):
    tally = Tally(20)
    with Display() as show:
        show(tally)
        tally.add(20, {"FormatError": 1})
        show(tally)
    assert "Error" not in capsys.readouterr().err
