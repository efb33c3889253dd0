"""A galaxy that occurs twice is found, whatever the hashes say."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.errors import FormatError
from galseg.survey.sources.identifiers import check_identifiers, hashes_of

NAMES = st.lists(st.lists(st.text("ab", max_size=4), max_size=8), max_size=4)


def problem(batches, hashes):
    try:
        check_identifiers(hashes, lambda: batches, place="row {}".format)
    except FormatError as error:
        return str(error)
    return ""


@given(NAMES)
def test_it_agrees_with_counting(batches):
    rows = [name for batch in batches for name in batch]
    found = problem(batches, map(hashes_of, batches))
    if "" in rows:
        assert f"row {rows.index('')} has no identifier" in found or "are both" in found
    else:
        assert ("are both" in found) == any(n > 1 for n in Counter(rows).values())


@pytest.mark.parametrize("batches", [[["a", "b"], ["c"]], [["a", "b"], ["a"]]])
def test_hashes_that_agree_by_chance_are_told_apart(batches):
    alike = [np.zeros(len(batch), np.uint64) for batch in batches]
    assert bool(problem(batches, alike)) == (batches[0][0] == batches[1][0])
