"""Every writer of galseg: whole files or none, also on a disk that is full."""

import re
import resource
import subprocess
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

import galseg
from galseg import ImageFrame
from galseg.annotations import AnnotationBuilder
from galseg.cli import main
from galseg.errors import OutputError
from galseg.io.annotations import write_annotations
from galseg.io.consensus import write_consensus, write_consensus_coco
from galseg.io.overlay import write_png
from galseg.io.predictions import write_prediction
from galseg.io.provenance import write_run_record
from galseg.io.tables import write_table
from galseg.models import save_model
from galseg.prediction import Prediction
from tests.io.test_consensus import make_consensus
from tests.predict.tiny import make_card, make_network

PACKAGE = Path(galseg.__file__).parent

_WRITING = re.compile(
    r"\.(write_text|write_bytes|writeto|to_csv|to_parquet|savefig|writelines|to_xml)\("
    r"|\.open\(\"[wxa]|\bopen\([^)]*, \"[wxa]|\.save\(temporary|pq\.write_table\("
)
IN_A_FOLDER_OF_THE_CALLER = {  # which got it from write_folder, or the file from write_whole
    "compare/key.py",
    "compare/panels.py",
    "compare/png.py",
    "compare/report.py",
    "compare/zooniverse.py",
    "dataset/simulate/zooniverse.py",
    "io/latex.py",
}
TO_MEMORY = {"report/summary.py", "io/voparquet.py"}
GROWS_WITH_THE_RUN = {"survey/journal.py", "survey/lock.py"}
ELSEWHERE = IN_A_FOLDER_OF_THE_CALLER | TO_MEMORY | GROWS_WITH_THE_RUN

FRAME = ImageFrame((40, 40))
MAPS = np.random.default_rng(0).random((2, 40, 40), dtype=np.float32)
TABLE = Table({"galaxy_id": [f"J{n}" for n in range(500)], "length_arcsec": np.arange(500.0)})


def annotations():
    builder = AnnotationBuilder()
    for n in range(30):
        at = {"classification_id": str(n), "feature": "bar"}
        builder.classify(
            subject_id="s", annotator_id=str(n), classification_id=str(n), features=["bar"],
            width=64, height=64,
        )  # fmt: skip
        builder.area(**at, xy=[(9, 9), (50, 9), (50, 20 + n)])
    return builder.build()


WRITERS = {
    **{
        f"a{suffix}": lambda path: write_table(path, TABLE)
        for suffix in (".ecsv", ".parquet", ".fits", ".vot", ".csv", ".tex")
    },
    "prediction.fits": lambda path: write_prediction(
        path, Prediction("J1", ("bar", "tidal"), MAPS, FRAME)
    ),
    "prediction.fits.gz": lambda path: write_prediction(
        path, Prediction("J1", ("bar", "tidal"), MAPS, FRAME)
    ),
    "consensus.fits": lambda path: write_consensus(path, make_consensus(FRAME)),
    "consensus.json": lambda path: write_consensus_coco(path, [make_consensus(FRAME)] * 3),
    "a.png": lambda path: write_png(path, (255 * np.stack([MAPS[0]] * 3, -1)).astype(np.uint8)),
    "annotations": lambda path: write_annotations(path, annotations()),
    "coco.json": lambda path: write_annotations(path, annotations(), format="coco"),
    "geojson": lambda path: write_annotations(path, annotations(), format="geojson"),
    "record": lambda path: write_run_record(path, "x", options={"a": "b" * 2000}, inputs=()),
    "model": lambda path: save_model(path, make_network(), make_card()),
}


@contextmanager
def files_of_at_most(n_bytes):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", WRITERS)
def test_what_the_disk_does_not_take_is_one_clear_error_and_no_file(tmp_path, name):
    with (
        pytest.raises(OutputError, match=f"cannot write .*{name.partition('.')[0]}"),
        files_of_at_most(1000),
    ):
        WRITERS[name](tmp_path / name)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("name", ["a.csv", "prediction.fits", "consensus.fits"])
def test_an_older_file_stays_where_the_new_one_cannot_be_written(tmp_path, name):
    WRITERS[name](tmp_path / name)
    old = (tmp_path / name).read_bytes()
    with pytest.raises(OutputError), files_of_at_most(1000):
        WRITERS[name](tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == old


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 kB, full for whatever is larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "prediction.fits", "consensus.fits"])
def test_a_full_disk_is_one_clear_error_and_no_file(small_disk, name):
    (small_disk / "other").write_bytes(bytes(12_000))
    with pytest.raises(OutputError, match="No space left on device"):
        WRITERS[name](small_disk / name)
    assert [path.name for path in small_disk.iterdir()] == ["other"]


def test_a_read_only_disk_is_one_clear_error(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(OutputError, match="Read-only file system"):
        WRITERS["a.csv"](small_disk / "a.csv")


def test_ctrl_c_gives_one_line_and_no_half_output(tmp_path, sample, monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("galseg.commands.predict.predict_files", interrupt)
    words = ["predict", "--images", str(sample / "images"), "--output", str(tmp_path / "out")]
    assert main(words) == 130
    assert capsys.readouterr().err.splitlines() == [
        "galseg: error: interrupted; nothing half-written was kept"
    ]
    assert list(tmp_path.iterdir()) == []


def test_every_writer_goes_through_the_one_helper():
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).as_posix()
        lines = [line for line in path.read_text().splitlines() if ">>>" not in line]
        text = "\n".join(line for line in lines if "... " not in line)
        if _WRITING.search(text) and place not in ELSEWHERE:
            assert re.search(r"with .*write_(whole|folder)|write_whole\(", text), place
