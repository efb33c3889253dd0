"""Predictions as FITS files: one extension a feature, with WCS."""

from __future__ import annotations

import os

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from galseg.errors import FormatError, GalsegError
from galseg.io.fits_blocks import ImageBlock, write_blocks
from galseg.io.fits_file import (
    ascii_text,
    check_kind,
    frame_header,
    kind_header,
    open_fits,
    text_of,
    wcs_frame,
)
from galseg.prediction import Prediction

__all__ = ["read_prediction", "write_prediction"]

PathLike = str | os.PathLike[str]

_KIND = "prediction"
_VERSION = 1
_SAMPLES = "_SAMPLES"


def write_prediction(path: PathLike, prediction: Prediction, *, overwrite: bool = True) -> None:
    """Write the maps of one galaxy.

    The primary header holds ``GALSEG = 'prediction'``, ``FORMATV``, ``GALAXYID``, ``NFEATURE``,
    ``SOURCE`` (the model) and the WCS; one float32 image a feature follows, ``EXTNAME`` in upper
    case, with its threshold in ``THRESH`` where the model has one, and its samples as
    ``<EXTNAME>_SAMPLES`` of shape (S, ny, nx).

    Parameters
    ----------
    path : path-like
        File to make, ``.fits`` or ``.fits.gz``; it appears whole or not at all.
    prediction : Prediction
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Raises
    ------
    OutputError
        If the file cannot be written, or exists and may not be replaced.
    FrameError
        If the WCS cannot be stored in a header.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from galseg import ImageFrame
    >>> path = Path(tempfile.mkdtemp()) / "J1.fits"
    >>> maps = np.full((1, 2, 3), 0.25, dtype=np.float32)
    >>> write_prediction(path, Prediction("J1", ("bar",), maps, ImageFrame((2, 3))))
    >>> read_prediction(path).of("bar").max().item()
    0.25
    """
    wcs = frame_header(prediction.frame)
    header = kind_header(_KIND, version=_VERSION, n_features=len(prediction.features), wcs=wcs)
    header["GALAXYID"] = (ascii_text(prediction.galaxy_id), "galaxy")
    header["SOURCE"] = ascii_text(prediction.source)
    images = []
    for channel, feature in enumerate(prediction.features):
        cards = fits.Header([("BUNIT", "probability")])
        if feature in prediction.thresholds:
            cards["THRESH"] = (prediction.thresholds[feature], "lowest probability in the mask")
        maps = {feature.upper(): prediction.probability[channel]}
        if prediction.samples is not None:
            maps[feature.upper() + _SAMPLES] = prediction.samples[:, channel]
        for name, pixels in maps.items():
            images.append(ImageBlock(fits.Header([("EXTNAME", name), *cards.cards]), pixels))
    write_blocks(path, header, images, shared=wcs, overwrite=overwrite)


def read_prediction(path: PathLike) -> Prediction:
    """Read the maps that `write_prediction` wrote.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Prediction
        A file without a WCS gives a frame in pixels only.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If the file is damaged, no prediction, or of another version.
    """
    with open_fits(path, checksum=True) as hdus:
        header = hdus[0].header
        maps = [hdu for hdu in hdus[1:] if not hdu.name.endswith(_SAMPLES)]
        check_kind(path, header, _KIND, version=_VERSION, n_features=len(maps))
        features = tuple(hdu.name.lower() for hdu in maps)
        drawn = [hdus[hdu.name + _SAMPLES] for hdu in maps if hdu.name + _SAMPLES in hdus]
        try:
            return Prediction(
                galaxy_id=text_of(str(header.get("GALAXYID", ""))),
                features=features,
                probability=np.stack([_pixels(hdu) for hdu in maps]),
                frame=wcs_frame(maps[0].header),
                samples=np.stack([_pixels(hdu) for hdu in drawn], axis=1) if drawn else None,
                thresholds={
                    feature: float(hdu.header["THRESH"])
                    for feature, hdu in zip(features, maps, strict=True)
                    if "THRESH" in hdu.header
                },
                source=text_of(str(header.get("SOURCE", ""))),
            )
        except GalsegError as error:
            raise FormatError(f"{path}: {error}") from error


def _pixels(hdu: fits.ImageHDU) -> NDArray[np.float32]:
    return np.asarray(hdu.data, dtype=np.float32)
