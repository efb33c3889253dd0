"""Whether a survey is what it was when it was made."""

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from galseg.errors import ConfigError, MissingInputError
from galseg.survey.plan import read_plan
from galseg.survey.verify import changed_results, changed_rows, verify_survey
from tests.survey import fakes
from tests.survey.survey_run import run


@pytest.fixture
def out(tmp_path):
    run(tmp_path / "out", fakes.FakeProcessor(bad=frozenset({5})), n_workers=1, keep_shards=True)
    return tmp_path / "out"


def found(out):
    return list(changed_results(out, read_plan(out)))


def test_nothing_is_found_where_nothing_changed(out):
    assert found(out) == []
    assert verify_survey(out, sample=0) == []


def test_every_damage_is_told(out):
    name = "catalogue/galaxies.parquet"
    path = out / name
    path.write_bytes(path.read_bytes() + b"!")
    (out / "catalogue" / "more.parquet").touch()
    assert found(out) == [f"{name} is changed", "catalogue/more.parquet is none of it"]
    path.unlink()
    assert found(out)[0] == f"{name} is missing"


def test_the_shards_of_a_survey_under_way_are_looked_at(out):
    (out / "manifest.json").unlink()
    assert found(out) == []
    path = out / "shards" / "000001" / "arms.parquet"
    path.write_bytes(b"!" + path.read_bytes()[1:])
    assert found(out) == ["shards/000001/arms.parquet is changed"]


def test_rows_that_come_out_otherwise_are_told(out):
    def stored(name, row):
        table = pq.read_table(out / "shards" / f"{row // 10:06}" / f"{name}.parquet")
        return table.filter(pc.field("row") == row)

    same = fakes.FakeProcessor(bad=frozenset({5}))
    assert list(changed_rows([0, 5, 29], same, stored)) == []
    (reason, status) = sorted(changed_rows([0, 5], fakes.FakeProcessor(), stored))
    assert reason == "row 5 of galaxies: reason is 'FormatError' stored and '' again"
    assert status == "row 5 of galaxies: status is 'unreadable' stored and 'ok' again"
    assert list(changed_rows([31], same, lambda name, row: stored(name, 0).slice(1))) == [
        "row 31 is missing"
    ]


def test_bad_arguments_are_errors(out, tmp_path):
    with pytest.raises(MissingInputError, match="no survey in"):
        verify_survey(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="sample must be 0 or more, got -1"):
        verify_survey(out, sample=-1)
    with pytest.raises(MissingInputError, match=r"it has no config\.yaml"):
        verify_survey(out, sample=1)
