"""Time and memory to build a blinded comparison of 500 galaxies and 3 methods.

Images of 256 x 256 pixels of noise, the hardest to compress, with a bar and two spiral arms; one
method's masks are predictions in FITS, the second's PNG, the third's COCO. Two raters, a tenth of
the items repeated. Each build runs in a process of its own, so that its memory is its own; CPU
time is of all threads, and tells what a busy machine hides.

    python benchmarks/bench_compare.py
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from astropy.io import fits
from numpy.typing import NDArray

from galseg.compare import build_comparison
from galseg.frame import ImageFrame
from galseg.geometry.rle import encode_rle
from galseg.io.predictions import write_prediction
from galseg.prediction import Prediction

SIDE = 256
FEATURES = ("bar", "spiral_arm")
N_GALAXIES = (50, 500)
CASES = ((FEATURES[1:], False), (FEATURES, False), (FEATURES[1:], True))
MOST_SECONDS = 60
METHODS = ("predictions", "pictures", "outlines")


def masks_of(number: int, method: int) -> dict[str, NDArray[np.bool_]]:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    radius, angle = np.hypot(x, y), np.arctan2(y, x) + number
    turn = np.cos(2 * (angle - np.log(np.maximum(radius, 1)) / np.tan(np.radians(20))))
    in_disc = (radius > SIDE / 10) & (radius < SIDE / 2.5)
    return {
        "bar": abs(x) + 4 * abs(y) < SIDE / (8 + method),
        "spiral_arm": in_disc & (turn > 0.7 + 0.05 * method),
    }


def write_inputs(folder: Path, n_galaxies: int) -> None:
    rng = np.random.default_rng(0)
    for name in ("images", *METHODS):
        (folder / name).mkdir()
    coco = {
        "images": [],
        "annotations": [],
        "categories": [{"id": 1 + i, "name": name} for i, name in enumerate(FEATURES)],
    }
    for number in range(n_galaxies):
        galaxy = f"J{number:04d}"
        pixels = rng.normal(size=(SIDE, SIDE)).astype(np.float32)
        fits.writeto(folder / "images" / f"{galaxy}.fits", pixels)
        for method, name in enumerate(METHODS):
            masks = masks_of(number, method)
            if name == "predictions":
                maps = np.stack([masks[feature] for feature in FEATURES]).astype(np.float32)
                prediction = Prediction(galaxy, FEATURES, maps, ImageFrame((SIDE, SIDE)))
                write_prediction(folder / name / f"{galaxy}.fits", prediction)
            elif name == "pictures":
                for feature, mask in masks.items():
                    path = folder / name / f"{galaxy}_{feature}.png"
                    cv2.imwrite(str(path), np.uint8(255) * mask[::-1])
            else:
                add_to_coco(coco, galaxy, number, masks)
    (folder / "outlines" / "masks.json").write_text(json.dumps(coco))


def add_to_coco(
    coco: dict[str, list[dict[str, object]]],
    galaxy: str,
    number: int,
    masks: dict[str, NDArray[np.bool_]],
) -> None:
    coco["images"].append(
        {"id": number, "file_name": f"{galaxy}.fits", "height": SIDE, "width": SIDE}
    )
    for category, mask in enumerate(masks.values(), start=1):
        coco["annotations"].append(
            {
                "id": len(coco["annotations"]),
                "image_id": number,
                "category_id": category,
                "segmentation": encode_rle(mask),
            }
        )


def build(folder: Path, features: list[str], zooniverse: bool) -> dict[str, float]:
    start, began = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as output:
        package = build_comparison(
            folder / "images",
            {name: folder / name for name in METHODS},
            Path(output) / "package",
            features=features,
            raters=2,
            repeats=0.1,
            seed=1,
            zooniverse=zooniverse,
        )
        wall, cpu = time.perf_counter() - start, time.process_time() - began
        size = sum(path.stat().st_size for path in package.folder.rglob("*.png"))
    return {
        "galaxies": len(package.galaxy_ids),
        "items": package.n_items,
        "wall, s": round(wall, 1),
        "CPU, s": round(cpu, 1),
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "package, MB": round(size / 1e6),
    }


def measure(folder: Path, features: list[str], *, zooniverse: bool) -> dict[str, float]:
    words = [sys.executable, __file__, str(folder), json.dumps(features), json.dumps(zooniverse)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def table() -> pd.DataFrame:
    rows = []
    for n_galaxies in N_GALAXIES:
        with tempfile.TemporaryDirectory() as folder:
            write_inputs(Path(folder), n_galaxies)
            for features, zooniverse in CASES:
                what = {"features": len(features), "Zooniverse too": "yes" if zooniverse else "no"}
                rows.append(what | measure(Path(folder), list(features), zooniverse=zooniverse))
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    rows = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def test_500_galaxies_and_3_methods_are_built_in_a_minute(tmp_path: Path) -> None:
    write_inputs(tmp_path, 500)
    assert measure(tmp_path, ["spiral_arm"], zooniverse=False)["wall, s"] < MOST_SECONDS


if __name__ == "__main__":
    if len(sys.argv) > 1:
        json.dump(build(Path(sys.argv[1]), *map(json.loads, sys.argv[2:])), sys.stdout)
    else:
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}", end="\n\n")
        print(markdown(table()))
