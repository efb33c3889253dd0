"""The same network in every runtime, in memory and from exported folders."""

import pickle
import sys

import numpy as np
import pytest

from galseg.dataset import simulate_galaxy
from galseg.errors import (
    ConfigError,
    MissingDependencyError,
    MissingInputError,
    ModelError,
    OutputError,
)
from galseg.models import read_card, save_model
from galseg.predict import Segmenter, export_model, load_model
from galseg.predict.runtimes import GRAPH_RUNTIMES
from tests.predict.tiny import make_card, make_network

PACKAGES = {"onnx": ("onnx", "onnxscript", "onnxruntime"), "openvino": ("openvino",)}
IMAGES = [simulate_galaxy(n, shape=(60, 64 + n)).image for n in range(3)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return the path of a model as training writes it."""
    stem = tmp_path_factory.mktemp("run") / "model"
    save_model(stem, make_network(), make_card())
    return stem


@pytest.fixture(scope="module", params=list(GRAPH_RUNTIMES))
def exported(request, plain, tmp_path_factory):
    """Return a runtime, and the folder of a model that was exported for it."""
    for package in PACKAGES[request.param]:
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("export") / request.param
    export_model(plain, folder, runtime=request.param)
    return request.param, folder


@pytest.fixture
def copied(exported, tmp_path):
    """Return the same in a folder that may be damaged."""
    runtime, folder = exported
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return runtime, tmp_path


def test_an_export_gives_the_same_probabilities(exported, plain):
    runtime, folder = exported
    expected = load_model(plain, device="cpu").predict(IMAGES)
    found = load_model(folder, runtime=runtime).predict(IMAGES)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.probability, other.probability, atol=1e-4)
        assert one.source == other.source


@pytest.mark.slow
def test_a_network_is_exported_in_memory(exported):
    runtime, _ = exported
    network, card = make_network(), make_card()
    expected = Segmenter(network, card).predict(IMAGES[0], orientations=8)
    found = Segmenter(network, card, runtime=runtime).predict(IMAGES[0], orientations=8)
    np.testing.assert_allclose(found.probability, expected.probability, atol=1e-4)


def test_exported_models_repeat_whatever_is_beside_them(exported):
    runtime, folder = exported
    segmenter = load_model(folder, runtime=runtime)
    first, second = segmenter.predict(IMAGES), segmenter.predict(IMAGES)
    alone = segmenter.predict(IMAGES[2])
    np.testing.assert_array_equal(first[2].probability, second[2].probability)
    np.testing.assert_allclose(alone.probability, first[2].probability, atol=1e-5)


def test_a_segmenter_can_be_pickled(exported):
    runtime, folder = exported
    segmenter = load_model(folder, runtime=runtime)
    again = pickle.loads(pickle.dumps(segmenter))
    expected = segmenter.predict(IMAGES[0]).probability
    np.testing.assert_array_equal(again.predict(IMAGES[0]).probability, expected)


def test_a_graph_has_no_draws(exported):
    runtime, folder = exported
    with pytest.raises(ConfigError, match="use runtime='torch'"):
        load_model(folder, runtime=runtime).predict(IMAGES[0], n_samples=2)


def test_a_folder_names_the_runtime_it_is_for(exported):
    runtime, folder = exported
    for other in {"torch", "onnx", "openvino"} - {runtime}:
        with pytest.raises(ModelError, match=f"with runtime='{runtime}'"):
            load_model(folder, runtime=other)


def test_a_graph_cut_short_is_refused(copied):
    runtime, folder = copied
    for name in read_card(folder / "card.json").graph:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(ModelError, match=f"{name} is not the file"):
            load_model(folder, runtime=runtime)
        (folder / name).write_bytes(content)


def test_a_graph_that_is_none_is_refused(exported):
    runtime, _ = exported
    graph = GRAPH_RUNTIMES[runtime]
    with pytest.raises(ModelError, match="damaged"):
        graph(dict.fromkeys(graph.files, b"no graph"))


def test_a_missing_graph_is_named(copied):
    runtime, folder = copied
    name = next(iter(read_card(folder / "card.json").graph))
    (folder / name).unlink()
    with pytest.raises(MissingInputError, match=name):
        load_model(folder, runtime=runtime)


def test_a_card_without_a_graph_is_refused(copied):
    runtime, folder = copied
    (folder / "card.json").write_text(make_card().to_json())
    with pytest.raises(ModelError, match="names no graph"):
        load_model(folder, runtime=runtime)


def test_an_export_does_not_overwrite(exported, plain):
    runtime, folder = exported
    with pytest.raises(OutputError, match="not an empty folder"):
        export_model(plain, folder, runtime=runtime)


def test_torch_is_no_graph(plain, tmp_path):
    with pytest.raises(ConfigError, match="onnx or openvino"):
        export_model(plain, tmp_path / "out", runtime="torch")
    assert list(tmp_path.iterdir()) == []


def test_unknown_runtimes_and_devices_are_refused():
    with pytest.raises(ConfigError, match="did you mean 'onnx'"):
        load_model(runtime="onxx")
    with pytest.raises(ConfigError, match="not on 'cuda'"):
        load_model(runtime="onnx", device="cuda")


@pytest.mark.parametrize(("runtime", "package"), [("onnx", "onnx"), ("openvino", "openvino")])
def test_a_missing_package_says_how_to_install_it(runtime, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=rf"galseg\[{runtime}\]"):
        Segmenter(make_network(), make_card(), runtime=runtime)
