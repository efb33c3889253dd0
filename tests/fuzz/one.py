"""One target under libFuzzer. Importing this imports galseg, instrumented."""

import importlib.util
import io
import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import NoReturn

import atheris

from tests.fuzz.kept import kept

UNREAD = ("measure",)
"""Packages that come with galseg and no reader runs: a third of what there is to instrument."""


def _unread() -> list[str]:
    """List the modules of ``UNREAD``; atheris leaves out modules, not packages."""
    (root,) = importlib.util.find_spec("galseg").submodule_search_locations
    paths = (path for package in UNREAD for path in Path(root, package).rglob("*.py"))
    names = (".".join(path.relative_to(root).with_suffix("").parts) for path in paths)
    return [f"galseg.{name.removesuffix('.__init__')}" for name in names]


@contextmanager
def _instrumented() -> Iterator[None]:
    quiet = redirect_stderr(io.StringIO())  # it prints a line a module
    with quiet, atheris.instrument_imports(include=["galseg"], exclude=_unread()):
        yield


with _instrumented():
    from tests.fuzz.targets import READERS, run

__all__ = ["READERS", "fuzz_one", "load"]


def load(name: str) -> None:
    """Import, instrumented, what a target imports only as it runs: for models that is torch."""
    with _instrumented(), suppress(Exception):  # libFuzzer reads these files again, and tells
        for case, content in kept(name):
            if case.startswith("corpus/"):
                run(name, content)


def fuzz_one(name: str, folder: Path, limits: dict[str, int]) -> NoReturn:
    """Fuzz a target from its kept files, then leave the process as libFuzzer does."""
    logging.getLogger("galseg").setLevel(logging.ERROR)

    def take(content: bytes) -> None:
        try:
            run(name, content, folder=folder / "files")
        except BaseException:
            traceback.print_exc()
            os.abort()  # libFuzzer keeps the file; for an exception it would only as Python exits

    for number, (_, content) in enumerate(kept(name)):
        (folder / "seeds" / str(number)).write_bytes(content)
    options = [f"-{option}={value}" for option, value in limits.items()]
    arguments = ["galseg", str(folder / "seeds"), f"-artifact_prefix={folder / 'crashes'}/"]
    atheris.Setup([*arguments, *options], take)
    atheris.Fuzz()
    raise AssertionError("libFuzzer came back")
