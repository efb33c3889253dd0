"""One run at a time in a folder."""

import fcntl
import json
import os
import socket
import subprocess

import pytest

from galseg.errors import OutputError
from galseg.survey.lock import LOCK, Holder, holder_of, locked


def test_a_second_run_is_refused_and_told_who_works_there(tmp_path):
    with locked(tmp_path):
        who = f"process {os.getpid()} on {socket.gethostname()}"
        with pytest.raises(OutputError, match=who), locked(tmp_path):
            pass
        assert holder_of(tmp_path) == Holder(socket.gethostname(), os.getpid())
    assert holder_of(tmp_path) is None
    with locked(tmp_path):
        assert holder_of(tmp_path).seems_alive


def test_an_error_inside_frees_it(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        _ = 1 / 0
    with locked(tmp_path):
        pass


def test_who_is_gone_is_known_on_this_machine_only():
    with subprocess.Popen(["true"]) as gone:
        pass
    assert Holder(socket.gethostname(), gone.pid).seems_alive is False
    assert Holder("another-machine", os.getpid()).seems_alive is None


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"host": "a"}', '{"x": 1, "pid": 2}'])
def test_a_lock_of_a_killed_run_says_nothing_where_it_is_damaged(content, tmp_path):
    (tmp_path / LOCK).write_text(content)
    assert holder_of(tmp_path) is None
    with locked(tmp_path):
        assert json.loads((tmp_path / LOCK).read_text())["pid"] == os.getpid()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"), locked(tmp_path / "file" / "out"):
        pass


def test_a_file_system_without_locks_is_an_error(tmp_path, monkeypatch):
    def refuse(file, how):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)
    refusal = "Function not implemented; name an output"
    with pytest.raises(OutputError, match=refusal), locked(tmp_path):
        pass
