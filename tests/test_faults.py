"""The table of faults names tests that are there."""

import ast
import re

import pytest

from tests.conftest import ROOT

ROWS = [
    line.strip("| ").split(" | ")
    for line in (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
    if "::" in line
]


def names_in(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name for node in tree.body if isinstance(node, kinds)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_every_fault_has_its_test(row):
    fault, happens, tests = row
    assert fault
    assert happens
    named = re.findall(r"`(tests/\S+\.py)::(\w+)`", tests)
    assert named
    for path, name in named:
        assert name in names_in(ROOT / path), f"{path} has no {name}"
