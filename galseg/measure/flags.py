"""What a reader should know of a measurement before using it."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["MeasureFlag", "decode_flags"]


class MeasureFlag(IntFlag):
    """Quality flags, one bit each, added up in the column ``flags``.

    A number that is undefined is NaN and a flag says why; a flag beside a finite number is a
    caution.

    Attributes
    ----------
    NONE
        Nothing to say.
    EMPTY
        No pixel reaches the threshold: there is no such structure here. Of a bar in light: the
        image shows none.
    NO_DATA
        Nothing is known: the model does not predict the feature, nobody was asked about it, or
        every pixel is missing.
    NO_WCS
        The image has no place on the sky: its sky quantities are NaN, and the winding is as
        displayed with y up.
    TOUCHES_EDGE
        The structure reaches the border of the image: lengths and areas are lower limits.
    SEVERAL_COMPONENTS
        There are other pieces of at least a tenth of the largest one; a bar is measured on the
        largest.
    NAN_PIXELS
        Missing pixels lie in the structure or beside it.
    TOO_SMALL
        Too few pixels for a shape.
    ROUND
        Too round for a direction: the position angle is NaN.
    OFF_CENTRE
        The bar, or the disc that was found, does not lie over the centre of the galaxy.
    CENTRE_ASSUMED
        No centre was given and the middle of the image was taken for it.
    HIGH_INCLINATION
        Inclined by more than 60 degrees: what is deprojected is not to be trusted.
    BAD_REDSHIFT
        The redshift is not above zero: lengths in kpc are NaN.
    POOR_FIT
        The shape is not that of a bar, or the arm not close to a logarithmic spiral.
    RING
        Something closes on itself around the centre and was not counted as an arm.
    FAILED
        The measurement stopped with an error, told in ``status``.
    AS_SEEN
        No disc geometry is known: angles and radii of arms are those seen on the sky.
    FEW_DRAWS
        Fewer than half of the draws behind the errors gave a measurement.
    UNSURE_SHAPE
        The numbers lie near the border between two shape classes, or in none.
    FEW_VOLUNTEERS
        Fewer than three people drew it: how far they differ is not known.
    NO_LIGHT
        There is no light above zero to compare with or to take a magnitude of.

    Examples
    --------
    >>> flags = MeasureFlag.NO_WCS | MeasureFlag.TOUCHES_EDGE
    >>> int(flags)
    12
    """

    NONE = 0
    EMPTY = 1
    NO_DATA = 2
    NO_WCS = 4
    TOUCHES_EDGE = 8
    SEVERAL_COMPONENTS = 16
    NAN_PIXELS = 32
    TOO_SMALL = 64
    ROUND = 128
    OFF_CENTRE = 256
    CENTRE_ASSUMED = 512
    HIGH_INCLINATION = 1024
    BAD_REDSHIFT = 2048
    POOR_FIT = 4096
    RING = 8192
    FAILED = 16384
    AS_SEEN = 32768
    FEW_DRAWS = 65536
    UNSURE_SHAPE = 131072
    FEW_VOLUNTEERS = 262144
    NO_LIGHT = 524288


def decode_flags(flags: ArrayLike) -> list[tuple[str, ...]]:
    """Name the flags that are set.

    Parameters
    ----------
    flags : array_like of int, shape (N,) or scalar
        As in the column ``flags``.

    Returns
    -------
    list of tuple of str
        N tuples, empty where no flag is set.

    Examples
    --------
    >>> decode_flags([0, 12])
    [(), ('NO_WCS', 'TOUCHES_EDGE')]
    """
    values = np.atleast_1d(np.asarray(flags, dtype=np.int64))
    return [tuple(str(flag.name) for flag in MeasureFlag if flag & int(v)) for v in values]
