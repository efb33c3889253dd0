"""One card of a FITS file, or one entry of a JSON or CSV file, replaced: read, or refused."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.annotations.test_damaged_json import junk, places
from tests.fuzz.kept import kept
from tests.fuzz.targets import run

CARD = 80
FITS = ("image", "gz3d_fits", "prediction", "consensus")
JSON = ("card", "coco_masks", "rle")

values = st.one_of(
    st.sampled_from(["T", "F", "''", "'X'", "1D400", "NAN", "(1, 2)", "", "'1'", "1E3"]),
    st.integers(-3, 12).map(str),
    st.sampled_from([2**31, 2**63, 10**30, -(2**31)]).map(str),
)


@pytest.mark.parametrize("name", FITS)
@settings(suppress_health_check=list(HealthCheck), max_examples=40)
@given(data=st.data())
def test_any_changed_card_ends_well(name, data):
    contents = dict(kept(name))
    content = contents[data.draw(st.sampled_from(sorted(contents)))]
    places_of_cards = [
        start
        for start in range(0, len(content) - CARD, CARD)
        if content[start + 8 : start + 10] == b"= " and content[start : start + 8].isascii()
    ]
    if not places_of_cards:  # gzipped
        return
    start = data.draw(st.sampled_from(places_of_cards))
    value = data.draw(values).rjust(20).ljust(CARD - 10).encode()
    run(name, content[: start + 10] + value + content[start + CARD :])


@pytest.mark.parametrize("name", JSON)
@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(data=st.data())
def test_any_changed_entry_ends_well(name, data):
    content = json.loads(next(content for case, content in kept(name) if "plain" in case))
    container, key = data.draw(st.sampled_from(list(places(content))))
    container[key] = data.draw(junk)
    run(name, json.dumps(content).encode())


@pytest.mark.parametrize("name", ["zooniverse", "suggest", "mapping", "schema"])
@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(data=st.data())
def test_any_changed_text_ends_well(name, data):
    text = next(content for case, content in kept(name) if "plain" in case).decode()
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 12))
    new = data.draw(st.sampled_from(["", "null", "[]", "{}", '""', "-1", "1e999", "\n", "\0", "ü"]))
    run(name, (text[:start] + new + text[start + length :]).encode())
