"""Somebody tries to tell the methods apart from everything but the pixels."""

import json
import os

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kruskal

from galseg.compare import Practice, build_comparison, key, panels
from galseg.compare.key import read_key
from tests.compare.attack import disk_traces, p_of_guesses, page_traces, with_ranks
from tests.compare.conftest import GALAXIES, METHODS

P_TOLD_APART = 1e-6
FEATURES = ("bar", "spiral_arm")
REMARKS = dict(zip(METHODS, (b"tEXt", b"zTXt", b"iTXt"), strict=True))
LABELS = {method: f"{number}" for number, method in enumerate(METHODS)}


@pytest.fixture(scope="session")
def build(images, methods, tmp_path_factory):
    """Build a package with all that one can hold."""
    shown = GALAXIES[:3]
    practice = Practice(
        {name: images[name] for name in shown},
        {method: {name: of[name] for name in shown} for method, of in methods.items()},
        {(name, "bar"): ("galmodel",) for name in shown},
    )
    options = {"repeats": 0.25, "practice": practice, "panel_size": 64, "features": FEATURES}

    def built(seed, **more):
        output = tmp_path_factory.mktemp("blind") / "package"
        raters = ["Ann", "Bo"]
        return build_comparison(
            images, methods, output, raters=raters, seed=seed, **{**options, **more}
        )

    return built


@pytest.fixture(scope="session")
def full(build):
    return build(2024, zooniverse=True)


def told(package, kind):
    """Traces of every showing of a file of one kind, without those of the pixels; and the truth."""
    items = {item.token: item for item in read_key(package.key_path).items}
    found = page_traces(package.folder, kind)
    rows = zip(found["item"], found["place"], strict=True)
    method = np.array([items[item].methods[place - 1] for item, place in rows])
    galaxy = np.array([items[item].galaxy_id for item in found["item"]])
    return found, method, galaxy


def p_of_attack(package, kind):
    found, method, galaxy = told(package, kind)
    return p_of_guesses(with_ranks(found.drop(columns="compressed")), method, galaxy)


def p_of_trace(values, method):
    """Chance that the values of a trace differ as much between methods by luck."""
    if np.ptp(values) == 0:
        return 1.0
    return kruskal(*(values[method == name] for name in np.unique(method))).pvalue


@pytest.mark.parametrize("kind", ["mask", "overlay"])
def test_nothing_but_the_pixels_tells_a_method(full, kind):
    found, method, _ = told(full, kind)
    assert found[["size", "mtime", "mode", "chunks"]].nunique().eq(1).all()
    assert p_of_attack(full, kind) > P_TOLD_APART
    traces = with_ranks(found.drop_duplicates("file"))
    first = method[traces.index]
    assert p_of_trace(traces.pop("compressed"), first) < P_TOLD_APART  # the pixels do
    traces = traces.drop(columns="compressed in its item")
    telling = [name for name in traces if p_of_trace(traces[name], first) < P_TOLD_APART]
    assert telling == []


def leak_by_name(monkeypatch):
    def told_token(secret, *names):
        return LABELS.get(names[-1], "") + key.secret_token(secret, *names)[1:]

    monkeypatch.setattr(panels, "secret_token", told_token)


def leak_by_size(monkeypatch):
    monkeypatch.setattr("galseg.compare.png.pad_png", lambda data, size: data)


def leak_by_place(monkeypatch):
    def in_order(n_items, n_methods, *, n_raters, rng):
        return np.tile(np.arange(n_methods), (n_raters, n_items, 1))

    monkeypatch.setattr("galseg.compare.design.balanced_places", in_order)


def leak_by_time(package):
    for name, method in files_of(package).items():
        os.utime(package.folder / name, (0, int(LABELS[method])))


def leak_by_remark(package):
    for name, method in files_of(package).items():
        path = package.folder / name
        path.write_bytes(path.read_bytes().replace(b"paDd", REMARKS[method]))


