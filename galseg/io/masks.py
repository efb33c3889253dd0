"""Masks from finished files of any kind: predictions, consensus, PNG and COCO.

A folder may mix the kinds. What belongs to which galaxy is told by

- the ``GALAXYID`` of a FITS file, or the file's name where that is blank;
- the name of a PNG file, ``<galaxy_id>_<feature>.png`` or ``<feature>/<galaxy_id>.png``;
- the image's ``galaxy_id`` in COCO JSON, or its file name without suffix.

The first row of a PNG is the top of the picture and becomes the last row of the mask, as
`galseg.io.images.read_image` does with pictures. COCO run lengths hold arrays and stay as they
are.
"""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from galseg.errors import FeatureError, FormatError, MissingInputError, ShapeError, nearest_name
from galseg.features import FEATURES
from galseg.io.coco_masks import coco_galaxies, read_coco_masks
from galseg.io.fits_file import peek_kind
from galseg.io.maps import MAP_KINDS, read_maps
from galseg.limits import MAX_IMAGE_PIXELS

__all__ = ["is_maps_file", "list_masks", "read_masks"]

PathLike = str | os.PathLike[str]
Masks = dict[str, NDArray[np.bool_]]

_FITS_SUFFIXES = (".fits", ".fits.gz", ".fit", ".fit.gz")
_ALL_FEATURES = ""


def list_masks(folder: PathLike, *, also: Iterable[str] = ()) -> dict[str, tuple[Path, ...]]:
    """Find the files that hold masks, galaxy by galaxy.

    Parameters
    ----------
    folder : path-like
        Folder with mask files at any depth, or one file. Files that are no masks are passed
        over: FITS that are neither predictions nor consensus, PNG without a feature in their
        name, JSON that is not COCO, other suffixes.
    also : iterable of str, optional
        A project's own features, to be known in the names of PNG beside galseg's.

    Returns
    -------
    dict of str to tuple of pathlib.Path
        The files of each galaxy, for `read_masks`; sorted by galaxy.

    Raises
    ------
    MissingInputError
        If there is no such folder, or no mask in it.
    FormatError
        If a FITS or JSON file is damaged, or two files hold the same feature of a galaxy.
    """
    folder = Path(folder)
    if not folder.exists():
        raise MissingInputError(f"there is no folder of masks {folder}")
    known = {*FEATURES, *also}
    found: defaultdict[str, list[tuple[str, Path]]] = defaultdict(list)
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if not path.name.startswith("."):
            for galaxy_id, feature in _contents(path, known):
                found[galaxy_id].append((feature, path))
    if not found:
        raise MissingInputError(
            f"no masks in {folder}; needed are FITS predictions or consensus of galseg, "
            "<galaxy_id>_<feature>.png, <feature>/<galaxy_id>.png, or COCO JSON"
        )
    return {
        galaxy_id: _without_conflict(galaxy_id, found[galaxy_id]) for galaxy_id in sorted(found)
    }


def read_masks(
    path: PathLike | Sequence[PathLike],
    *,
    galaxy_id: str | None = None,
    features: Iterable[str] | None = None,
    also: Iterable[str] = (),
    threshold: float | None = None,
    shape: tuple[int, int] | None = None,
) -> Masks:
    """Read the masks of one galaxy.

    Parameters
    ----------
    path : path-like or sequence of path-like
        The file, or the several PNG of one galaxy, as `list_masks` gives them.
    galaxy_id : str, optional
        Which image of a COCO file; needed only if it holds several.
    features : iterable of str, optional
        The masks to return, in this order; all there are if left out. A feature that no volunteer
        was asked about has no mask.
    also : iterable of str, optional
        A project's own features, to be known in PNG names and COCO categories beside galseg's.
    threshold : float, optional
        The probability, or the fraction of the votes, from which on a pixel is in the mask. Left
        out: the model's own for a prediction, 0.5 for a consensus. PNG and COCO are masks already.
    shape : tuple of int, optional
        ``(ny, nx)`` of the image that the masks must fit.

    Returns
    -------
    dict of str to ndarray of bool, shape (ny, nx)
        A mask a feature.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If a file has none of the formats, or is damaged.
    FeatureError
        If a feature asked for is not there.
    ShapeError
        If a mask has another shape than the image.
    SubjectError
        If a COCO file does not hold the galaxy, or holds several and `galaxy_id` is not given.
    """
    paths = [Path(path)] if isinstance(path, str | os.PathLike) else [Path(one) for one in path]
    wanted = None if features is None else tuple(features)
    known = {*FEATURES, *also, *(wanted or ())}
    masks: Masks = {}
    for one in paths:
        masks |= _read_file(one, galaxy_id, known, threshold)
    where = ", ".join(map(str, paths))
    for feature, mask in masks.items():
        if shape is not None and mask.shape != tuple(shape):
            raise ShapeError(
                f"the {feature!r} mask in {where} has shape {mask.shape}, its image "
                f"{tuple(shape)} (ny, nx); a mask must lie on the grid of its image"
            )
    if wanted is None:
        return masks
    for feature in wanted:
        if feature not in masks:
            raise FeatureError(f"no {feature!r} mask in {where}; {nearest_name(feature, masks)}")
    return {feature: masks[feature] for feature in wanted}


