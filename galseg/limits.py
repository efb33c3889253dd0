"""How large an input may be before it is refused, checked before memory is taken for it.

They are far above what galaxies need and below what a machine of a few gigabytes can hold.
"""

from __future__ import annotations

__all__ = [
    "MAX_BANDS",
    "MAX_CARD_BYTES",
    "MAX_CELL_BYTES",
    "MAX_FITS_AXES",
    "MAX_FITS_BYTES",
    "MAX_FITS_HDUS",
    "MAX_FITS_HEADER_BYTES",
    "MAX_IMAGE_PIXELS",
    "MAX_IMAGE_SIDE",
    "MAX_JSON_BYTES",
    "MAX_JSON_DEPTH",
    "MAX_MARK_VERTICES",
    "MAX_MODEL_CHANNELS",
    "MAX_MODEL_SIDE",
    "MAX_TABLE_ROWS",
    "MAX_TAR_JSON_BYTES",
    "MAX_TAR_MEMBER_BYTES",
    "MAX_TEXT_CELL",
    "MAX_VERTICES",
    "MAX_WEIGHTS_BYTES",
    "MAX_WEIGHTS_HEADER_BYTES",
    "MAX_YAML_BYTES",
]

MAX_IMAGE_PIXELS = 100_000_000
"""Of an image, a picture that was drawn on, or a mask: ny x nx."""

MAX_IMAGE_SIDE = 50_000
"""Of an image that a model looks at, in pixels: the way to its square takes memory by the side."""

MAX_BANDS = 5
"""Of an image."""

MAX_FITS_AXES = 999
"""Of an array (NAXIS, ZNAXIS), and columns of a table (TFIELDS): what the FITS standard allows."""

MAX_FITS_HDUS = 1000
"""Of a FITS file."""

MAX_FITS_HEADER_BYTES = 1 << 22
"""Of one header in a FITS file."""

MAX_FITS_BYTES = 1 << 32
"""Of the arrays and tables in a FITS file together, unpacked."""

MAX_JSON_BYTES = 1 << 28
"""Of a JSON file, unpacked."""

MAX_JSON_DEPTH = 64
"""Lists and objects inside one another in JSON, and in YAML."""

MAX_TEXT_CELL = 1 << 26
"""Characters in a cell of a CSV table; a long day's drawing is under 1 MB."""

MAX_YAML_BYTES = 1 << 20
"""Of a YAML file; it may not use aliases, with which a few lines become billions."""

MAX_MARK_VERTICES = 100_000
"""Of one drawing."""

MAX_VERTICES = 1 << 28
"""Of all drawings that are read together."""

MAX_TABLE_ROWS = 100_000_000
"""Of a Parquet table of drawings."""

MAX_CARD_BYTES = 1 << 24
"""Of a model card, or the config of an encoder."""

MAX_WEIGHTS_BYTES = 1 << 34
"""Of a file of weights."""

MAX_WEIGHTS_HEADER_BYTES = 1 << 24
"""Of the header of a safetensors file."""

MAX_MODEL_SIDE = 8192
"""Of the square that a model sees, in pixels."""

MAX_MODEL_CHANNELS = 4096
"""Of one stage of a model's decoder; it has at most ten."""

MAX_CELL_BYTES = 1 << 28
"""Of an image inside a cell of a Parquet table."""

MAX_TAR_JSON_BYTES = 1 << 20
"""Of what a tar file says of an image in JSON."""

MAX_TAR_MEMBER_BYTES = 1 << 28
"""Of an image inside a tar file."""
