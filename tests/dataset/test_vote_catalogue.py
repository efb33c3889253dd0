"""Catalogues of votes: as galaxy-datasets writes them, and as they arrive."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from galseg.dataset.answered import CatalogueGalaxies
from galseg.dataset.vote_catalogue import read_vote_catalogue
from galseg.errors import FormatError, MissingInputError
from galseg.schemas import find_schema

RINGS = find_schema(["rings"])
BOTH = find_schema(["rings", "gz2"])


def table(**changes):
    columns = {
        "id_str": ["J1", "J2", "J3"],
        "file_loc": ["J1.png", "sub/J2.png", "J3.png"],
        "redshift": [0.1, 0.2, 0.3],
        "ring_yes": [3.0, np.nan, 0.0],
        "ring_no": [37.0, np.nan, 0.0],
    }
    return pd.DataFrame(columns | changes)


@pytest.fixture
def save(tmp_path):
    def write(content, name="catalogue.csv"):
        path = tmp_path / name
        if path.suffix == ".csv":
            content.to_csv(path, index=False)
        else:
            content.to_parquet(path)
        return path

    return write


@pytest.mark.parametrize("name", ["catalogue.csv", "catalogue.parquet"])
def test_votes_are_read_and_nobody_asked_counts_zero(save, name):
    catalogue = read_vote_catalogue(save(table(), name), RINGS)
    assert catalogue.galaxy_ids == ("J1", "J2", "J3")
    np.testing.assert_array_equal(catalogue.votes, [[3, 37], [0, 0], [0, 0]])
    assert catalogue.votes.dtype == np.float32


def test_identifiers_of_digits_stay_as_written(save):
    catalogue = read_vote_catalogue(save(table(id_str=["007", "8", "9"])), RINGS)
    assert catalogue.galaxy_ids[0] == "007"


def test_files_are_relative_to_the_catalogue_or_to_a_folder(save, tmp_path):
    path = save(table())
    assert read_vote_catalogue(path, RINGS).files[1] == tmp_path / "sub" / "J2.png"
    elsewhere = read_vote_catalogue(path, RINGS, image_root="images")
    assert elsewhere.files[1].as_posix() == "images/sub/J2.png"
    absolute = save(table(file_loc=["/data/a.png"] * 3))
    assert read_vote_catalogue(absolute, RINGS, image_root="images").files[0].is_absolute()


def test_a_campaign_that_asked_nobody_here_counts_zero(save):
    votes = read_vote_catalogue(save(table()), BOTH).votes
    assert votes.shape == (3, 32)
    assert votes[:, 2:].sum() == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ring_no": [37.0, 1.0, 0.0]}, r"row 2 \(id_str 'J2'\), column 'ring_yes' is empty"),
        ({"ring_yes": [-3.0, 1, 1]}, r"row 1 .*'ring_yes' is no count .got -3"),
        ({"ring_yes": [3.0, np.inf, 1]}, r"row 2 .*'ring_yes'.* is no count"),
        ({"ring_yes": [3.0, 1, 1e39]}, r"row 3 .*'ring_yes'.* is no count .got 1e.39"),
        ({"ring_yes": [3.0, 1, "many"]}, r"row 3 .*'ring_yes' is no number .got many"),
        ({"id_str": ["J1", None, "J3"]}, r"row 2 .*column 'id_str'.* is empty"),
        ({"file_loc": ["a", "b", None]}, r"row 3 \(id_str 'J3'\), column 'file_loc'.* is empty"),
    ],
)
def test_what_cannot_be_is_named_by_row_and_column(save, changes, message):
    with pytest.raises(FormatError, match=message):
        read_vote_catalogue(save(table(**changes).astype(object)), RINGS)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("id_str", "no column 'id_str'; it has"),
        ("file_loc", "no column 'file_loc'; it has"),
        ("ring_yes", "no column 'ring_yes' .*campaign ''"),
    ],
)
def test_missing_columns_are_named(save, missing, message):
    with pytest.raises(FormatError, match=message):
        read_vote_catalogue(save(table().drop(columns=missing)), RINGS)


def test_a_catalogue_of_other_questions_is_refused(save):
    with pytest.raises(FormatError, match="no column of the schema, such as 'smooth-or"):
        read_vote_catalogue(save(table()), find_schema(["gz2"]))


@pytest.mark.parametrize(("name", "content"), [("a.parquet", b"PAR1 no"), ("a.csv", b""),
                                               ("a.xlsx", b"")])  # fmt: skip
def test_a_file_that_is_no_table_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=name):
        read_vote_catalogue(tmp_path / name, RINGS)


def test_a_missing_catalogue_is_named():
    with pytest.raises(MissingInputError, match=r"no catalogue at nowhere\.csv"):
        read_vote_catalogue("nowhere.csv", RINGS)


def test_an_image_that_cannot_be_read_is_named_by_row_and_column(save, tmp_path):
    path = save(table())
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(tmp_path / "J1.png")
    (tmp_path / "J3.png").write_bytes(b"cut short")
    galaxies = CatalogueGalaxies(read_vote_catalogue(path, RINGS).take([0, 1, 2]), side=32)
    assert galaxies[0].image.pixels.shape == (1, 32, 32)
    np.testing.assert_array_equal(galaxies[0].votes, [3, 37])
    with pytest.raises(FormatError, match=r"row 2 \(id_str 'J2'\), column 'file_loc': no file"):
        galaxies[1]
    with pytest.raises(FormatError, match=r"row 3 .*J3\.png is no picture"):
        galaxies[2]
