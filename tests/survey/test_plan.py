"""What a survey will do, and that it does not change on the way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.errors import ConfigError, FormatError
from galseg.survey.plan import PLAN_FILE, Plan, keep_to_plan, read_plan

OPTIONS = {"seed": 0, "features": ("bar", "tidal"), "columns": {"ra": None, "dec": None}}


def plan(**changes):
    return Plan(**{"n_rows": 25, "shard_size": 10, "options": OPTIONS, **changes})


@given(n_rows=st.integers(0, 200), shard_size=st.integers(1, 50))
def test_the_shards_hold_every_row_once_and_in_order(n_rows, shard_size):
    one = plan(n_rows=n_rows, shard_size=shard_size)
    rows = [row for shard in range(one.n_shards) for row in one.rows_of(shard)]
    assert rows == list(range(n_rows))
    assert all(0 < len(one.rows_of(shard)) <= shard_size for shard in range(one.n_shards))


def test_it_is_written_once_and_read_back(tmp_path):
    assert read_plan(tmp_path) is None
    keep_to_plan(tmp_path, plan())
    before = (tmp_path / PLAN_FILE).read_bytes()
    keep_to_plan(tmp_path, plan())
    assert (tmp_path / PLAN_FILE).read_bytes() == before
    assert read_plan(tmp_path).fingerprint == plan().fingerprint


def test_the_fingerprint_tells_every_option():
    changed = [
        plan(n_rows=26),
        plan(shard_size=11),
        plan(options={**OPTIONS, "seed": 1}),
        plan(options={**OPTIONS, "columns": {"ra": None, "dec": "DEC"}}),
    ]
    assert len({one.fingerprint for one in [plan(), *changed]}) == 5


def test_all_that_changed_is_told(tmp_path):
    keep_to_plan(tmp_path, plan())
    options = {**OPTIONS, "features": ("bar",), "columns": {"ra": "RA", "dec": None}, "light": True}
    with pytest.raises(ConfigError) as told:
        keep_to_plan(tmp_path, plan(options=options))
    for change in (
        "columns.ra was None and is 'RA' now",
        "features was ['bar', 'tidal'] and is ['bar'] now",
        "light was None and is True now",
    ):
        assert change in str(told.value)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"n_rows": 1}', json.dumps({"n_rows": "x", "shard_size": None})]
)
def test_a_damaged_plan_is_an_error(content, tmp_path):
    (tmp_path / PLAN_FILE).write_text(content)
    with pytest.raises(FormatError, match="is no plan of a survey"):
        read_plan(tmp_path)


def test_a_shard_has_a_row_at_least():
    with pytest.raises(ConfigError, match="shard_size must be at least 1, got 0"):
        plan(shard_size=0)
