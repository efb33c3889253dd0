"""A consensus survives the disk, and other tools read it."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from astropy.io import fits
from astropy.wcs import WCS
from pycocotools import mask as coco_mask

from galseg import ImageFrame
from galseg.consensus.record import Consensus, Instance
from galseg.consensus.votes import Ballots
from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.io.consensus import read_consensus, write_consensus, write_consensus_coco
from tests.hostile_wcs import HOSTILE, header

FEATURES = ("bar", "spiral_arm", "tidal")


@pytest.fixture
def consensus():
    return make_consensus(ImageFrame.from_header(header(sip=True, rotation_deg=33.0)))


def make_consensus(frame):
    rng = np.random.default_rng(5)
    votes = rng.integers(0, 16, (3, *frame.shape)).astype(np.uint16)
    votes[2] = 0
    fraction = (votes / 15).astype(np.float32)
    fraction[2] = np.nan
    instances = tuple(
        Instance(
            feature="bar",
            n_marked=count,
            n_asked=15,
            votes=rng.integers(0, 15, (count, 4)).astype(np.uint16),
            origin_yx=(3, count),
            outline=shapely.box(0.1, 0.2, count, 5).difference(shapely.box(0.5, 1, 1, 2)),
            spread_pix=0.1 * count,
            annotator_ids=("ann", "Åsa ☄"),
        )
        for count in (9, 7)
    )
    agreement = pd.DataFrame(
        {
            "feature": FEATURES,
            "n_asked": [15, 15, 0],
            "n_marked": [12, 9, 0],
            "mean_pairwise_iou": [0.5, 0.25, np.nan],
            "fleiss_kappa": [0.4, 0.3, np.nan],
            "split_half_iou": [0.7, 0.6, np.nan],
        }
    )
    volunteers = pd.DataFrame(
        {
            "annotator_id": ["ann", "Åsa ☄"],
            "feature": ["bar", "bar"],
            "marked": [True, False],
            "skill": [0.9, np.nan],
            "mean_iou": [0.5, np.nan],
        }
    )
    n_asked, n_marked = np.array([15, 15, 0]), np.array([12, 9, 0])
    return Consensus(
        "s 1/ä", "J1", FEATURES, frame, votes, fraction, n_asked, n_marked, "weighted",
        instances, agreement, volunteers, make_ballots(frame.shape),
    )  # fmt: skip


def make_ballots(shape):
    """Ballots of fifteen volunteers, on three runs of pixels and on none."""
    marked = np.random.default_rng(6).random((15, 3)) > 0.5
    runs = np.array([0, 7, 9]), np.array([2, 1, 40])
    nowhere = np.zeros(0, dtype=int)
    return {
        "bar": Ballots(marked, *runs, shape),
        "spiral_arm": Ballots(marked[:, :0], nowhere, nowhere, shape),
    }


@pytest.mark.parametrize("name", ["c.fits", "c.fits.gz"])
def test_everything_comes_back(consensus, tmp_path, name):
    path = tmp_path / name
    write_consensus(path, consensus)
    back = read_consensus(path)
    for field in ("subject_id", "galaxy_id", "features", "method"):
        assert getattr(back, field) == getattr(consensus, field)
    for field in ("votes", "fraction", "n_asked", "n_marked"):
        ours, theirs = getattr(consensus, field), getattr(back, field)
        assert theirs.dtype == ours.dtype
        np.testing.assert_array_equal(theirs, ours)
    pd.testing.assert_frame_equal(back.agreement, consensus.agreement, check_dtype=False)
    pd.testing.assert_frame_equal(back.volunteers, consensus.volunteers, check_dtype=False)
    for ours, theirs in zip(consensus.instances, back.instances, strict=True):
        np.testing.assert_array_equal(theirs.votes, ours.votes)
        assert theirs.outline.equals_exact(ours.outline, tolerance=0)
        assert theirs.annotator_ids == ours.annotator_ids
        assert (theirs.origin_yx, theirs.spread_pix) == (ours.origin_yx, ours.spread_pix)
    assert list(back.ballots) == ["bar", "spiral_arm"]
    for feature, theirs in back.ballots.items():
        for field in ("marked", "first_pixel", "n_pixels"):
            ours = getattr(consensus.ballots[feature], field)
            assert getattr(theirs, field).dtype == ours.dtype
            np.testing.assert_array_equal(getattr(theirs, field), ours)


def test_a_file_without_ballots_is_read(consensus, tmp_path):
    path = tmp_path / "c.fits"
    write_consensus(path, consensus)
    with fits.open(path) as hdus:
        older = fits.HDUList([hdu for hdu in hdus if not hdu.name.startswith("BALLOTS_")])
        for key in ("NBALLOTS", "CHECKSUM", "DATASUM"):
            del older[0].header[key]
        older.writeto(tmp_path / "older.fits")
    back = read_consensus(tmp_path / "older.fits")
    assert back.ballots == {}
    np.testing.assert_array_equal(back.votes, consensus.votes)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_wcs_comes_back(name, tmp_path):
    frame = ImageFrame.from_header(header(**HOSTILE[name]))
    write_consensus(tmp_path / "c.fits", make_consensus(frame))
    back = read_consensus(tmp_path / "c.fits").frame
    corners = [[0, 0], [100, 90]]
    assert back.to_sky(corners).separation(frame.to_sky(corners)).arcsec.max() < 1e-6


def test_without_a_wcs_the_frame_stays_without(tmp_path):
    write_consensus(tmp_path / "c.fits", make_consensus(ImageFrame((20, 30))))
    back = read_consensus(tmp_path / "c.fits").frame
    assert back.shape == (20, 30)
    assert not back.has_sky


def test_no_instances_and_no_volunteers(tmp_path, consensus):
    bare = Consensus(**{**vars(consensus), "instances": (), "volunteers": consensus.volunteers[:0]})
    write_consensus(tmp_path / "c.fits", bare)
    back = read_consensus(tmp_path / "c.fits")
    assert back.instances == ()
    assert list(back.volunteers.columns) == list(consensus.volunteers.columns)
    assert len(back.volunteers) == 0


def test_the_file_is_standard_fits_that_says_what_it_holds(consensus, tmp_path):
    write_consensus(tmp_path / "c.fits", consensus)
    with fits.open(tmp_path / "c.fits") as hdus:
        hdus.verify("exception")
        assert [h.name for h in hdus[1:3]] == ["VOTES_BAR", "FRACTION_BAR"]
        assert hdus["VOTES_BAR"].header["NASKED"] == 15
        assert hdus["VOTES_TIDAL"].header["NASKED"] == 0
        assert hdus["VOTES_BAR"].data.dtype.kind == "u"
        assert WCS(hdus["FRACTION_BAR"].header).has_celestial


def test_damaged_and_foreign_files_are_refused(consensus, tmp_path):
    path = tmp_path / "c.fits"
    with pytest.raises(MissingInputError):
        read_consensus(path)
    write_consensus(path, consensus)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"c\.fits"):
        read_consensus(path)
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(path, overwrite=True)
    with pytest.raises(FormatError, match="no galseg consensus"):
        read_consensus(path)
    path.write_bytes(whole)
    fits.setval(path, "FORMATV", value=99)
    with pytest.raises(FormatError, match="version 99"):
        read_consensus(path)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"POLYGON ((", b"POLYGON (?"),
        (b'["ann",', b'["ann";'),
        (b"NASKED  = ", b"NASKED  = ?"),
        (b"TFORM3  = ", b"TFORM3  = ?"),
        (b"EXTNAME = 'VOLUNTEERS'", b"EXTNAME = 'VOLUNTEER?'"),
        (b"METHOD  = 'weighted'", b"METHOD  = 'weightes'"),
        (b"EXTNAME = 'BALLOTS_BAR'", b"EXTNAME = 'BALLOTS_BAT'"),
        (b"EXTNAME = 'BALLOTS_BAR'", b"EXTNAME = 'BALLOT__BAR'"),
        (b"TFORM3  = '15X     '", b"TFORM3  = '14X     '"),
    ],
)
def test_damage_inside_the_file_is_one_error(consensus, tmp_path, good, bad):
    path = tmp_path / "c.fits"
    write_consensus(path, consensus)
    whole = path.read_bytes()
    at = whole.index(good)
    path.write_bytes(whole[:at] + bad + whole[at + len(bad) :])
    with pytest.raises(FormatError, match=r"c\.fits"):
        read_consensus(path)


def test_coco_masks_are_those_of_the_consensus(consensus, tmp_path):
    write_consensus_coco(tmp_path / "c.json", [consensus], threshold=0.4)
    content = json.loads((tmp_path / "c.json").read_text())
    names = {entry["id"]: entry["name"] for entry in content["categories"]}
    assert content["images"][0]["features_asked"] == ["bar", "spiral_arm"]
    assert len(content["annotations"]) == 2
    for entry in content["annotations"]:
        mask = coco_mask.decode(entry["segmentation"]).astype(bool)
        expected = consensus.mask(names[entry["category_id"]], threshold=0.4)
        np.testing.assert_array_equal(mask, expected)
        assert entry["area"] == expected.sum()
        assert entry["bbox"] == coco_mask.toBbox(entry["segmentation"]).tolist()


def test_a_threshold_of_nothing_is_refused(consensus, tmp_path):
    with pytest.raises(ConfigError, match="threshold"):
        write_consensus_coco(tmp_path / "c.json", [consensus], threshold=0)
    assert list(tmp_path.iterdir()) == []
