"""A plain file is read without astropy to the very same end; all others are left to it."""

import gzip
import io
import warnings

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galseg.errors import GalsegError
from galseg.fits_headers import cards_of, is_plain
from galseg.io import images
from galseg.io.fits_plain import plain_image
from galseg.io.images import read_image_bytes
from tests.hostile_wcs import HOSTILE, header

VALUES = np.random.default_rng(0).normal(50, 9, (6, 7)).astype(np.float32)
CARD = 80


def cards(**options):
    card = header(shape=VALUES.shape, **options)
    del card["NAXIS"], card["NAXIS1"], card["NAXIS2"]
    return card


def stored(*hdus):
    content = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(content)
    return content.getvalue()


def with_card(text):
    """Return a plain file with one more card, written by hand."""
    content = stored(fits.PrimaryHDU(VALUES, cards()))
    end = content.index(b"END".ljust(CARD))
    assert end // CARD % 36 < 35
    return (
        content[:end]
        + text.encode().ljust(CARD)
        + content[end : end + CARD]
        + content[end + 2 * CARD :]
    )


PLAIN = stored(fits.PrimaryHDU(VALUES, cards()))


def outcome(content):
    """Return all that is told of an image, or the error and its message."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = read_image_bytes(content, name="a.fits", wcs="optional")
        except GalsegError as error:
            return type(error), str(error)
    frame = image.frame
    if not frame.has_sky:
        return image.pixels.tobytes(), frame.shape
    radec = frame.to_radec_deg([[0, 0], [3.5, 2], [90, -70]])
    return (
        *(image.pixels.tobytes(), image.pixels.dtype, image.pixels.flags.writeable),
        *(frame.shape, radec.tobytes(), frame.wcs.pixel_shape, repr(frame.wcs)),
    )


def outcome_by_astropy(content, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(images, "plain_image", lambda *_, **__: None)
        return outcome(content)


def is_found(content):
    return plain_image(io.BytesIO(content), name="a.fits") is not None


@pytest.mark.parametrize("name", HOSTILE)
def test_the_wcs_is_astropys(monkeypatch, name):
    content = stored(fits.PrimaryHDU(VALUES, cards(**HOSTILE[name])))
    assert is_found(content)
    assert outcome(content) == outcome_by_astropy(content, monkeypatch)


@pytest.mark.parametrize("dtype", ["u1", ">i2", ">i4", ">i8", ">f4", ">f8"])
@pytest.mark.parametrize("shape", [(6, 7), (1, 6, 7), (3, 6, 7)], ids=str)
def test_the_pixels_are_astropys(monkeypatch, dtype, shape):
    values = np.broadcast_to(VALUES, shape).astype(dtype)
    content = stored(fits.PrimaryHDU(values, cards()))
    assert is_found(content)
    assert outcome(content) == outcome_by_astropy(content, monkeypatch)
    assert outcome(gzip.compress(content)) == outcome(content)


OTHERS = {
    "unsigned": stored(fits.PrimaryHDU(VALUES.astype(np.uint16), cards())),
    "two HDUs": stored(fits.PrimaryHDU(VALUES, cards()), fits.ImageHDU(VALUES)),
    "an extension": stored(fits.PrimaryHDU(), fits.ImageHDU(VALUES, cards())),
    "tiles": stored(fits.PrimaryHDU(), fits.CompImageHDU(VALUES, cards())),
    "no image": stored(fits.PrimaryHDU()),
    "scaled": with_card("BSCALE  =                  2.0"),
    "a blank": with_card("BLANK   =                   50"),
    "groups": with_card("GROUPS  =                    T"),
    "an axis too many": with_card("NAXIS3  =                    1"),
    "small letters": with_card("bscale  =                  2.0"),
    "a long keyword": with_card("HIERARCH GALSEG NAME = 'a'"),
    "a value that is none": with_card("EXPTIME = about an hour"),
    "a value in two cards": with_card("CONTINUE  'a'"),
    "an open quote": with_card("OBJECT  = 'M 51"),
    "no ASCII": with_card("OBJECT  = 'M 51'").replace(b"M 51", b"M\xe551"),
    "no header after it": PLAIN + b"what is left".ljust(2880),
    "a byte after it": PLAIN + b"\0",
    "a byte too few": PLAIN[:-1],
    "no padding": PLAIN[: 2880 + VALUES.nbytes],
    "no FITS in truth": PLAIN.replace(b"T / conforms", b"F / conforms"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_plain_is_left_to_astropy(monkeypatch, name):
    assert not is_found(OTHERS[name])
    assert outcome(OTHERS[name]) == outcome_by_astropy(OTHERS[name], monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        "A_ORDER =                    2",
        "PV2_1   =                  1.0",
        "CPDIS1  = 'LOOKUP'",
        "CTYPE3  =                    5",
        "WCSAXES =                    3",
        "CUNIT1  = 'furlong'",
        "RADESYS = 'GAPPT'",
        "EQUINOX =               1950.0",
        "EPOCH   = '1950'",
        "DATE-OBS= '10/11/95'",
        "COMMENT as = 'it' is",
        "OBS     = 'seeing: 1.2'",
        "",
    ],
)
def test_a_card_that_says_something_of_the_sky_is_read_as_astropy_reads_it(monkeypatch, text):
    content = with_card(text)
    assert is_found(content)
    assert outcome(content) == outcome_by_astropy(content, monkeypatch)


junk = st.one_of(
    st.sampled_from(["T", "''", "'X'", "'RA---SIN'", "1D400", "NAN", "", "'1'", "1.5", "(1, 2)"]),
    st.integers(-3, 12).map(str),
    st.sampled_from([2**31, 2**63, 10**30]).map(str),
)


@settings(suppress_health_check=list(HealthCheck), max_examples=100)
@given(place=st.integers(0, PLAIN.index(b"END".ljust(CARD)) // CARD - 1), value=junk)
def test_any_changed_card_ends_as_with_astropy(monkeypatch, place, value):
    start = CARD * place
    text = PLAIN[start : start + 10] + value.rjust(20).ljust(CARD - 10).encode()
    content = PLAIN[:start] + text + PLAIN[start + CARD :]
    assert outcome(content) == outcome_by_astropy(content, monkeypatch)


texts = st.text(st.sampled_from("ABENDX019 =-_.'/TFed(),+ä"), max_size=72)


@settings(max_examples=300)
@given(name=st.sampled_from(["ABC     = ", "COMMENT ", " " * 8, "END     = ", ""]), text=texts)
def test_astropy_mends_nothing_in_a_plain_card(name, text):
    card = f"{name}{text}"[:CARD].ljust(CARD).encode("latin-1")
    if is_plain([card]):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert cards_of(fits.Header.fromstring(card).tostring().encode()) == [card]
