"""Runs every target for some seconds: ``python -m tests.fuzz --seconds 60 [--targets coco ...]``.

Needs atheris. It starts from the kept corpus; a file that crashes a target, takes it over ten
seconds or over 2 GB is kept under ``regressions/``, and the exit code is 1.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.corpus import REGRESSIONS, keep, kept
from tests.fuzz.targets import READERS

SECONDS_A_FILE = 10
MEGABYTES = 2048
LONGEST = 40_000  # bytes


def fuzz(name: str, *, seconds: int) -> list[Path]:
    """Run a target in a process of its own; return what was kept of its crashes."""
    with tempfile.TemporaryDirectory(prefix="galseg-fuzz-") as folder:
        seeds, crashes = Path(folder, "seeds"), Path(folder, "crashes")
        seeds.mkdir()
        crashes.mkdir()
        for number, (_, content) in enumerate(kept(name)):
            (seeds / str(number)).write_bytes(content)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.one", name, str(seeds)),
                f"-max_total_time={seconds}",
                f"-timeout={SECONDS_A_FILE}",
                f"-rss_limit_mb={MEGABYTES}",
                f"-max_len={LONGEST}",
                f"-artifact_prefix={crashes}/",
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        found = [REGRESSIONS / name / f"{path.name[:24]}.gz" for path in crashes.iterdir()]
        for path, crash in zip(found, crashes.iterdir(), strict=True):
            keep(path, crash.read_bytes())
        if done.returncode:
            print(done.stdout[-3000:], done.stderr[-3000:], sep="\n")
            return found or [Path(name)]
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--targets", nargs="+", choices=READERS, default=list(READERS))
    options = parser.parse_args()
    found = []
    for name in options.targets:
        crashes = fuzz(name, seconds=options.seconds)
        print(f"{name}: {len(crashes)} crashes", *crashes, flush=True)
        found += crashes
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
