"""Rows to tables: the same bytes however they are asked for, and no row lost."""

import io
import threading
import warnings
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg.errors import (
    ConfigError,
    FormatError,
    MissingDependencyError,
    ModelError,
    OutputError,
)
from galseg.geometry.rle import decode_rle
from galseg.io.images import GalaxyImage
from galseg.measure import measure_catalog
from galseg.predict import Segmenter
from galseg.predict.squares import to_square
from galseg.survey import measuring
from galseg.survey import worker as worker_module
from galseg.survey.fate import TURN
from galseg.survey.recipe import Recipe
from galseg.survey.schema import ARM_SCHEMA, GALAXY_SCHEMA, MASK_SCHEMAS, TIDAL_SCHEMA
from galseg.survey.worker import ShardWorker
from tests.predict.tiny import make_card, make_network
from tests.survey.galaxies import Simulated, image_of

N = 10
BAD = {2: FormatError("/data/images/J2.fits is damaged"), 9: RecursionError("deep")}
FEATURES = ("bar", "spiral_arm", "tidal")
TOLD_OTHERWISE = {"galaxy_id", "ra_deg", "dec_deg", "status"}
TABLES = ("galaxies", "arms", "tidal", "masks")


class Bright(torch.nn.Module):
    """Finds bars where an image is brightest, arms and tidal features around."""

    def __init__(self):
        super().__init__()
        self.blur = torch.nn.Conv2d(1, 3, 5, padding=2)
        torch.nn.init.constant_(self.blur.weight, 2)
        with torch.no_grad():
            self.blur.bias.copy_(torch.tensor([-40.0, -30.0, -30.0]))

    def forward(self, inputs):
        return self.blur(inputs)


def make_segmenter():
    levels, ones = (dict.fromkeys(FEATURES, value) for value in (0.5, 1.0))
    card = make_card(features=FEATURES, thresholds=levels, temperatures=ones)
    return Segmenter(Bright().eval(), card)


