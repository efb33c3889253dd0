"""A galaxy's split follows from its name and nothing else."""

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.dataset.splits import split_of
from galseg.errors import ConfigError

NAMES = [f"J{n}" for n in range(4000)]


def test_shares_are_met():
    counts = Counter(split_of(name, val_fraction=0.2, test_fraction=0.1) for name in NAMES)
    assert counts["val"] == pytest.approx(800, abs=80)
    assert counts["test"] == pytest.approx(400, abs=60)


def test_another_process_splits_alike():
    program = (
        "from galseg.dataset.splits import split_of;"
        "print(''.join(split_of(f'J{n}')[1] for n in range(200)))"
    )
    there = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert there.stdout.strip() == "".join(split_of(name)[1] for name in NAMES[:200])


@given(st.text(), st.floats(0, 0.4), st.floats(0, 0.4))
def test_more_validation_galaxies_leave_the_test_galaxies_alone(name, first, second):
    few, many = sorted([first, second])
    before = split_of(name, val_fraction=few, test_fraction=0.2)
    after = split_of(name, val_fraction=many, test_fraction=0.2)
    assert (before == "test") == (after == "test")
    assert not (before == "val" and after == "train")


def test_another_salt_gives_an_independent_split():
    moved = sum(split_of(name) != split_of(name, salt="other") for name in NAMES)
    assert moved / len(NAMES) == pytest.approx(1 - 0.7**2 - 2 * 0.15**2, abs=0.04)


@pytest.mark.parametrize(("val", "test"), [(-0.1, 0.1), (0.5, 0.5), (0.9, 0.2)])
def test_shares_that_leave_nothing_are_refused(val, test):
    with pytest.raises(ConfigError, match="below 1"):
        split_of("J1", val_fraction=val, test_fraction=test)
