"""Somebody tries to tell the methods apart from everything but the pixels."""

import json
import os

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kruskal

from galseg.compare.key import read_key

P_TOLD_APART = 1e-6


def chunks(data):
    """Names and lengths of the chunks of a PNG file."""
    place = 8
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8].decode(), length
        place += 12 + length


def traces(package, kind):
    """All that the disk and the texts of a package say of the files of one kind."""
    folder = package.folder / f"{kind}s"
    listing = {entry.name: place for place, entry in enumerate(os.scandir(folder))}
    page = (package.folder / "index.html").read_text()
    manifest = pd.read_csv(package.folder / "manifest.csv")
    rows = []
    for row, name in enumerate(manifest[kind]):
        path = package.folder / name
        stat = path.stat()
        rows.append(
            {
                "file": name,
                "token": int(path.stem, 16),
                "size": stat.st_size,
                "mtime": stat.st_mtime_ns,
                "mode": stat.st_mode,
                "inode": stat.st_ino,
                "made": stat.st_ctime_ns,
                "listed": listing[path.name],
                "row": row,
                "number": manifest["number"][row],
                "place": manifest["place"][row],
                "on_page": page.index(path.name),
                "chunks": hash(tuple(name for name, _ in chunks(path.read_bytes()))),
                "idat": dict(chunks(path.read_bytes()))["IDAT"],
            }
        )
    return pd.DataFrame(rows)


def true_methods(package, kind):
    places = [method for item in read_key(package.key_path).items for method in item.methods]
    files = pd.read_csv(package.folder / "manifest.csv")[kind]
    return pd.Series(places, index=files.to_numpy())


def told_apart(trace, method):
    ranks = trace.rank()
    if np.ptp(ranks) == 0:
        return False
    return kruskal(*(ranks[method == name] for name in np.unique(method))).pvalue < P_TOLD_APART


@pytest.mark.parametrize("kind", ["mask", "overlay"])
def test_nothing_but_the_pixels_tells_a_method(package, kind):
    found, method = traces(package, kind), true_methods(package, kind).to_numpy()
    assert found[["size", "mtime", "mode", "chunks"]].nunique().eq(1).all()
    telling = [
        name for name in found.columns.drop(["file", "idat"]) if told_apart(found[name], method)
    ]
    assert telling == []
    assert told_apart(found["idat"], method)  # compressed pixels do: the attempt is able to


def test_no_token_serves_two_images(package, methods):
    manifest = pd.read_csv(package.folder / "manifest.csv")
    n_panels = 24 * 2 * len(methods)
    tokens = [path.stem for path in package.folder.rglob("*.png")]
    assert len(set(tokens)) == len(tokens) == 24 + 2 * n_panels
    assert set(tokens).isdisjoint(manifest["item"])
    for kind in ("mask", "overlay"):
        assert true_methods(package, kind).groupby(level=0).nunique().eq(1).all()
        assert manifest[kind].nunique() == n_panels


def test_no_file_names_a_method_or_a_galaxy(package, methods, images):
    key = json.loads(package.key_path.read_text())
    words = [word.encode() for word in (*methods, *images, key["secret"])]
    for path in (package.folder, *package.folder.rglob("*")):
        content = os.fsencode(path.relative_to(package.folder.parent))
        content += path.read_bytes() if path.is_file() else b""
        assert not any(word in content for word in words), path
