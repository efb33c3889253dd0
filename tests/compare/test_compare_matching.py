"""Masks must lie on the grid of their image: another shape, place or orientation is told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg.compare import build_comparison
from galseg.compare.grids import check_shape, check_sky
from galseg.compare.matching import match_galaxy
from galseg.compare.overlap import OverlapTally
from galseg.compare.sources import ImageSource, MaskSource
from galseg.errors import FrameError, ShapeError
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage
from galseg.io.predictions import write_prediction
from galseg.prediction import Prediction
from tests.hostile_wcs import header

SHAPE = (64, 64)
TURNS = {
    "upside down": lambda array: array[::-1],
    "mirrored left to right": lambda array: array[:, ::-1],
    "turned by 180 degrees": lambda array: array[::-1, ::-1],
    "transposed, x and y swapped": lambda array: array.T,
    "turned by 90 degrees": lambda array: np.rot90(array, -1),
    "turned by 270 degrees": lambda array: np.rot90(array),
    "transposed and turned by 180 degrees": lambda array: array[::-1, ::-1].T,
}


def frame_of(shape=SHAPE, **kwargs):
    return ImageFrame.from_header(header(shape=shape, **kwargs))


def turned_frame(frame, turn):
    """The frame of the same sky after an array on it was turned, its WCS with it."""
    ny, nx = frame.shape
    y, x = np.mgrid[:ny, :nx].astype(float)
    tx, ty = turn(x), turn(y)
    step = np.array([[tx[0, 1] - tx[0, 0], tx[1, 0] - tx[0, 0]],
                     [ty[0, 1] - ty[0, 0], ty[1, 0] - ty[0, 0]]])  # fmt: skip
    wcs = frame.wcs.deepcopy()
    reference = frame.wcs.wcs.crpix - 1
    inverse = np.linalg.inv(step)
    wcs.wcs.crpix = inverse @ (reference - [tx[0, 0], ty[0, 0]]) + 1
    wcs.wcs.cd = frame.wcs.wcs.cd @ step
    wcs.wcs.set()
    return ImageFrame(tx.shape, wcs)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_map_whose_wcs_was_turned_with_it_is_told_how(turn, mirrored):
    frame = frame_of(rotation_deg=33, mirrored=mirrored, shear=0.1)
    with pytest.raises(FrameError, match=f"the map is {turn} on"):
        check_sky(turned_frame(frame, TURNS[turn]), frame, what="the map")


@pytest.mark.parametrize("options", [{"sip": True}, {"projection": "SIN", "rotation_deg": 70}, {}])
def test_the_same_grid_passes_and_one_beside_it_does_not(options):
    frame = frame_of((50, 70), **options)
    check_sky(frame_of((50, 70), **options), frame, what="the map")
    shifted = header(shape=(50, 70), **options)
    shifted["CRPIX1"] += 0.5
    check_sky(ImageFrame.from_header(shifted), frame, what="the map")
    shifted["CRPIX1"] += 3
    with pytest.raises(FrameError, match=r"3\.[45]\d* pixels beside its image"):
        check_sky(ImageFrame.from_header(shifted), frame, what="the map")


def test_swapped_rows_and_columns_are_guessed():
    check_shape((3, 4), (3, 4), what="the mask")
    with pytest.raises(ShapeError, match="swapped"):
        check_shape((4, 3), (3, 4), what="the mask")
    with pytest.raises(ShapeError, match=r"has shape \(5, 3\), its image \(3, 4\)"):
        check_shape((5, 3), (3, 4), what="the mask")


def test_a_turned_map_is_left_out_with_the_reason(tmp_path):
    frame = frame_of(rotation_deg=20)
    half = np.zeros((1, *SHAPE), dtype=np.float32)
    half[:, :20, :30] = 1
    for name in ("J1", "J2"):
        for method in ("a", "b"):
            write_prediction(
                tmp_path / method / f"{name}.fits", Prediction(name, ("bar",), half, frame)
            )
    upside_down = Prediction("J2", ("bar",), half[:, ::-1], turned_frame(frame, lambda a: a[::-1]))
    write_prediction(tmp_path / "b" / "J2.fits", upside_down)
    images = {name: GalaxyImage(name, half, frame) for name in ("J1", "J2")}
    built = build_comparison(
        images, {"a": tmp_path / "a", "b": tmp_path / "b"}, tmp_path / "p", features=["bar"]
    )
    assert built.galaxy_ids == ("J1",)
    (row,) = built.missing.itertuples()
    assert (row.galaxy_id, row.method) == ("J2", "b")
    assert "upside down" in row.reason
    assert "J2.fits" in row.reason


def arms(number, size=48):
    """An arm on one side of the centre, at an angle of its own."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    return (abs(radius - 14) < 5) & (abs((angle - number + np.pi) % (2 * np.pi) - np.pi) < 0.9)


@pytest.mark.parametrize("turn", TURNS)
def test_masks_without_wcs_that_are_all_turned_stop_the_build(turn, tmp_path):
    right = {f"g{n}": {"spiral_arm": arms(n)} for n in range(10)}
    wrong = {name: {"spiral_arm": TURNS[turn](of["spiral_arm"])} for name, of in right.items()}
    blank = np.zeros((1, 48, 48), dtype=np.float32)
    images = {name: GalaxyImage(name, blank, ImageFrame((48, 48))) for name in right}
    undo = turn.replace("90", "X").replace("270", "90").replace("X", "270")
    with pytest.raises(FrameError, match=rf"'a' and 'b'.*{undo}: over 10 masks.* is then 1\.00"):
        build_comparison(
            images, {"a": right, "b": wrong}, tmp_path / "p", features=["spiral_arm"], panel_size=64
        )
    assert list(tmp_path.iterdir()) == []


@given(st.integers(0, 999))
@settings(max_examples=25)
def test_methods_that_merely_disagree_are_no_reason_to_stop(seed):
    rng = np.random.default_rng(seed)
    tally = OverlapTally()
    for _ in range(12):
        tally.add({"a": arms(rng.uniform(0, 6)), "b": rng.random((48, 48)) < 0.2, "c": arms(2)})
        tally.add({"a": np.zeros((4, 5), dtype=bool), "b": np.ones((4, 5), dtype=bool)})
    tally.check()


def test_nothing_is_read_of_a_galaxy_that_cannot_be_complete():
    class Untouchable(dict):
        def __getitem__(self, name):
            raise AssertionError(name)

    sources = {
        "a": MaskSource(Untouchable(J1=()), ("bar",), None),
        "b": MaskSource({}, ("bar",), None),
    }
    images = ImageSource(Untouchable(J1=None))
    match = match_galaxy("J1", images=images, methods=sources, features=["bar"])
    assert match.problems == [("J1", "", "b", "there are no masks of this galaxy")]