def is_maps_file(path: PathLike) -> bool:
    """Whether a file of masks holds maps with their grid, as its suffix says.

    Examples
    --------
    >>> is_maps_file("J1.fits.gz"), is_maps_file("J1_bar.png")
    (True, False)
    """
    return Path(path).name.lower().endswith(_FITS_SUFFIXES)


def _contents(path: Path, known: Collection[str]) -> list[tuple[str, str]]:
    """Galaxies in a file, each with the feature it shows or `_ALL_FEATURES`."""
    name = path.name.lower()
    if is_maps_file(path):
        kind, galaxy_id = peek_kind(path)
        return [(galaxy_id or _fits_stem(path), _ALL_FEATURES)] if kind in MAP_KINDS else []
    if name.endswith(".png"):
        named = _png_name(path, known)
        return [named] if named else []
    if name.endswith(".json"):
        return [(galaxy_id, _ALL_FEATURES) for galaxy_id in coco_galaxies(path)]
    return []


def _without_conflict(galaxy_id: str, found: list[tuple[str, Path]]) -> tuple[Path, ...]:
    features = [feature for feature, _ in found]
    if len(set(features)) < len(found) or (_ALL_FEATURES in features and len(found) > 1):
        files = " and ".join(str(path) for _, path in found)
        raise FormatError(
            f"{files} hold masks of the same galaxy {galaxy_id!r}, and nothing says which to take; "
            "keep each set of masks in a folder of its own"
        )
    return tuple(path for _, path in found)


def _read_file(
    path: Path, galaxy_id: str | None, known: Collection[str], threshold: float | None
) -> Masks:
    if not path.is_file():
        raise MissingInputError(f"there is no mask file {path}")
    name = path.name.lower()
    if is_maps_file(path):
        return read_maps(path).masks(threshold=threshold)
    if name.endswith(".png"):
        return _read_png(path, known)
    if name.endswith(".json"):
        return read_coco_masks(path, galaxy_id=galaxy_id, known=known)
    raise FormatError(f"{path} is no mask file; FITS, PNG and COCO JSON are")


def _fits_stem(path: Path) -> str:
    return path.name[: path.name.lower().rindex(".fit")]


def _png_name(path: Path, known: Collection[str]) -> tuple[str, str] | None:
    """Galaxy and feature that the name of a PNG file gives, None if it names no feature."""
    for feature in sorted(known, key=len, reverse=True):
        galaxy_id = path.stem.removesuffix(f"_{feature}")
        if galaxy_id not in ("", path.stem):
            return galaxy_id, feature
    return (path.stem, path.parent.name) if path.parent.name in known else None


def _read_png(path: Path, known: Collection[str]) -> Masks:
    named = _png_name(path, known)
    if named is None:
        raise FormatError(
            f"{path} does not say which feature it shows; name it <galaxy_id>_<feature>.png or "
            "<feature>/<galaxy_id>.png"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # own limit below
            with Image.open(path) as picture:
                _check_size(picture, path)
                grey = np.asarray(picture.convert("L"))
    except FormatError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FormatError(f"{path} is not a whole PNG file: {error}") from error
    n_levels = len(np.unique(grey[grey > 0]))
    if n_levels > 1:
        raise FormatError(
            f"{path} holds {n_levels} grey levels above 0, so it is a picture or a map and no "
            "mask; a mask holds 0 and 255"
        )
    return {named[1]: grey[::-1] > 0}


def _check_size(picture: Image.Image, path: Path) -> None:
    if picture.width * picture.height > MAX_IMAGE_PIXELS:
        raise FormatError(
            f"{path} has {picture.height} x {picture.width} pixels, over the limit of "
            f"{MAX_IMAGE_PIXELS}; cut out the galaxy"
        )
