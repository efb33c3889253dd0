"""The kept corpus, and every crash that was ever found, through each target."""

import base64
import gzip
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.fuzz import __main__ as runner
from tests.fuzz.kept import CORPUS, kept
from tests.fuzz.targets import READERS, run

KEPT = [(name, case, content) for name in READERS for case, content in kept(name)]


@pytest.mark.parametrize(
    ("name", "case", "content"), KEPT, ids=[f"{name}-{case}" for name, case, _ in KEPT]
)
def test_a_kept_file_is_read_or_refused(name, case, content):
    taken = run(name, content)
    assert taken or not case.startswith(CORPUS.name) or name == "suggest"


def test_every_target_has_a_corpus_and_it_is_small():
    assert {name for name, case, _ in KEPT if case.startswith(CORPUS.name)} == set(READERS)
    assert sum(path.stat().st_size for path in CORPUS.parent.rglob("*.gz")) < 200_000


@pytest.mark.parametrize("name", READERS)
def test_half_a_file_and_none_are_read_or_refused(name):
    for _, content in kept(name):
        for length in (0, 1, len(content) // 2, len(content) - 1):
            run(name, content[:length])


def ended(folder, *, log, crash=b""):
    (folder / "crashes").mkdir()
    (folder / "log").write_text(log)
    if crash:
        (folder / "crashes" / "crash-0123456789").write_bytes(crash)
    return folder


def test_a_crash_is_printed_so_that_it_can_be_kept_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(runner, "REGRESSIONS", tmp_path / "kept")
    folder = ended(tmp_path, log="KeyError: 3", crash=b"{}")
    assert not runner.report("rle", folder, status=77, took=1.0)
    printed = capsys.readouterr().out
    assert "FAILED" in printed
    assert "KeyError: 3" in printed
    packed = base64.b64decode(printed.split("<<.\n")[1])
    assert packed == (tmp_path / "kept/rle/crash-0123456789.gz").read_bytes()
    assert gzip.decompress(packed) == b"{}"


@pytest.mark.parametrize(("log", "status"), [("Killed", 9), ("", 0), ("Done 2 runs", 1)])
def test_a_run_that_did_not_end_is_a_failure(tmp_path, capsys, log, status):
    assert not runner.report("rle", ended(tmp_path, log=log), status=status, took=1.0)


def test_a_run_that_ended_says_how_far_it_came(tmp_path, capsys):
    log = "#2 INITED cov: 29\n#99 DONE cov: 31\nDone 99 runs in 2 second(s)"
    assert runner.report("rle", ended(tmp_path, log=log), status=0, took=2.0)
    assert capsys.readouterr().out == "rle: 99 runs in 2.0 s, 31 places reached: well\n"


@pytest.mark.parametrize(("machine", "code"), [("x86_64", 1), ("aarch64", 0)])
def test_without_atheris_it_says_so_and_fails_where_there_are_wheels(
    monkeypatch, capsys, machine, code
):
    monkeypatch.setattr(runner.platform, "system", lambda: "Linux")
    monkeypatch.setattr(runner.platform, "machine", lambda: machine)
    assert runner.without_atheris() == code
    assert "Nothing was fuzzed" in capsys.readouterr().err


PLANTED = """
import os, sys
from pathlib import Path
from tests.fuzz import __main__ as runner, targets

def read(path):
    content = path.read_bytes()
    if content[:1] == b"!":
        {crash}

targets.READERS["rle"] = "a.json", read
runner.REGRESSIONS = Path(sys.argv.pop())
runner.SECONDS_A_FILE = 2
sys.exit(runner.main())
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris")
@pytest.mark.parametrize("crash", ["raise KeyError", "os.abort()", "while True: pass"])
def test_a_planted_crash_or_hang_is_found_and_kept(tmp_path, crash):
    options = ["--seconds", "20", "--targets", "rle", str(tmp_path)]
    command = [sys.executable, "-c", PLANTED.format(crash=crash), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    (path,) = (tmp_path / "rle").iterdir()
    assert gzip.decompress(path.read_bytes())[:1] == b"!"
    assert base64.encodebytes(path.read_bytes()).decode() in done.stdout
