"""Runs every target for some seconds: ``python -m tests.fuzz --seconds 60 [--targets coco ...]``.

Needs atheris. Each target starts from its kept files and is told which lines of galseg it reaches;
a file that crashes it, takes it over ten seconds or over 2 GB is kept under ``regressions/`` and
printed, and the exit code is 1.

Importing and instrumenting galseg takes longer than a short run. It is done once, and each target
is a fork of that process, as many at a time as there are cores.
"""

import argparse
import base64
import importlib.util
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.kept import REGRESSIONS, keep

SECONDS_A_FILE = 10
MEGABYTES = 2048
LONGEST = 100_000  # bytes; the longest file of the corpus has 63,360
MEMORY = Path("/dev/shm")  # files in memory: three to five times the runs of files on a disk


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--targets", nargs="+", metavar="NAME", help="all if left out")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    options = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        return without_atheris()
    from tests.fuzz.one import READERS  # only now: to import it instruments galseg

    if unknown := set(options.targets or ()) - set(READERS):
        parser.error(f"no targets: {sorted(unknown)}; there are {', '.join(READERS)}")
    names = list(dict.fromkeys(options.targets or READERS))
    failed = fuzz(names, seconds=options.seconds, jobs=options.jobs)
    print(f"{len(names)} targets fuzzed, {len(failed)} failed:", *failed or ["none"])
    return 1 if failed else 0


def without_atheris() -> int:
    """Say that nothing was fuzzed, which is a failure only where atheris can be installed."""
    print(
        "Nothing was fuzzed: atheris is not installed, and has wheels for Linux on x86-64 only.\n"
        "The kept files are read in the tests all the same, by tests/fuzz/test_fuzz.py.",
        file=sys.stderr,
    )
    return 1 if (platform.system(), platform.machine()) == ("Linux", "x86_64") else 0


def fuzz(names: list[str], *, seconds: int, jobs: int) -> list[str]:
    """Run targets in a process each, some at a time; return those that failed."""
    waiting, running, failed = list(names), {}, []
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="galseg-fuzz-", dir=where) as scratch:
        while waiting or running:
            while waiting and len(running) < jobs:
                name = waiting.pop(0)
                folder = Path(scratch, name)
                process = _fork(name, folder, seconds=seconds)
                running[process] = name, folder, time.monotonic()
            process, status = os.wait()
            name, folder, start = running.pop(process)
            if not report(name, folder, status=status, took=time.monotonic() - start):
                failed.append(name)
    return failed


def _fork(name: str, folder: Path, *, seconds: int) -> int:
    from tests.fuzz.one import fuzz_one, load

    load(name)  # here, so that the next targets have it too
    for part in ("seeds", "crashes", "files"):
        (folder / part).mkdir(parents=True)
    sys.stdout.flush()
    if process := os.fork():
        return process
    try:
        with Path(folder, "log").open("wb") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        limits = {
            "max_total_time": max(seconds - 1, 1),  # libFuzzer ends in the second after
            "timeout": SECONDS_A_FILE,
            "rss_limit_mb": MEGABYTES,
            "max_len": LONGEST,
        }
        fuzz_one(name, folder, limits)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(1)  # libFuzzer leaves by itself, so this is an error before it began


def report(name: str, folder: Path, *, status: int, took: float) -> bool:
    """Print what became of a target and keep what crashed it; whether all was well."""
    log = (folder / "log").read_text(errors="replace")
    runs, reached = (re.findall(pattern, log) for pattern in (r"Done (\d+) runs", r"cov: (\d+)"))
    crashes = sorted((folder / "crashes").iterdir())
    well = status == 0 and bool(runs) and not crashes
    print(
        f"{name}: {runs[-1] if runs else 'unfinished'} runs in {took:.1f} s,",
        f"{reached[-1] if reached else 0} places reached: {'well' if well else 'FAILED'}",
        flush=True,
    )
    if not well:
        print(log[-4000:])
    for crash in crashes:
        _keep_and_print(REGRESSIONS / name / f"{crash.name[:24]}.gz", crash.read_bytes())
    return well


def _keep_and_print(path: Path, content: bytes) -> None:
    """Keep a crash, and print it for whoever sees no more of this machine than its log."""
    keep(path, content)
    place = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    print(
        f"It is kept as {place}: commit it with the fix, under a name that says what it is.",
        "tests/fuzz/test_fuzz.py reads it from then on. On another machine, make it with",
        f"mkdir -p {place.parent} && base64 -d > {place} <<.",
        base64.encodebytes(path.read_bytes()).decode() + ".",
        sep="\n",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
