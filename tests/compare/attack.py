"""An attacker who knows half of the key and everything of a package but the pixels."""

import os

import numpy as np
import pandas as pd
from scipy.stats import binom

N_BINS = 8


def chunks(data):
    """Names and lengths of the chunks of a PNG file."""
    place = 8
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8].decode("latin"), length
        place += 12 + length


def disk_traces(path, listing):
    """What the disk says of a file."""
    stat = path.stat()
    digits = {f"digit {n}": int(digit, 16) for n, digit in enumerate(path.stem)}
    return {
        "size": stat.st_size,
        "mtime": stat.st_mtime_ns,
        "mode": stat.st_mode,
        "inode": stat.st_ino,
        "made": stat.st_ctime_ns,
        "listed": listing[path.name],
        "token": int(path.stem[:12], 16),
        **digits,
    }


def page_traces(folder, kind):
    """All that the disk, the manifest and the page say of the files of one kind, a row a showing.

    ``compressed``, the bytes of the pixels, is there for the control alone.
    """
    listing = {entry.name: n for n, entry in enumerate(os.scandir(folder / f"{kind}s"))}
    page = (folder / "index.html").read_text()
    manifest = pd.read_csv(folder / "manifest.csv", dtype={"item": str})
    rows = []
    for row, shown in manifest.iterrows():
        path = folder / shown[kind]
        found = dict(chunks(path.read_bytes()))
        rows.append(
            {
                "item": shown["item"],
                "file": shown[kind],
                "row": row,
                "number": shown["number"],
                "place": shown["place"],
                "on page": page.index(path.name),
                "mentions": page.count(path.name),
                "chunks": hash(tuple(found)),
                "compressed": found["IDAT"],
                **disk_traces(path, listing),
            }
        )
    return pd.DataFrame(rows)


def with_ranks(found):
    """Beside every trace, its rank among the places of the item: only the order may tell."""
    traces = found.select_dtypes("number")
    ranks = traces.groupby(found["item"]).rank().add_suffix(" in its item")
    return pd.concat([traces, ranks], axis=1)


def guess(traces, label, known):
    """Guess the labels that are not known by naive Bayes on traces cut at quantiles.

    It finds whatever a trace by itself says of a label, be it linear or not, and adds it up.
    """
    classes = np.unique(label)
    score = np.zeros((len(traces), len(classes)))
    for name in traces:
        values = traces[name].to_numpy(dtype=float)
        edges = np.unique(np.quantile(values[known], np.linspace(0, 1, N_BINS + 1)[1:-1]))
        bins = np.searchsorted(edges, values, side="left")
        counts = np.ones((len(edges) + 1, len(classes)))
        np.add.at(counts, (bins[known], np.searchsorted(classes, label[known])), 1)
        score += np.log(counts / counts.sum(axis=0))[bins]
    return classes[score.argmax(axis=1)]


def p_of_guesses(traces, label, group, *, seed=0):
    """Chance of guessing as many labels right, or more, by luck.

    Half of the groups are known, so that no file is known that is guessed.
    """
    names = np.unique(group)
    half = np.random.default_rng(seed).permutation(names)[: len(names) // 2]
    known = np.isin(group, half)
    right = (guess(traces, label, known) == label)[~known]
    return binom.sf(right.sum() - 1, len(right), 1 / len(np.unique(label)))
