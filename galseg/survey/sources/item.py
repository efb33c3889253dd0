"""What every source of images gives: one galaxy at a time, to be read when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from galseg.errors import ConfigError
from galseg.io.images import GalaxyImage

__all__ = ["ImageSource", "Item", "check_rows"]


class Item(NamedTuple):
    """A galaxy of a source.

    Attributes
    ----------
    row : int
        Its number in the source, from 0.
    galaxy_id : str
        Empty only where a file that was damaged after the source was opened hides it.
    place : str
        Where the image is, for messages.
    ra_deg, dec_deg : float
        ICRS, 0 <= ra_deg < 360; NaN where the source does not say.
    load : callable
        Reads the image: any number of times, in any order, from any thread. Raises GalsegError
        with the reason if it cannot be used.
    """

    row: int
    galaxy_id: str
    place: str
    ra_deg: float
    dec_deg: float
    load: Callable[[], GalaxyImage]


class ImageSource(Protocol):
    """A list of galaxies with their images, of any length.

    It pickles without its files, which are opened where they are read.
    """

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits that change when the list does."""
        ...

    def __len__(self) -> int: ...

    def items(self, rows: range) -> Iterator[Item]:
        """Yield one item for each of these rows, in order, whatever became of the files.

        Raises
        ------
        ConfigError
            If the rows are not consecutive rows of the source.
        """
        ...


def check_rows(rows: range, n_rows: int) -> None:
    """Check what `ImageSource.items` is asked for.

    Raises
    ------
    ConfigError
        If the rows are not consecutive, or not all there.
    """
    if rows.step != 1 or not 0 <= rows.start <= rows.stop <= n_rows:
        raise ConfigError(f"rows must be consecutive and within 0 to {n_rows}, got {rows}")
