"""Images of galaxies from FITS, PNG and JPEG files."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Literal, NamedTuple, get_args

import numpy as np
from astropy.io import fits
from astropy.wcs import WcsError
from numpy.typing import NDArray
from PIL import Image

from galseg.errors import ConfigError, FormatError, FrameError, MissingInputError, ShapeError
from galseg.frame import ImageFrame
from galseg.imaging.pixels import as_pixels
from galseg.io.fits_file import open_hdus, open_stream
from galseg.io.fits_plain import plain_image
from galseg.limits import MAX_BANDS, MAX_IMAGE_PIXELS

__all__ = [
    "IMAGE_SUFFIXES",
    "GalaxyImage",
    "WcsRule",
    "image_suffix",
    "list_images",
    "read_image",
    "read_image_bytes",
    "stem_of",
]

PathLike = str | os.PathLike[str]
Pixels = NDArray[np.float32]
WcsRule = Literal["required", "optional"]

_FITS = (".fits", ".fit", ".fits.gz", ".fit.gz", ".fits.fz")
_PICTURES = (".png", ".jpg", ".jpeg")
_PICTURE_FORMATS = ("PNG", "JPEG")

IMAGE_SUFFIXES = _FITS + _PICTURES

# How the content of a file begins: FITS, plain or with gzip, PNG, JPEG.
_FITS_STARTS = (b"SIMPLE  =", b"\x1f\x8b")
_PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True, eq=False)
class GalaxyImage:
    """The pixels of one galaxy and their place on the sky.

    Attributes
    ----------
    galaxy_id : str
        Joins the image with maps and tables.
    pixels : ndarray of float32, shape (bands, ny, nx)
        NaN where nothing was observed.
    frame : ImageFrame
    display : bool
        Whether the pixels were scaled for the eye, as in a PNG or JPEG, and are not linear in
        the light.

    Raises
    ------
    ShapeError
        If the pixels do not fit the frame, or are no floating point numbers.
    """

    galaxy_id: str
    pixels: Pixels
    frame: ImageFrame
    display: bool = False

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[1:] != self.frame.shape:
            raise ShapeError(
                f"pixels must have shape (bands, *{self.frame.shape}), got {self.pixels.shape}"
            )
        if self.pixels.dtype.kind != "f":
            raise ShapeError(
                f"pixels must be floating point numbers, got {self.pixels.dtype}; "
                "galseg.imaging.pixels.as_pixels makes them of others"
            )


def read_image(
    path: PathLike, *, wcs: WcsRule = "required", max_pixels: int = MAX_IMAGE_PIXELS
) -> GalaxyImage:
    """Read the image of one galaxy.

    FITS rows stay as they are stored, first row y = 0. The first row of a picture is its top and
    becomes the last row of the array, so that y points up in both.

    Parameters
    ----------
    path : path-like
        FITS (plain, ``.gz`` or ``.fz``; the first image in the file), PNG or JPEG. The name
        without its suffix becomes the galaxy's identifier.
    wcs : str, optional
        ``"required"``: a FITS image without a celestial WCS is an error. ``"optional"``: it is
        then measured in pixels only, as pictures always are.
    max_pixels : int, optional
        Largest ny x nx that is read; a larger image is refused before memory is taken.

    Returns
    -------
    GalaxyImage
        Values as stored, whatever their type. Blank integers and fully transparent pixels are
        NaN.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If the file is damaged, of an unknown kind, too large, or holds no image of one to five
        bands.
    FrameError
        If a FITS image has no celestial WCS and one is required.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "J1.fits"
    >>> fits.writeto(path, np.arange(6, dtype=np.int16).reshape(2, 3))
    >>> image = read_image(path, wcs="optional")
    >>> image.galaxy_id, image.pixels.shape, image.pixels[0, 1, 2].item()
    ('J1', (1, 2, 3), 5.0)
    """
    path = Path(path)
    suffix = image_suffix(path.name)
    if not suffix:
        raise FormatError(f"{path} is no image that can be read; known: {IMAGE_SUFFIXES}")
    is_picture = suffix in _PICTURES
    return _read(_Stored(str(path)), is_picture=is_picture, wcs=wcs, max_pixels=max_pixels)


def read_image_bytes(
    content: bytes, *, name: str, wcs: WcsRule = "required", max_pixels: int = MAX_IMAGE_PIXELS
) -> GalaxyImage:
    """Read the image of one galaxy from the bytes of its file, wherever they are kept.

    Parameters
    ----------
    content : bytes
        A whole file: FITS (plain or with gzip; the first image in it), PNG or JPEG, told apart by
        how it begins.
    name : str
        What messages call it. After the last slash and without the suffix of an image, it becomes
        the galaxy's identifier.
    wcs, max_pixels : optional
        See `read_image`.

    Returns
    -------
    GalaxyImage
        The same as `read_image` gives for a file with this content.

    Raises
    ------
    FormatError
        If the content is damaged, of an unknown kind, too large, or holds no image of one to five
        bands.
    FrameError
        If a FITS image has no celestial WCS and one is required.

    Examples
    --------
    >>> stored = io.BytesIO()
    >>> Image.new("L", (4, 3), 7).save(stored, "png")
    >>> image = read_image_bytes(stored.getvalue(), name="cutouts.tar/J1.png")
    >>> image.galaxy_id, image.pixels.shape, image.pixels.max().item()
    ('J1', (1, 3, 4), 7.0)
    """
    is_picture = content.startswith(_PICTURE_STARTS)
    if not is_picture and not content.startswith(_FITS_STARTS):
        raise FormatError(
            f"{name} is no FITS, PNG or JPEG file: it has {len(content)} bytes and begins with "
            f"{content[:8]!r}"
        )
    stored = _Stored(name, content)
    return _read(stored, is_picture=is_picture, wcs=wcs, max_pixels=max_pixels)


def image_suffix(name: str) -> str:
    """Return the ending of a name that makes it an image's, in small letters; empty if none does.

    Examples
    --------
    >>> image_suffix("J0123+45.6.FITS.gz"), image_suffix("notes.txt")
    ('.fits.gz', '')
    """
    return next((end for end in IMAGE_SUFFIXES if name.lower().endswith(end)), "")


def stem_of(name: str) -> str:
    """Return what a file's name says without the suffix of an image: the galaxy's identifier."""
    return name[: len(name) - len(image_suffix(name))]


def list_images(folder: PathLike) -> dict[str, Path]:
    """Find the images in a folder.

    Parameters
    ----------
    folder : path-like
        Its FITS, PNG and JPEG files are listed; other files, and those that begin with a dot, are
        passed over. One file is a list of one.

    Returns
    -------
    dict of str to pathlib.Path
        By galaxy, the name without its suffix, sorted.

    Raises
    ------
    MissingInputError
        If there is no such folder or file.
    FormatError
        If two files show the same galaxy.
    """
    folder = Path(folder)
    if not folder.exists():
        raise MissingInputError(f"no folder or file {folder}")
    images: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
        if image_suffix(path.name) and not path.name.startswith("."):
            galaxy_id = stem_of(path.name)
            if galaxy_id in images:
                raise FormatError(
                    f"{images[galaxy_id]} and {path} are both images of {galaxy_id!r}; keep one"
                )
            images[galaxy_id] = path
    return images


class _Stored(NamedTuple):
    """The file of an image: its path, or what messages call it and its content."""

    name: str
    content: bytes | None = None


def _read(stored: _Stored, *, is_picture: bool, wcs: WcsRule, max_pixels: int) -> GalaxyImage:
    if wcs not in get_args(WcsRule):
        raise ConfigError(f"wcs must be 'required' or 'optional', got {wcs!r}")
    if is_picture:
        pixels = _read_picture(stored, max_pixels=max_pixels)
        frame = ImageFrame(pixels.shape[1:])
    else:
        pixels, frame = _read_fits(stored, wcs=wcs, max_pixels=max_pixels)
    return GalaxyImage(stem_of(PurePath(stored.name).name), pixels, frame, display=is_picture)


def _read_fits(stored: _Stored, *, wcs: WcsRule, max_pixels: int) -> tuple[Pixels, ImageFrame]:
    name = stored.name
    with open_stream(name, content=stored.content) as stream:
        plain = plain_image(stream, name=name)
        if plain is not None:
            _check_array(name, plain.shape, max_pixels)
            pixels = _pixels(name, plain.values(stream), plain.shape)
            from_cards = partial(ImageFrame.from_cards, plain.cards, plain.shape)
            return pixels, _frame(name, from_cards, plain.shape, wcs=wcs)
        with open_hdus(stream, name=name) as hdus:
            hdu = _first_image(hdus, name)
            header = hdu.header
            shape = tuple(int(header[f"NAXIS{axis}"]) for axis in range(header["NAXIS"], 0, -1))
            _check_array(name, shape, max_pixels)
            pixels = _pixels(name, hdu.data, shape)
            from_header = partial(ImageFrame.from_header, header)
            return pixels, _frame(name, from_header, shape, wcs=wcs)


def _first_image(hdus: fits.HDUList, name: str) -> fits.ImageHDU:
    for hdu in hdus:
        if hdu.is_image and hdu.header.get("NAXIS", 0) > 0:
            return hdu
    raise FormatError(f"{name} holds no image, only headers or tables")


def _check_array(name: str, shape: tuple[int, ...], max_pixels: int) -> None:
    _check_size(name, shape[-2:], max_pixels)
    if len(shape) < 2 or np.prod(shape[:-2], dtype=int) > MAX_BANDS or 0 in shape:
        raise FormatError(
            f"{name} holds an array of shape {shape}; an image has shape (ny, nx), or "
            f"(bands, ny, nx) with at most {MAX_BANDS} bands"
        )


def _pixels(name: str, values: NDArray[np.generic], shape: tuple[int, ...]) -> Pixels:
    try:
        return as_pixels(values).reshape(-1, *shape[-2:])
    except ShapeError as error:
        raise FormatError(f"{name}: {error}") from error


def _frame(
    name: str, read: Callable[[], ImageFrame], shape: tuple[int, ...], *, wcs: WcsRule
) -> ImageFrame:
    try:
        return read()
    except (FrameError, WcsError) as error:
        if wcs == "optional":
            return ImageFrame((shape[-2], shape[-1]))
        raise FrameError(
            f"{name} has no usable celestial WCS ({error}); "
            "give wcs='optional' to measure it in pixels only"
        ) from error


def _read_picture(stored: _Stored, *, max_pixels: int) -> Pixels:
    name, content = stored
    if content is None and not Path(name).is_file():
        raise MissingInputError(f"no file {name}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # own limit below
            source = name if content is None else io.BytesIO(content)
            with Image.open(source, formats=_PICTURE_FORMATS) as picture:
                _check_size(name, (picture.height, picture.width), max_pixels)
                return _picture_pixels(picture)
    except FormatError:
        raise
    except Image.DecompressionBombError as error:
        raise FormatError(
            f"{name} has over the limit of pixels that a picture may have; cut out the galaxy"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise FormatError(f"{name} is no picture or is damaged: {error}") from error


def _picture_pixels(picture: Image.Image) -> Pixels:
    if picture.mode.startswith("I") or picture.mode in ("1", "L", "F"):
        grey = np.asarray(picture, dtype=np.float32)
        return np.ascontiguousarray(grey[np.newaxis, ::-1])
    rgba = np.asarray(picture.convert("RGBA"), dtype=np.float32)[::-1]
    seen = rgba[..., 3:] > 0
    return np.ascontiguousarray(np.moveaxis(np.where(seen, rgba[..., :3], np.nan), -1, 0))


def _check_size(name: str, shape: tuple[int, ...], max_pixels: int) -> None:
    n_pixels = int(np.prod(shape, dtype=np.int64))
    if n_pixels > max_pixels:
        raise FormatError(
            f"{name} has {' x '.join(map(str, shape))} pixels, over the limit of {max_pixels}; "
            "cut out the galaxy, or raise max_pixels"
        )
