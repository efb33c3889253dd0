"""The files that are kept for each target: its corpus, and what once crashed it, each gzipped."""

import gzip
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
CORPUS, REGRESSIONS = FOLDER / "corpus", FOLDER / "regressions"


def kept(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the kept files of a target, unpacked: those of the corpus and of crashes found."""
    for folder in (CORPUS, REGRESSIONS):
        for path in sorted((folder / name).glob("*.gz")):
            yield f"{folder.name}/{path.stem}", gzip.decompress(path.read_bytes())


def keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0))
