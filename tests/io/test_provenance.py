"""What a run was made from."""

from pathlib import Path

import yaml

from galseg.io.provenance import hash_of, write_run_record
from galseg.version import __version__


def test_the_hash_of_a_folder_follows_names_and_content(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b").write_text("2")
    first = hash_of(tmp_path)
    assert hash_of(tmp_path) == first
    (tmp_path / "deep" / "b").write_text("3")
    changed = hash_of(tmp_path)
    (tmp_path / "deep" / "b").write_text("2")
    (tmp_path / "a").rename(tmp_path / "c")
    assert len({first, changed, hash_of(tmp_path)}) == 3


def test_options_come_back_as_yaml(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("x")
    options = {
        "maps": table,
        "features": ("bar", "tidal"),
        "methods": {"model": Path("m")},
        "threshold": None,
        "model": "default",
    }
    write_run_record(tmp_path, "measure", options=options, inputs=("maps", "threshold", "model"))
    assert yaml.safe_load((tmp_path / "config.yaml").read_text()) == {
        "maps": str(table),
        "features": ["bar", "tidal"],
        "methods": {"model": "m"},
        "threshold": None,
        "model": "default",
    }
    record = yaml.safe_load((tmp_path / "run.yaml").read_text())
    assert record["galseg"] == __version__
    assert record["verb"] == "measure"
    assert list(record["inputs"]) == ["maps"]
    assert record["inputs"]["maps"]["sha256"] == hash_of(table)


def test_inputs_of_a_list_are_kept_by_number(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(name)
    options = {"data": {"catalogues": [str(tmp_path / "a.csv"), tmp_path / "b.csv"], "images": []}}
    inputs = ("data.catalogues", "data.images")
    write_run_record(tmp_path, "pretrain", options=options, inputs=inputs)
    record = yaml.safe_load((tmp_path / "run.yaml").read_text())["inputs"]
    assert list(record) == ["data.catalogues.0", "data.catalogues.1"]
    assert record["data.catalogues.1"]["sha256"] == hash_of(tmp_path / "b.csv")


def test_a_pattern_has_one_hash_over_all_that_it_finds(tmp_path):
    for name in ("a.fits", "b.fits", "c.txt"):
        (tmp_path / name).write_text(name)
    options = {"images": [str(tmp_path / "*.fits"), str(tmp_path / "*.png")]}

    def recorded():
        write_run_record(tmp_path / "run", "pretrain", options=options, inputs=("images",))
        return yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())["inputs"]

    (tmp_path / "run").mkdir()
    first = recorded()
    assert first.keys() == {"images.0"}
    (tmp_path / "c.txt").write_text("passed over")
    assert recorded() == first
    (tmp_path / "b.fits").write_text("changed")
    assert recorded() != first
