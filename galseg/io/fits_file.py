"""Opening FITS files so that a damaged one is one clear error."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning

from galseg.errors import FormatError, FrameError, GalsegError, MissingInputError
from galseg.fits_headers import FITS_DAMAGE, fits_parts
from galseg.frame import ImageFrame
from galseg.io.fits_checksum import check_sums
from galseg.parsing import unpacked

__all__ = [
    "ascii_text",
    "check_kind",
    "frame_header",
    "kind_header",
    "open_fits",
    "open_hdus",
    "open_stream",
    "peek_kind",
    "text_of",
    "wcs_frame",
]

# FITS headers and tables hold ASCII; names of galaxies and volunteers need not be.
_TEXT_CODEC = "unicode_escape"


@contextmanager
def open_fits(
    path: str | os.PathLike[str], *, content: bytes | None = None, checksum: bool = False
) -> Iterator[fits.HDUList]:
    """Open a FITS file for reading, plain or compressed.

    Data are read when they are touched, so headers can be checked before memory is taken; damage
    that shows only then is reported alike, as long as it shows inside the block.

    Parameters
    ----------
    path : path-like
    content : bytes, optional
        The file itself, plain or compressed with gzip, where it stands in another one; the path
        then only names it in messages.
    checksum : bool, optional
        Whether to check the sums of HDUs that hold them, as those of galseg's own files do.

    Yields
    ------
    astropy.io.fits.HDUList

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is no FITS file, or is cut short or damaged.
    """
    with (
        open_stream(path, content=content) as stream,
        open_hdus(stream, name=str(path), checksum=checksum) as hdus,
    ):
        yield hdus


@contextmanager
def open_stream(
    path: str | os.PathLike[str], *, content: bytes | None = None
) -> Iterator[BinaryIO]:
    """Open the bytes of a FITS file, unpacked; see `open_fits`, whose errors it raises."""
    if content is None and not Path(path).is_file():
        raise MissingInputError(f"no file {path}")
    with warnings.catch_warnings():
        # Remarks on a header's style say nothing about the pixels; a missing tail does.
        warnings.simplefilter("ignore", AstropyWarning)
        warnings.filterwarnings("error", message="(?s).*may have been truncated")
        try:
            with unpacked(path, content=content) as stream:
                yield stream
        except GalsegError:
            raise
        except (*FITS_DAMAGE, AstropyWarning) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise FormatError(f"{path} is no FITS file or is damaged: {reason}") from error


@contextmanager
def open_hdus(stream: BinaryIO, *, name: str, checksum: bool = False) -> Iterator[fits.HDUList]:
    """Open the HDUs of a stream of `open_stream` with astropy, their sizes checked before."""
    stream.seek(0)
    if checksum:
        check_sums(stream, name=name)
    else:
        deque(fits_parts(stream, name=name), maxlen=0)
    stream.seek(0)
    with fits.open(stream, memmap=False) as hdus:
        yield hdus


def peek_kind(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Return what a FITS file of galseg's own is, and its galaxy; empty where it does not say.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is no FITS file, or damaged.
    """
    with open_fits(path) as hdus:
        header = hdus[0].header
        return str(header.get("GALSEG", "")), text_of(str(header.get("GALAXYID", ""))).strip()


def kind_header(kind: str, *, version: int, n_features: int, wcs: fits.Header) -> fits.Header:
    """Return the primary header of a file of galseg's own: what it is, after the cards of a WCS."""
    header = wcs.copy()
    header["GALSEG"] = (kind, "kind of file")
    header["FORMATV"] = (version, "version of the layout")
    header["NFEATURE"] = (n_features, "features in this file")
    return header


def check_kind(
    path: str | os.PathLike[str],
    header: fits.Header,
    kind: str,
    *,
    version: int,
    n_features: int,
) -> None:
    """Check that a file is what `kind_header` says, and whole.

    Raises
    ------
    FormatError
        If it is of another kind or version, or holds another number of features.
    """
    if header.get("GALSEG") != kind:
        raise FormatError(f"{path} is no galseg {kind} (no GALSEG = '{kind}' in it)")
    if header.get("FORMATV") != version:
        raise FormatError(
            f"{path} has layout version {header.get('FORMATV')}, this galseg reads {version}"
        )
    if header.get("NFEATURE") != n_features:
        raise FormatError(
            f"{path} holds maps of {n_features} features where NFEATURE says "
            f"{header.get('NFEATURE')}; it is cut short"
        )


def frame_header(frame: ImageFrame) -> fits.Header:
    """Return the cards that store a frame's WCS; none for a frame without one.

    Raises
    ------
    FrameError
        If the WCS is distorted by a lookup table, which cards cannot hold.
    """
    if frame.wcs is None:
        return fits.Header()
    if any(getattr(frame.wcs, name) is not None for name in ("cpdis1", "cpdis2", "det2im1")):
        raise FrameError(
            "this WCS is distorted by a lookup table, which a FITS header cannot hold; "
            "fit a TAN-SIP WCS to it with astropy.wcs.utils.fit_wcs_from_points"
        )
    return frame.wcs.to_header(relax=True)


def wcs_frame(header: fits.Header) -> ImageFrame:
    """Return the frame of an image that `frame_header` described, without a WCS if it had none."""
    if "CTYPE1" not in header:
        return ImageFrame((header["NAXIS2"], header["NAXIS1"]))
    return ImageFrame.from_header(header)


def ascii_text(text: str) -> str:
    r"""Write any text in ASCII, as FITS needs; `text_of` turns it back.

    Examples
    --------
    >>> print(ascii_text("Åsa"), text_of(ascii_text("Åsa")))
    \xc5sa Åsa
    """
    return text.encode(_TEXT_CODEC).decode("ascii")


def text_of(ascii_text: str) -> str:
    """Read what `ascii_text` wrote."""
    return ascii_text.encode("ascii").decode(_TEXT_CODEC)
