"""The files of a comparison: the package and the subject set, and apart from them the key."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from galseg.compare.key import write_key
from galseg.compare.page import rater_page, rater_readme
from galseg.compare.panels import PANEL_KINDS, Panels
from galseg.compare.png import write_padded
from galseg.compare.records import ComparisonPackage, Item, Key
from galseg.compare.zooniverse import write_subject_set
from galseg.io.atomic import write_folder, write_whole
from galseg.io.provenance import hash_of

__all__ = ["write_package"]

_EPOCH = 946684800  # 2000-01-01, the time of every file: when it was made tells nothing


def write_package(package: ComparisonPackage, key: Key, panels: Panels) -> None:
    """Write everything under temporary names, and give them their own when all are whole.

    The package appears last, so that where there is one there is its key.

    Parameters
    ----------
    package : ComparisonPackage
        Where it goes.
    key : Key
    panels : Panels
        With all pictures drawn.

    Raises
    ------
    ConfigError
        If a picture is too large for Zooniverse.
    OutputError
        If something exists already, or cannot be written.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(write_folder(package.folder))
        if package.zooniverse_folder is not None:
            subjects = stack.enter_context(write_folder(package.zooniverse_folder))
        report = stack.enter_context(write_whole(package.report_path, overwrite=False))
        package.missing.to_csv(report, index=False)
        if len(package.strata):
            strata = stack.enter_context(write_whole(package.strata_path, overwrite=False))
            package.strata.to_csv(strata, index=False)
        new_key = stack.enter_context(write_whole(package.key_path, overwrite=False))
        write_key(new_key, key)
        key_sha256 = hash_of(new_key)
        for kind in PANEL_KINDS:
            write_padded(panels.folder / kind, folder / kind)
        _write_texts(folder, key, panels, key_sha256)
        _hide_times(folder)
        if package.zooniverse_folder is not None:
            write_subject_set(subjects, key, panels, key_sha256=key_sha256)
            _hide_times(subjects)


def _hide_times(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (_EPOCH, _EPOCH))


def _manifest(items: Iterable[Item], panels: Panels) -> pd.DataFrame:
    """One row an item and place, free of methods and galaxies."""
    rows = []
    numbers: Counter[str] = Counter()
    for item in items:
        numbers[item.rater] += 1
        files = panels.files(item)
        for place, (mask, overlay) in enumerate(files.places, start=1):
            rows.append(
                {
                    "rater": item.rater,
                    "number": numbers[item.rater],
                    "item": item.token,
                    "feature": item.feature,
                    "place": place,
                    "image": files.image,
                    "mask": mask,
                    "overlay": overlay,
                }
            )
    return pd.DataFrame(rows)


def _write_texts(folder: Path, key: Key, panels: Panels, key_sha256: str) -> None:
    manifest = _manifest(key.items, panels)
    manifest.to_csv(folder / "manifest.csv", index=False)
    names = {"package": key.package_id, "key_sha256": key_sha256}
    page = rater_page(
        manifest, package_id=key.package_id, key_sha256=key_sha256, questions=key.questions
    )
    readme = rater_readme(key_sha256=key_sha256, questions=key.questions)
    texts = {
        "package.json": json.dumps(names, indent=1),
        "index.html": page,
        "README.txt": readme,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