def files_of(package):
    found, method, _ = told(package, "mask")
    return dict(zip(found["file"], method, strict=True))


@pytest.mark.parametrize("leak", [leak_by_name, leak_by_size, leak_by_place])
def test_the_attack_finds_what_a_careless_build_tells(build, monkeypatch, leak):
    leak(monkeypatch)
    assert p_of_attack(build(7, features=["bar"]), "mask") < P_TOLD_APART


@pytest.mark.parametrize("leak", [leak_by_time, leak_by_remark])
def test_the_attack_finds_what_is_written_beside_the_pixels(build, leak):
    package = build(8, features=["bar"])
    leak(package)
    assert p_of_attack(package, "mask") < P_TOLD_APART


def test_no_subject_tells_its_methods(full):
    manifest = pd.read_csv(full.zooniverse_folder / "manifest.csv", dtype=str)
    items = {item.token: item for item in read_key(full.key_path).items}
    shown = [items[token] for token in manifest["#item"]]
    assert sorted(manifest["#item"]) == sorted(items)
    listing = {entry.name: n for n, entry in enumerate(os.scandir(full.zooniverse_folder))}
    traces = pd.DataFrame(
        [
            {
                "row": row,
                "item": int(manifest["#item"][row][:12], 16),
                **disk_traces(full.zooniverse_folder / name, listing),
            }
            for row, name in enumerate(manifest["image"])
        ]
    )
    galaxy = np.array([item.galaxy_id for item in shown])
    for place in range(len(METHODS)):
        method = np.array([item.methods[place] for item in shown])
        assert p_of_guesses(traces, method, galaxy) > P_TOLD_APART
        assert min(p_of_trace(traces[name], method) for name in traces) > P_TOLD_APART
    leaky = traces.assign(row=method.astype("S1").view(np.uint8))
    assert p_of_guesses(leaky, method, galaxy) < P_TOLD_APART


def test_no_token_serves_two_images(full, methods):
    manifest = pd.read_csv(full.folder / "manifest.csv", dtype=str)
    n_panels = (24 * 2 + 3) * len(methods)
    tokens = [path.stem for path in full.folder.rglob("*.png")]
    tokens += [path.stem for path in full.zooniverse_folder.glob("*.jpg")]
    assert len(set(tokens)) == len(tokens) == 24 + 3 + 2 * n_panels + full.n_items
    assert set(tokens).isdisjoint(manifest["item"])
    for kind in ("mask", "overlay"):
        found, method, _ = told(full, kind)
        assert pd.Series(method).groupby(found["file"]).nunique().eq(1).all()
        assert found["file"].nunique() == n_panels


def test_only_the_key_knows_what_is_practice_and_what_comes_again(full):
    kinds = {item.kind for item in read_key(full.key_path).items}
    assert kinds == {"rated", "repeat", "practice"}
    told_kinds = {b"practice", b"repeat"}
    for path in (full.folder, *full.folder.rglob("*"), *full.zooniverse_folder.rglob("*")):
        if path.suffix in (".csv", ".json"):
            assert not any(word in path.read_bytes() for word in told_kinds), path
    page = (full.folder / "index.html").read_text()
    (data,) = (part.split("</script>")[0] for part in page.split('type="application/json">')[1:])
    items = [item for of in json.loads(data)["raters"].values() for item in of]
    assert {frozenset(item) for item in items} == {frozenset(items[0])}


def test_no_file_names_a_method_or_a_galaxy(full, methods, images):
    secret = json.loads(full.key_path.read_text())["secret"]
    words = [word.encode() for word in (*methods, *images, secret)]
    for folder in (full.folder, full.zooniverse_folder):
        for path in (folder, *folder.rglob("*")):
            content = os.fsencode(path.relative_to(folder.parent))
            content += path.read_bytes() if path.is_file() else b""
            assert not any(word in content for word in words), path
