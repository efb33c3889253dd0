"""The kept corpus, and every crash that was ever found, through each target."""

from importlib.util import find_spec

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.corpus import CORPUS, kept
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


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris")
@pytest.mark.parametrize("name", READERS)
def test_nothing_new_crashes_for_some_seconds(name):
    assert fuzz(name, seconds=5) == []
