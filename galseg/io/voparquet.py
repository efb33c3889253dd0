"""What the columns of a Parquet file are, told as VOParquet does."""

from __future__ import annotations

import io

from astropy.io.votable.tree import VOTableFile

__all__ = ["voparquet_metadata"]


def voparquet_metadata(header: VOTableFile) -> dict[bytes, bytes]:
    """Return the metadata of a Parquet file from which TOPCAT knows units, UCDs and descriptions.

    The header stands in one line: astropy breaks long descriptions, and finds them changed.

    Parameters
    ----------
    header : VOTableFile
        With the fields of the columns, and no rows.

    References
    ----------
    Taylor, M. (2025), Parquet in the VO, IVOA Note 1.0,
    https://www.ivoa.net/documents/Notes/VOParquet/20250116/.

    Examples
    --------
    >>> from astropy.io import votable
    >>> from astropy.table import Table
    >>> header = votable.from_table(Table({"ra_deg": [1.0]})[:0])
    >>> b'name="ra_deg"' in voparquet_metadata(header)[b"IVOA.VOTable-Parquet.content"]
    True
    """
    content = io.BytesIO()
    header.to_xml(content)
    return {
        b"IVOA.VOTable-Parquet.version": b"1.0",
        b"IVOA.VOTable-Parquet.content": b" ".join(content.getvalue().split()),
    }