@pytest.fixture(scope="module", autouse=True)
def tiny_model():
    """Let every recipe have a model that needs no training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_module, "load_model", lambda *_, **__: make_segmenter())
        yield


def make_worker(source=None, *, network_apart=None, **recipe):
    return ShardWorker(Recipe(**recipe), source or Simulated(N, BAD), network_apart=network_apart)


def parquet(*parts):
    """Bytes of Parquet files of all parts in a row, by name."""
    written = {}
    for name in TABLES:
        buffer = io.BytesIO()
        joined = pa.concat_tables([getattr(part, name) for part in parts])
        pq.write_table(joined.combine_chunks(), buffer)
        written[name] = buffer.getvalue()
    return written


@pytest.fixture(scope="module")
def whole(tiny_model):
    return make_worker().process(range(N))


def test_every_row_is_there_with_its_status():
    tables = make_worker().process(range(N), set_aside={5: "killed the worker that read it"})
    rows = tables.galaxies.to_pylist()
    assert [row["row"] for row in rows] == list(range(N))
    assert [row["galaxy_id"] for row in rows] == [f"J{n}" for n in range(N)]
    told = {row["row"]: (row["status"], row["reason"]) for row in rows if row["status"] != "ok"}
    assert told == {
        2: ("unreadable", "FormatError: images/J2.fits is damaged"),
        5: ("set aside", "killed the worker that read it"),
        9: ("unreadable", "RecursionError: deep"),
    }
    assert tables.failures == {
        "FormatError": 1,
        "RecursionError": 1,
        "killed the worker that read it": 1,
    }


def test_rows_set_aside_are_never_loaded():
    source = Simulated(N, BAD)
    make_worker(source).process(range(N), set_aside={5: "", 2: ""})
    assert source.read == [0, 1, 3, 4, *range(6, N)]


def test_numbers_are_those_of_predict_and_measure(whole):
    good = [row for row in range(N) if row not in BAD]
    segmenter = make_segmenter()
    expected = measure_catalog([segmenter.predict(image_of(row)) for row in good])
    for name in ("galaxies", "arms", "tidal"):
        table = getattr(expected, name)
        found = getattr(whole, name).to_pandas()
        found = found[~found["row"].isin(BAD)]
        assert len(found) == len(table)
        for column in set(table.colnames) & set(found) - TOLD_OTHERWISE:
            np.testing.assert_array_equal(found[column], np.array(table[column]), err_msg=column)


@settings(max_examples=4)
@given(cuts=st.sets(st.integers(1, N - 1)), network_apart=st.booleans())
def test_any_split_gives_the_same_bytes(whole, cuts, network_apart):
    worker = make_worker(network_apart=network_apart)
    ends = [0, *sorted(cuts), N]
    parts = [worker.process(range(*pair)) for pair in pairwise(ends)]
    assert parquet(*parts) == parquet(whole)


def test_the_network_sees_as_many_images_always_a_row_in_its_own_slot(monkeypatch):
    seen = []
    segmenter = make_segmenter()
    answer = segmenter.answer
    monkeypatch.setattr(segmenter, "answer", lambda some, **how: seen.append(some) or answer(some))
    monkeypatch.setattr(worker_module, "load_model", lambda *_, **__: segmenter)
    make_worker(Simulated(N)).process(range(3, 6), set_aside={4: "no"})
    filled = [[square.values.any() for square in slots] for slots in seen]
    assert filled == [[False, False, False, True], [False, True, False, False]]


@pytest.mark.parametrize("n_slots", [1, 4])
def test_a_network_answers_a_slot_without_regard_to_the_others(n_slots):
    segmenter = Segmenter(make_network(), make_card())
    squares = [to_square(image_of(row), segmenter.card) for row in range(n_slots)]
    dark = [square._replace(values=np.zeros_like(square.values)) for square in squares]
    together = list(segmenter.answer(squares))
    for slot in range(n_slots):
        alone = [*dark[:slot], squares[slot], *dark[slot + 1 :]]
        found = list(segmenter.answer(alone))[slot]
        np.testing.assert_array_equal(found.probability, together[slot].probability)


@pytest.mark.parametrize("kind", ["rle", "probability"])
def test_nothing_but_bad_rows_has_the_same_columns(kind):
    source = Simulated(1, {0: ValueError()})
    tables = make_worker(source, masks=kind).process(range(1))
    assert tables.galaxies["reason"].to_pylist() == ["ValueError"]
    for table, schema in (
        (tables.galaxies, GALAXY_SCHEMA),
        (tables.arms, ARM_SCHEMA),
        (tables.tidal, TIDAL_SCHEMA),
        (tables.masks, MASK_SCHEMAS[kind]),
    ):
        assert table.schema.equals(schema, check_metadata=True)
    assert len(tables.arms) == len(tables.tidal) == len(tables.masks) == 0
    empty = make_worker(masks=kind).process(range(0))
    assert empty.galaxies.schema.equals(GALAXY_SCHEMA, check_metadata=True)


def test_masks_are_those_that_were_measured(whole):
    segmenter = make_segmenter()
    for row in whole.masks.to_pylist():
        prediction = segmenter.predict(image_of(row["row"]))
        size = [row["height"], row["width"]]
        mask = decode_rle({"size": size, "counts": row["rle"]})
        np.testing.assert_array_equal(mask, prediction.mask(row["feature"]))
    assert len(whole.masks) == len(FEATURES) * (N - len(BAD))


def test_no_masks_where_none_are_wanted():
    assert make_worker(masks=None).process(range(1)).masks is None


def test_the_place_is_the_sources_or_the_middle_of_the_image():
    source = Simulated(3, {1: ValueError()}, places={0: (10.0, -5.0)})
    rows = make_worker(source).process(range(3)).galaxies.to_pylist()
    assert (rows[0]["ra_deg"], rows[0]["dec_deg"]) == (10, -5)
    assert np.isnan([rows[1]["ra_deg"], rows[1]["dec_deg"]]).all()
    frame = image_of(2).frame
    sky = frame.to_sky([frame.centre_xy])[0]
    assert (rows[2]["ra_deg"], rows[2]["dec_deg"]) == pytest.approx((sky.ra.deg, sky.dec.deg))


def test_an_image_that_the_model_does_not_take_is_a_row(monkeypatch):
    source = Simulated(2)
    bands = GalaxyImage("", np.zeros((2, 8, 8), np.float32), image_of(0).frame.__class__((8, 8)))
    monkeypatch.setattr(source, "_loader", lambda _: lambda: bands)
    rows = make_worker(source).process(range(2)).galaxies.to_pylist()
    assert {row["status"] for row in rows} == {"unreadable"}
    assert rows[0]["reason"].startswith("ShapeError: the model takes 1 band(s)")


def test_a_galaxy_that_cannot_be_measured_is_partial_and_keeps_its_masks(monkeypatch):
    def fail(maps, **_):
        raise TypeError("unexpected")

    monkeypatch.setattr(measuring, "measure_galaxy", fail)
    tables = make_worker(Simulated(1)).process(range(1))
    (row,) = tables.galaxies.to_pylist()
    assert (row["status"], row["reason"]) == ("partial", "TypeError: unexpected")
    assert np.isnan(row["n_arms"])
    assert [part["reason"] for part in tables.arms.to_pylist()] == ["TypeError: unexpected"]
    assert len(tables.masks) == len(FEATURES)
    assert not tables.failures


def test_maps_that_do_not_fit_their_image_are_a_row(monkeypatch):
    def fail(*_):
        raise ValueError("no place")

    monkeypatch.setattr(Segmenter, "place", fail)
    tables = make_worker(Simulated(1)).process(range(1))
    (row,) = tables.galaxies.to_pylist()
    assert (row["status"], row["reason"]) == ("unreadable", "ValueError: no place")
    assert tables.failures == {"ValueError": 1}


def test_light_is_measured_only_where_it_is_asked_for():
    dark, light = (
        make_worker(Simulated(4), light=asked).process(range(4)).galaxies.to_pandas()
        for asked in (False, True)
    )
    assert dark["light_share_arms"].isna().all()
    assert light["light_share_arms"].notna().any()


STOPPING = (
    MemoryError("no more"),
    OutputError("the disk is full"),
    MissingDependencyError("photutils"),
    KeyboardInterrupt(),
)


@pytest.mark.parametrize("network_apart", [False, True])
@pytest.mark.parametrize("error", STOPPING, ids=lambda error: type(error).__name__)
def test_what_is_no_fault_of_the_row_comes_out_and_stops_every_thread(error, network_apart):
    before = threading.active_count()
    with pytest.raises(type(error)):
        make_worker(Simulated(N, {4: error}), network_apart=network_apart).process(range(N))
    assert threading.active_count() == before


@pytest.mark.parametrize("network_apart", [False, True])
def test_an_interrupt_while_measuring_stops_every_thread(monkeypatch, network_apart):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "measure_galaxy", interrupt)
    source = Simulated(200)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        make_worker(source, network_apart=network_apart).process(range(200))
    assert threading.active_count() == before
    assert len(source.read) < 20


def test_a_network_that_fails_stops_the_run(monkeypatch):
    segmenter = make_segmenter()
    torch.nn.init.constant_(segmenter.members[0].runtime.network.blur.weight, np.nan)
    monkeypatch.setattr(worker_module, "load_model", lambda *_, **__: segmenter)
    with pytest.raises(ModelError, match="NaN or infinity"):
        make_worker().process(range(N))


def test_threads_take_turns_at_the_warnings_filters(monkeypatch):
    """They are the process's, so two threads that set them would undo each other's."""
    had_turn = []
    enter = warnings.catch_warnings.__enter__

    def noted(self):
        had_turn.append((threading.current_thread().name, TURN.locked()))
        return enter(self)

    image_of.cache_clear()
    monkeypatch.setattr(warnings.catch_warnings, "__enter__", noted)
    make_worker(Simulated(3), network_apart=True, light=True).process(range(3))
    assert len({name for name, _ in had_turn}) == 2
    assert all(locked for _, locked in had_turn)


def test_the_number_of_threads_of_the_process_is_left_as_it_was():
    torch.set_num_threads(2)
    make_worker().process(range(1))
    assert torch.get_num_threads() == 2


def test_bad_options_are_refused_at_the_start():
    with pytest.raises(ConfigError, match="n_samples"):
        make_worker(n_samples=0)
