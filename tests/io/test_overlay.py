"""Pictures on disk stand y up."""

import numpy as np
import pytest
from PIL import Image

from galseg.errors import ShapeError
from galseg.io.overlay import write_contact_sheet, write_overlay, write_png


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_first_row_of_the_array_is_at_the_bottom(tmp_path):
    picture = np.zeros((4, 6, 3), dtype=np.uint8)
    picture[0] = 200
    write_png(tmp_path / "a.png", picture)
    assert (read(tmp_path / "a.png")[-1] == 200).all()


def test_an_overlay_is_written(tmp_path):
    mask = np.zeros((32, 32), dtype=bool)
    mask[:8] = True
    write_overlay(tmp_path / "a.png", np.random.default_rng(0).normal(size=(32, 32)), {"bar": mask})
    picture = read(tmp_path / "a.png").astype(int)
    coloured = np.ptp(picture, axis=-1) > 0
    assert coloured[-100:].mean() > 0.9
    assert not coloured[:300].any()


def test_a_sheet_holds_every_picture_in_its_place(tmp_path):
    rows = [[np.full((10, 20, 3), value, dtype=np.uint8) for value in (50, 100)] for _ in range(3)]
    write_contact_sheet(
        tmp_path / "sheet.png",
        rows,
        row_labels=["a", "b", "c"],
        column_labels=["left", "right"],
        n_across=2,
        tile=64,
    )
    sheet = read(tmp_path / "sheet.png")
    values = [(sheet == value).all(axis=-1).sum() for value in (50, 100)]
    assert values[1] == 3 * 64 * 32
    assert values[0] > 0.8 * 3 * 64 * 32  # labels lie over the first


def test_labels_must_pair_up(tmp_path):
    with pytest.raises(ShapeError, match="label"):
        write_contact_sheet(tmp_path / "s.png", [[]], row_labels=[], column_labels=[])
    assert list(tmp_path.iterdir()) == []
