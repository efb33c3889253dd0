"""A survey of made-up rows, begun, stopped and gone on with."""

import json

import pyarrow.parquet as pq
import pytest

from galseg.errors import ConfigError, GalsegError, OutputError
from galseg.survey.agenda import KILLED
from galseg.survey.journal import read_journal
from galseg.survey.record import shard_folder
from tests.survey import fakes
from tests.survey.survey_run import results, run


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    run(folder, n_workers=1)
    return results(folder)


def reasons(folder):
    table = pq.read_table(folder / "catalogue" / "galaxies.parquet")
    return dict(zip(table["row"].to_pylist(), table["reason"].to_pylist(), strict=True))


def test_the_number_of_workers_does_not_change_a_byte(undisturbed, tmp_path):
    seen = []
    run(tmp_path / "out", n_workers=3, watch=lambda tally: seen.append(tally.n_done))
    assert results(tmp_path / "out") == undisturbed
    assert seen == [0, 10, 20, 30]
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == {"plan.json", "lock", "log.jsonl", "catalogue", "manifest.json"}


def test_exactly_the_rows_that_kill_their_worker_are_set_aside(tmp_path):
    deadly = {3: fakes.exit_at_once, 4: fakes.want_memory, 12: fakes.crash}
    manifest = run(tmp_path / "out", fakes.FakeProcessor(deadly, bad=frozenset({5})))
    expected = dict.fromkeys(range(30), "") | dict.fromkeys(deadly, KILLED) | {5: fakes.BAD}
    assert reasons(tmp_path / "out") == expected
    assert manifest.failures == {fakes.BAD: 1, KILLED: 3}


def test_a_death_that_is_no_matter_of_the_row_leaves_no_trace(undisturbed, tmp_path):
    deadly = dict.fromkeys([0, 7, 15], fakes.be_killed)
    run(tmp_path / "out", fakes.FakeProcessor(deadly, once=tmp_path))
    assert results(tmp_path / "out") == undisturbed


def test_a_run_that_stopped_goes_on_where_it_was(undisturbed, tmp_path):
    out = tmp_path / "out"
    broken = fakes.FakeProcessor({15: fakes.fill_the_disk})
    with pytest.raises(OutputError, match="no space left"):
        run(out, broken, n_workers=1)
    assert [path.name for path in (out / "shards").iterdir()] == ["000000"]
    seen = []
    run(out, watch=lambda tally: seen.append(tally.n_done))
    assert seen[0] == 10
    assert results(out) == undisturbed
    events = [event["event"] for event in read_journal(out)]
    assert events == ["start", "shard", "stop", "start", "shard", "shard", "catalogues", "end"]


def test_what_a_killed_run_left_behind_is_no_hindrance(undisturbed, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(OutputError):
        run(out, fakes.FakeProcessor({25: fakes.fill_the_disk}), n_workers=1)
    half = out / "shards" / ".000002.0badcafe.partial"
    half.mkdir()
    (half / "galaxies.parquet").write_bytes(b"half")
    for damage in ("galaxies.parquet", "record.json"):
        path = shard_folder(out, 1) / damage
        path.write_bytes(path.read_bytes()[:-5])
    (out / "lock").write_text("{half a li")
    with (out / "log.jsonl").open("a") as log:
        log.write('{"time": "half a li')
    run(out)
    assert results(out) == undisturbed
    assert [event["event"] for event in read_journal(out)].count("end") == 1


def test_a_shard_that_changed_on_the_disk_is_made_anew(undisturbed, tmp_path, monkeypatch):
    out = tmp_path / "out"

    def damage(tally):
        if tally.n_done == 30:
            path = shard_folder(out, 1) / "galaxies.parquet"
            path.write_bytes(path.read_bytes()[:-1] + b"!")

    with pytest.raises(OutputError, match=r"shards \[1\]"):
        run(out, watch=damage)
    run(out)
    assert results(out) == undisturbed


def test_a_finished_run_is_not_done_again(undisturbed, tmp_path):
    out = tmp_path / "out"
    run(out, keep_shards=True)
    assert (out / "shards").is_dir()
    run(out, fakes.no_processor)
    assert results(out) == undisturbed
    assert not (out / "shards").exists()


def test_a_stop_while_catalogues_are_made_does_no_harm(undisturbed, tmp_path):
    def half(shards, output):
        (output / "catalogue").mkdir()
        (output / "catalogue" / "galaxies.parquet").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "out", assemble=half)
    run(tmp_path / "out", fakes.no_processor)
    assert results(tmp_path / "out") == undisturbed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 1}, "seed was 0 and is 1 now"),
        ({"shard_size": 7}, "shard_size was 10 and is 7 now"),
        ({"n_rows": 31}, "n_rows was 30 and is 31 now"),
        ({"columns": {"ra": "RA"}}, "columns.ra was None and is 'RA' now"),
    ],
    ids=str,
)
def test_other_options_are_refused_by_name(changes, message, tmp_path):
    with pytest.raises(OutputError):
        run(tmp_path / "out", fakes.FakeProcessor({0: fakes.fill_the_disk}))
    with pytest.raises(ConfigError, match=message):
        run(tmp_path / "out", **changes)


def test_it_stops_when_too_many_fail_and_goes_on_when_more_may(tmp_path):
    out, bad = tmp_path / "out", fakes.FakeProcessor(bad=frozenset(range(0, 400, 3)))
    options = {"n_rows": 400, "shard_size": 40, "n_workers": 1}
    with pytest.raises(GalsegError, match="40 of the first 120 galaxies failed") as told:
        run(out, bad, max_failed=0.3, **options)
    assert "40 FormatError" in str(told.value)
    assert "\n" not in str(told.value)
    assert run(out, bad, max_failed=0.34, **options).failures == {fakes.BAD: 134}


def test_few_rows_may_all_fail(tmp_path):
    assert run(tmp_path / "out", fakes.FakeProcessor(bad=frozenset(range(30))), max_failed=0.1)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="holds something that is no survey"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_record_tells_every_file_of_a_shard(tmp_path):
    run(tmp_path / "out", fakes.FakeProcessor(bad=frozenset({12})), keep_shards=True)
    record = json.loads((shard_folder(tmp_path / "out", 1) / "record.json").read_text())
    assert record["n_rows"] == 10
    assert record["failures"] == {fakes.BAD: 1}
    assert list(record["sha256"]) == ["galaxies.parquet", "arms.parquet", "tidal.parquet"]
