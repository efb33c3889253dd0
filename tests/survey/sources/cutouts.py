"""Tiny cutouts, and what tests look at of a source."""

import io
import pickle
import tarfile

import numpy as np
from astropy.io import fits

from galseg.errors import GalsegError
from galseg.survey.sources import open_source


def cutout(value):
    """Return a FITS file whose pixels are all of one value."""
    stored = io.BytesIO()
    fits.writeto(stored, np.full((3, 4), value, np.float32))
    return stored.getvalue()


def write_cutouts(folder, names):
    """Write a cutout under each name; its pixels are its number."""
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(cutout(number))


def write_tar(path, members):
    """Write a tar file of (name, content) or of members ready made."""
    with tarfile.open(path, "w") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            tar.addfile(info, io.BytesIO(member[1]))


def opened(path, **options):
    """Open a source as a worker gets it."""
    return pickle.loads(pickle.dumps(open_source(path, wcs="optional", **options)))


def rows_of(source, rows=None):
    """Return (row, identifier, value of the pixels or the reason why there are none)."""
    return [
        (item.row, item.galaxy_id, outcome(item))
        for item in source.items(range(len(source)) if rows is None else rows)
    ]


def outcome(item):
    try:
        image = item.load()
    except GalsegError as error:
        return str(error)
    assert image.galaxy_id == item.galaxy_id
    return image.pixels[0, 0, 0].item()
