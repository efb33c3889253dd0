"""Images of galaxies from FITS, PNG and JPEG files."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from astropy.io import fits
from astropy.wcs import WcsError
from numpy.typing import NDArray
from PIL import Image

from galseg.errors import ConfigError, FormatError, FrameError, MissingInputError, ShapeError
from galseg.frame import ImageFrame
from galseg.imaging.pixels import as_pixels
from galseg.io.fits_file import open_fits

__all__ = ["MAX_PIXELS", "GalaxyImage", "WcsRule", "list_images", "read_image"]

PathLike = str | os.PathLike[str]
Pixels = NDArray[np.float32]
WcsRule = Literal["required", "optional"]

MAX_PIXELS = 100_000_000
MAX_BANDS = 5

_FITS = (".fits", ".fit", ".fits.gz", ".fit.gz", ".fits.fz")
_PICTURES = (".png", ".jpg", ".jpeg")


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
    path: PathLike, *, wcs: WcsRule = "required", max_pixels: int = MAX_PIXELS
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
    if wcs not in get_args(WcsRule):
        raise ConfigError(f"wcs must be 'required' or 'optional', got {wcs!r}")
    path = Path(path)
    suffix = _suffix(path)
    if suffix in _FITS:
        pixels, frame = _read_fits(path, wcs=wcs, max_pixels=max_pixels)
    elif suffix in _PICTURES:
        pixels = _read_picture(path, max_pixels=max_pixels)
        frame = ImageFrame(pixels.shape[1:])
    else:
        raise FormatError(f"{path} is no image that can be read; known: {_FITS + _PICTURES}")
    return GalaxyImage(path.name[: -len(suffix)], pixels, frame, display=suffix in _PICTURES)


def list_images(folder: PathLike) -> dict[str, Path]:
    """Find the images in a folder.

    Parameters
    ----------
    folder : path-like
        Its FITS, PNG and JPEG files are listed, other files passed over; one file is a list of
        one.

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
        if suffix := _suffix(path):
            galaxy_id = path.name[: -len(suffix)]
            if galaxy_id in images:
                raise FormatError(
                    f"{images[galaxy_id]} and {path} are both images of {galaxy_id!r}; keep one"
                )
            images[galaxy_id] = path
    return images


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((end for end in (*_FITS, *_PICTURES) if name.endswith(end)), "")


def _read_fits(path: Path, *, wcs: WcsRule, max_pixels: int) -> tuple[Pixels, ImageFrame]:
    with open_fits(path) as hdus:
        hdu = _first_image(hdus, path)
        header = hdu.header
        shape = tuple(int(header[f"NAXIS{axis}"]) for axis in range(header["NAXIS"], 0, -1))
        _check_size(path, shape[-2:], max_pixels)
        if len(shape) < 2 or np.prod(shape[:-2], dtype=int) > MAX_BANDS or 0 in shape:
            raise FormatError(
                f"{path} holds an array of shape {shape}; an image has shape (ny, nx), or "
                f"(bands, ny, nx) with at most {MAX_BANDS} bands"
            )
        try:
            pixels = as_pixels(hdu.data).reshape(-1, *shape[-2:])
        except ShapeError as error:
            raise FormatError(f"{path}: {error}") from error
        return pixels, _frame(path, header, wcs=wcs)


def _first_image(hdus: fits.HDUList, path: Path) -> fits.ImageHDU:
    for hdu in hdus:
        if hdu.is_image and hdu.header.get("NAXIS", 0) > 0:
            return hdu
    raise FormatError(f"{path} holds no image, only headers or tables")


def _frame(path: Path, header: fits.Header, *, wcs: WcsRule) -> ImageFrame:
    try:
        return ImageFrame.from_header(header)
    except (FrameError, WcsError) as error:
        if wcs == "optional":
            return ImageFrame((header["NAXIS2"], header["NAXIS1"]))
        raise FrameError(
            f"{path} has no usable celestial WCS ({error}); "
            "give wcs='optional' to measure it in pixels only"
        ) from error


def _read_picture(path: Path, *, max_pixels: int) -> Pixels:
    if not path.is_file():
        raise MissingInputError(f"no file {path}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # own limit below
            with Image.open(path) as picture:
                _check_size(path, (picture.height, picture.width), max_pixels)
                return _picture_pixels(picture)
    except FormatError:
        raise
    except Image.DecompressionBombError as error:
        raise FormatError(
            f"{path} has over the limit of pixels that a picture may have; cut out the galaxy"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise FormatError(f"{path} is no picture or is damaged: {error}") from error


def _picture_pixels(picture: Image.Image) -> Pixels:
    if picture.mode.startswith("I") or picture.mode in ("1", "L", "F"):
        grey = np.asarray(picture, dtype=np.float32)
        return np.ascontiguousarray(grey[np.newaxis, ::-1])
    rgba = np.asarray(picture.convert("RGBA"), dtype=np.float32)[::-1]
    seen = rgba[..., 3:] > 0
    return np.ascontiguousarray(np.moveaxis(np.where(seen, rgba[..., :3], np.nan), -1, 0))


def _check_size(path: Path, shape: tuple[int, ...], max_pixels: int) -> None:
    n_pixels = int(np.prod(shape, dtype=np.int64))
    if n_pixels > max_pixels:
        raise FormatError(
            f"{path} has {' x '.join(map(str, shape))} pixels, over the limit of {max_pixels}; "
            "cut out the galaxy, or raise max_pixels"
        )
