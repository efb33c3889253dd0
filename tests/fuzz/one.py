"""Runs one target under libFuzzer: ``python -m tests.fuzz.one TARGET SEEDS [options]``."""

import logging
import sys
from functools import partial

import atheris

with atheris.instrument_imports(include=["galseg.annotations", "galseg.io", "galseg.geometry"]):
    from tests.fuzz.targets import run


def _take(name: str, content: bytes) -> None:
    run(name, content)


def main() -> None:
    name, *rest = sys.argv[1:]
    logging.getLogger("galseg").setLevel(logging.ERROR)
    atheris.Setup([sys.argv[0], *rest], partial(_take, name))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
