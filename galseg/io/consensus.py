"""Consensus as FITS files (votes and fractions with WCS, tables beside them) and as COCO masks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any, get_args

import numpy as np
import pandas as pd
import shapely
from astropy.io import fits
from numpy.typing import NDArray

from galseg.consensus.record import Consensus, Instance, Method
from galseg.consensus.votes import Ballots
from galseg.errors import ConfigError, FormatError, GalsegError
from galseg.geometry.rle import encode_rle
from galseg.io.atomic import write_whole
from galseg.io.fits_blocks import write_hdus
from galseg.io.fits_file import (
    ascii_text,
    check_kind,
    frame_header,
    kind_header,
    open_fits,
    text_of,
    wcs_frame,
)
from galseg.parsing import parse_json

__all__ = ["read_consensus", "write_consensus", "write_consensus_coco"]

PathLike = str | os.PathLike[str]

_KIND = "consensus"
_VERSION = 1
_VOTES, _FRACTION, _BALLOTS = "VOTES_", "FRACTION_", "BALLOTS_"


def write_consensus(path: PathLike, consensus: Consensus, *, overwrite: bool = True) -> None:
    """Write the votes of one subject.

    The primary header holds ``GALSEG = 'consensus'``, ``FORMATV``, ``SUBJECT``, ``GALAXYID``,
    ``METHOD``, ``NFEATURE``, ``NBALLOTS`` and the WCS. For every feature an image
    ``VOTES_<FEATURE>`` (uint16, with ``NASKED`` and ``NMARKED``) and an image
    ``FRACTION_<FEATURE>`` (float32) follow, then the tables ``INSTANCES`` (outlines as WKT in
    pixels), ``AGREEMENT`` and ``VOLUNTEERS``, and for every feature whose ballots are known a
    table ``BALLOTS_<FEATURE>`` with one row a run of pixels: ``FIRST`` (index into the flattened
    image), ``LENGTH``, and ``MARKED``, one bit a volunteer in the order of ``VOLUNTEERS``.

    Parameters
    ----------
    path : path-like
        File to make, ``.fits`` or ``.fits.gz``; it appears whole or not at all.
    consensus : Consensus
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Raises
    ------
    OutputError
        If the file cannot be written, or exists and may not be replaced.
    FrameError
        If the WCS cannot be stored in a header.
    """
    wcs = frame_header(consensus.frame)
    header = kind_header(_KIND, version=_VERSION, n_features=len(consensus.features), wcs=wcs)
    header["SUBJECT"] = (ascii_text(consensus.subject_id), "subject")
    header["GALAXYID"] = (ascii_text(consensus.galaxy_id), "galaxy")
    header["METHOD"] = (consensus.method, "how volunteers are weighed")
    header["NBALLOTS"] = (len(consensus.ballots), "features with who marked what")
    primary = fits.PrimaryHDU(header=header)
    hdus = [primary]
    for channel, feature in enumerate(consensus.features):
        header = wcs.copy()
        header["NASKED"] = (int(consensus.n_asked[channel]), "volunteers asked")
        header["NMARKED"] = (int(consensus.n_marked[channel]), "volunteers who marked it")
        name = feature.upper()
        votes, fraction = consensus.votes[channel], consensus.fraction[channel]
        hdus.append(fits.ImageHDU(votes, header=header, name=_VOTES + name))
        hdus.append(fits.ImageHDU(fraction, header=header, name=_FRACTION + name))
    hdus.append(_instance_hdu(consensus.instances))
    hdus.append(_table_hdu(consensus.agreement, "AGREEMENT"))
    hdus.append(_table_hdu(consensus.volunteers, "VOLUNTEERS"))
    hdus += [_ballots_hdu(ballots, feature) for feature, ballots in consensus.ballots.items()]
    write_hdus(path, fits.HDUList(hdus), overwrite=overwrite)


def read_consensus(path: PathLike) -> Consensus:
    """Read what `write_consensus` wrote.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Consensus
        A file without a WCS gives a frame in pixels only, one without ballots none.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If the file is damaged, no consensus, or of another version.
    """
    with open_fits(path, checksum=True) as hdus:
        header = hdus[0].header
        names = [h.name.removeprefix(_VOTES) for h in hdus if h.name.startswith(_VOTES)]
        check_kind(path, header, _KIND, version=_VERSION, n_features=len(names))
        if header.get("METHOD") not in get_args(Method):
            raise FormatError(f"{path} has METHOD {header.get('METHOD')!r}, which is unknown")
        votes = [hdus[_VOTES + name] for name in names]
        fractions = [hdus[_FRACTION + name] for name in names]
        ballots = [hdu for hdu in hdus if hdu.name.startswith(_BALLOTS)]
        if len(ballots) != header.get("NBALLOTS", 0):
            raise FormatError(
                f"{path} holds ballots of {len(ballots)} features where NBALLOTS says "
                f"{header.get('NBALLOTS', 0)}; it is cut short"
            )
        frame = wcs_frame(votes[0].header)
        try:
            return Consensus(
                subject_id=text_of(header["SUBJECT"]),
                galaxy_id=text_of(header["GALAXYID"]),
                features=tuple(name.lower() for name in names),
                frame=frame,
                votes=np.stack([hdu.data for hdu in votes]).astype(np.uint16),
                fraction=np.stack([hdu.data for hdu in fractions]).astype(np.float32),
                n_asked=np.array([hdu.header["NASKED"] for hdu in votes], dtype=np.int64),
                n_marked=np.array([hdu.header["NMARKED"] for hdu in votes], dtype=np.int64),
                method=header["METHOD"],
                instances=tuple(map(_instance, hdus["INSTANCES"].data)),
                agreement=_table(hdus["AGREEMENT"]),
                volunteers=_table(hdus["VOLUNTEERS"]),
                ballots={
                    hdu.name.removeprefix(_BALLOTS).lower(): _ballots(hdu, frame.shape)
                    for hdu in ballots
                },
            )
        except (GalsegError, shapely.errors.ShapelyError) as error:
            raise FormatError(f"{path}: {error}") from error


def write_consensus_coco(
    path: PathLike, consensuses: Iterable[Consensus], *, threshold: float = 0.5
) -> None:
    """Write consensus masks as COCO JSON with run lengths, one annotation a subject and feature.

    Features that nobody was asked about, and masks without a pixel, have no annotation; each
    image names the features that were asked about in ``"features_asked"``. Arrays keep their
    order: row 0 of the run lengths is row 0 of the image array.

    Parameters
    ----------
    path : path-like
        JSON file to make.
    consensuses : iterable of Consensus
    threshold : float, optional
        Share of the votes from which a pixel is in the mask, above 0 and at most 1.

    Raises
    ------
    ConfigError
        If the threshold is out of range.
    OutputError
        If the file cannot be written.
    """
    if not 0 < threshold <= 1:
        raise ConfigError(f"threshold must be above 0 and at most 1, got {threshold}")
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    categories: dict[str, int] = {}
    for consensus in consensuses:
        ny, nx = consensus.frame.shape
        image: dict[str, Any] = {
            "id": len(images) + 1,
            "file_name": f"{consensus.galaxy_id}.fits",
            "subject_id": consensus.subject_id,
            "width": nx,
            "height": ny,
            "features_asked": [],
        }
        images.append(image)
        for feature, n_asked in zip(consensus.features, consensus.n_asked, strict=True):
            category = categories.setdefault(feature, len(categories) + 1)
            if n_asked == 0:
                continue
            image["features_asked"].append(feature)
            mask = consensus.mask(feature, threshold=threshold)
            if mask.any():
                entry = _coco_entry(mask, len(annotations) + 1, image["id"], category)
                annotations.append(entry)
    content = {
        "info": {"description": "galseg consensus", "threshold": threshold},
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for name, number in categories.items()],
    }
    with write_whole(path) as temporary:
        temporary.write_text(json.dumps(content))


def _coco_entry(mask: NDArray[np.bool_], number: int, image: int, category: int) -> dict[str, Any]:
    y, x = np.nonzero(mask)
    left, top = int(x.min()), int(y.min())
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "segmentation": encode_rle(mask),
        "area": int(mask.sum()),
        "bbox": [left, top, int(x.max()) - left + 1, int(y.max()) - top + 1],
        "iscrowd": 1,
    }


def _instance_hdu(instances: Iterable[Instance]) -> fits.BinTableHDU:
    rows = list(instances)
    votes = np.empty(len(rows), dtype=object)
    votes[:] = [row.votes.astype(np.int32).ravel() for row in rows]
    text = {
        "FEATURE": [row.feature for row in rows],
        "OUTLINE": [shapely.to_wkt(row.outline, rounding_precision=-1) for row in rows],
        "ANNOTATORS": [json.dumps(row.annotator_ids) for row in rows],
    }
    numbers = {
        "N_MARKED": ("J", [row.n_marked for row in rows]),
        "N_ASKED": ("J", [row.n_asked for row in rows]),
        "Y0": ("J", [row.origin_yx[0] for row in rows]),
        "X0": ("J", [row.origin_yx[1] for row in rows]),
        "HEIGHT": ("J", [row.votes.shape[0] for row in rows]),
        "WIDTH": ("J", [row.votes.shape[1] for row in rows]),
        "SPREAD": ("D", [row.spread_pix for row in rows]),
    }
    columns = [_text_column(name, values) for name, values in text.items()]
    columns += [
        fits.Column(name=name, format=kind, array=np.asarray(values))
        for name, (kind, values) in numbers.items()
    ]
    columns.append(fits.Column(name="VOTES", format="PJ()", array=votes))
    return fits.BinTableHDU.from_columns(columns, name="INSTANCES")


def _instance(row: fits.FITS_record) -> Instance:
    votes = np.asarray(row["VOTES"], dtype=np.uint16).reshape(row["HEIGHT"], row["WIDTH"])
    return Instance(
        feature=str(row["FEATURE"]),
        n_marked=int(row["N_MARKED"]),
        n_asked=int(row["N_ASKED"]),
        votes=votes,
        origin_yx=(int(row["Y0"]), int(row["X0"])),
        outline=shapely.from_wkt(str(row["OUTLINE"])),
        spread_pix=float(row["SPREAD"]),
        annotator_ids=tuple(parse_json(str(row["ANNOTATORS"]))),
    )


def _ballots_hdu(ballots: Ballots, feature: str) -> fits.BinTableHDU:
    columns = [
        fits.Column(name="FIRST", format="J", array=ballots.first_pixel),
        fits.Column(name="LENGTH", format="J", array=ballots.n_pixels),
        fits.Column(name="MARKED", format=f"{len(ballots.marked)}X", array=ballots.marked.T),
    ]
    return fits.BinTableHDU.from_columns(columns, name=_BALLOTS + feature.upper())


def _ballots(hdu: fits.BinTableHDU, shape: tuple[int, int]) -> Ballots:
    return Ballots(
        marked=np.ascontiguousarray(hdu.data["MARKED"].T),
        first_pixel=hdu.data["FIRST"].astype(np.int64),
        n_pixels=hdu.data["LENGTH"].astype(np.int64),
        shape=shape,
    )


def _table_hdu(table: pd.DataFrame, name: str) -> fits.BinTableHDU:
    formats = {"b": "L", "i": "K", "u": "K", "f": "D"}
    columns = []
    for column in table.columns:
        values = table[column].to_numpy()
        if values.dtype.kind in formats:
            kind = formats[values.dtype.kind]
            columns.append(fits.Column(name=column, format=kind, array=values))
        else:
            columns.append(_text_column(column, [ascii_text(str(value)) for value in values]))
    return fits.BinTableHDU.from_columns(columns, name=name)


def _text_column(name: str, values: list[str]) -> fits.Column:
    width = max((len(value) for value in values), default=1) or 1
    return fits.Column(name=name, format=f"{width}A", array=np.asarray(values, dtype=f"U{width}"))


def _table(hdu: fits.BinTableHDU) -> pd.DataFrame:
    content = {}
    for column in hdu.columns:
        values = hdu.data[column.name]
        if column.format.endswith("A"):
            content[column.name] = pd.Series([text_of(str(v)) for v in values], dtype="str")
        else:
            content[column.name] = pd.Series(values.astype(values.dtype.newbyteorder("=")))
    return pd.DataFrame(content)
