"""The dependency direction and the cost of an import, so that they cannot drift."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import galseg

PACKAGE = Path(galseg.__file__).parent

# A place may import its own floor's name and everything below it.
FLOORS = [
    {
        "version",
        "errors",
        "extras",
        "features",
        "fits_headers",
        "celestial",
        "frame",
        "header_wcs",
        "limits",
        "options",
        "parsing",
        "prediction",
        "schemas",
    },
    {"geometry"},
    {"imaging"},
    {"annotations"},
    {"consensus", "measure"},
    {"io"},
    {"dataset", "models", "compare", "report"},
    {"train", "predict"},
    {"survey"},
    {"commands"},
    {"cli"},
    {"__init__", "__main__"},  # the public face, and the door
]
FLOOR = {place: height for height, places in enumerate(FLOORS) for place in places}
MAY_USE_TORCH = {"dataset", "models", "train", "predict"}
TORCH = {"torch", "torchvision", "pytorch_lightning", "segmentation_models_pytorch", "timm"}
FILES = sorted(PACKAGE.rglob("*.py"))


def place_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_never_go_up(path):
    place = place_of(path)
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "galseg":
            used = parts[1] if len(parts) > 1 else "__init__"
            may = used == place or FLOOR[used] < FLOOR[place] or FLOOR[used] == 0
            assert may, f"{path} imports {name}"
        if parts[0] in TORCH:
            assert place in MAY_USE_TORCH, f"{path} imports {name}"


@pytest.mark.parametrize(
    "module",
    ["galseg", "galseg.cli", "galseg.consensus", "galseg.measure", "galseg.io", "galseg.compare"],
)
def test_importing_it_does_not_import_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_place_has_a_floor():
    assert {place_of(path) for path in FILES} <= set(FLOOR)


def test_every_public_name_is_there():
    for name in galseg.__all__:
        assert getattr(galseg, name) is not None
