"""Reasons are one line that does not depend on the machine."""

import errno
import io

import cv2
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, UnidentifiedImageError

from galseg.errors import FormatError, MissingInputError
from galseg.survey.reasons import MAX_REASON, is_fault_of_machine, one_line, reason_of


@given(text=st.text(), place=st.text(max_size=20))
def test_any_text_becomes_a_short_line_that_arrow_and_utf_8_hold(text, place):
    line = one_line(text, place=place)
    assert len(line) <= MAX_REASON
    assert line.isprintable()
    assert pa.array([line], pa.string()).to_pylist() == [line.encode().decode()]


@pytest.mark.parametrize(
    "root", ["/data", "/my survey/disk (2)", "/a/very/deep/folder", "/data/images"]
)
def test_folders_of_the_machine_are_left_out(root):
    place = "images/J 1.fits"
    error = MissingInputError(f"no file {root}/{place}; see '/var/log/{place}' or /etc/x.txt")
    assert reason_of(error, place=place) == (
        f"MissingInputError: no file {place}; see '{place}' or x.txt"
    )


def test_an_absolute_place_is_left_out_but_for_its_name():
    place = "/my data/images/J 1.fits"
    assert one_line(f"no file {place}", place=place) == "no file J 1.fits"


@pytest.mark.parametrize("text", ["1/2 of the pixels", "see https://fits.gsfc.nasa.gov/x", "m/s"])
def test_what_is_no_path_stays(text):
    assert one_line(text, place="J1.fits") == text


def test_an_unknown_picture_has_the_same_reason_every_time():
    reasons = set()
    kept = []
    for _ in range(3):
        kept.append(io.BytesIO(b"nothing"))
        with pytest.raises(UnidentifiedImageError) as caught:
            Image.open(kept[-1])
        reasons.add(reason_of(caught.value, place="J1.png"))
    assert len(reasons) == 1


def caused(error, cause):
    error.__cause__ = cause
    return error


def test_shortages_are_no_fault_of_the_row():
    for fault in (
        MemoryError(),
        pa.ArrowMemoryError("malloc"),
        OSError(errno.EMFILE, "Too many open files"),
        caused(FormatError("damaged"), OSError(errno.ENOMEM, "Cannot allocate memory")),
    ):
        assert is_fault_of_machine(fault)
    for own in (
        ValueError(),
        RecursionError(),
        OSError(errno.EIO, "Input/output error"),
        pa.ArrowInvalid("cut short"),
    ):
        assert not is_fault_of_machine(own)


def test_opencv_out_of_memory_is_no_fault_of_the_row_and_its_other_errors_are():
    with pytest.raises(cv2.error) as caught:
        cv2.resize(np.zeros((0, 0), np.uint8), (4, 4))
    assert not is_fault_of_machine(caught.value)
    caught.value.code = cv2.Error.StsNoMem
    assert is_fault_of_machine(caught.value)
