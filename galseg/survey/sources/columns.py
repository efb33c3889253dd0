"""Which columns of a table hold the identifier, the image and the place of a galaxy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from galseg.errors import ConfigError, FormatError, nearest_name

__all__ = ["Columns", "FoundColumns", "no_columns"]

_KNOWN = {
    "galaxy_id": ("galaxy_id", "id_str", "iauname", "object_id", "objid", "source_id", "id"),
    "image": (
        "image",
        "image_bytes",
        "cutout",
        "image_path",
        "path",
        "file_loc",
        "filename",
        "file",
    ),
    "ra": ("ra_deg", "ra", "raj2000", "ra_j2000", "right_ascension"),
    "dec": ("dec_deg", "dec", "dej2000", "dec_j2000", "declination"),
}


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Names of columns in a table of images; what is left out is found by the usual names.

    Parameters
    ----------
    galaxy_id : str, optional
        Text or whole numbers, each once. Usual: galaxy_id, id_str, iauname, object_id, objid,
        source_id, id.
    image : str, optional
        Paths, or the bytes of image files. Usual: image, image_bytes, cutout, image_path, path,
        file_loc, filename, file. In tar files: the suffix of the image, if a galaxy has several.
    ra, dec : str, optional
        ICRS, degrees. Usual: ra_deg, ra, raj2000, ra_j2000, right_ascension; dec_deg, dec,
        dej2000, dec_j2000, declination. In tar files: keys of the ``.json`` beside an image.

    Notes
    -----
    Of several usual names that a table has, the one that stands first here is taken. Capital
    letters do not matter.
    """

    galaxy_id: str | None = None
    image: str | None = None
    ra: str | None = None
    dec: str | None = None

    def find(self, names: Sequence[str], *, where: str) -> FoundColumns:
        """Look the columns up among those of a table.

        Raises
        ------
        FormatError
            If a column that was named is not there, there is none of images, or only one of `ra`
            and `dec`.

        Examples
        --------
        >>> Columns(image="cutout_file").find(["ID", "cutout_file", "RA", "DEC"], where="a.csv")
        FoundColumns(image='cutout_file', galaxy_id='ID', ra='RA', dec='DEC')
        """
        image = self._find("image", names, where)
        if image is None:
            raise FormatError(
                f"{where} has no column of images or their paths (looked for "
                f"{', '.join(_KNOWN['image'])}); it has {_listed(names)}; "
                "name the one that is meant with columns.image"
            )
        ra, dec = self._find("ra", names, where), self._find("dec", names, where)
        if (ra is None) != (dec is None):
            has, lacks = ("ra", "dec") if dec is None else ("dec", "ra")
            raise FormatError(
                f"{where} has the column {ra or dec!r} as {has}, and none for {lacks}; it has "
                f"{_listed(names)}; name the one that is meant with columns.{lacks}"
            )
        return FoundColumns(image, self._find("galaxy_id", names, where), ra, dec)

    def _find(self, role: str, names: Sequence[str], where: str) -> str | None:
        named: str | None = getattr(self, role)
        if named is not None:
            if named not in names:
                raise FormatError(
                    f"{where} has no column {named!r}, named as columns.{role}; "
                    f"{nearest_name(named, names)}"
                )
            return named
        return usual_name(role, names)


@dataclass(frozen=True)
class FoundColumns:
    """The columns of a certain table; None for what it does not have."""

    image: str
    galaxy_id: str | None
    ra: str | None
    dec: str | None

    @property
    def labels(self) -> list[str]:
        """All but the image."""
        return [name for name in (self.galaxy_id, self.ra, self.dec) if name is not None]


def usual_name(role: str, names: Sequence[str]) -> str | None:
    """Return which of these names is usual for ``"galaxy_id"``, ``"image"``, ``"ra"`` or ``"dec"``.

    Examples
    --------
    >>> usual_name("ra", ["RAJ2000", "RA"])
    'RA'
    """
    by_name = {name.lower(): name for name in reversed(names)}
    return next((by_name[usual] for usual in _KNOWN[role] if usual in by_name), None)


def no_columns(columns: Columns, *, where: str, allowed: Sequence[str] = ()) -> None:
    """Refuse names of columns for what has no such columns.

    Raises
    ------
    ConfigError
        If one is given.
    """
    for field in fields(columns):
        if field.name not in allowed and getattr(columns, field.name) is not None:
            raise ConfigError(
                f"columns.{field.name} is given, but {where}: galaxies are named by their files; "
                "leave it out, or give a table of their paths"
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:12])) + (", ..." if len(names) > 12 else "")
