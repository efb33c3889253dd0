"""Keys without a package, and answers to them from raters of known taste."""

import json

import numpy as np

from galseg.compare.key import new_secret, secret_token, write_key
from galseg.compare.records import Item, Key, Questions
from galseg.io.provenance import hash_of

METHODS = ("model", "volunteers", "SpArcFiRe")
FINE = ["mostly_good"] * 3


def make_key(
    n_items,
    *,
    raters=("Ann", "Bo"),
    feature="spiral_arm",
    methods=METHODS,
    n_repeats=0,
    n_practice=0,
    questions=None,
):
    """Make a key of which every rater has `n_items`, with the methods in turning places."""
    secret = new_secret(1)

    def item(kind, rater, number, turn=0, **more):
        start = (number + turn) % len(methods)
        token = secret_token(secret, kind, rater, feature, str(number))
        shown = methods[start:] + methods[:start]
        return Item(token, rater, f"g{number}", feature, shown, kind=kind, **more)

    items = []
    for rater in raters:
        for number in range(n_practice):
            items.append(item("practice", rater, 1000 + number, expected=(methods[0],)))
        rated = [item("rated", rater, number) for number in range(n_items)]
        again = [
            item("repeat", rater, number, 1, repeats=rated[number].token)
            for number in range(n_repeats)
        ]
        items += [*rated, *again]
    thresholds = dict.fromkeys(methods)
    return Key(
        "package", secret, methods, raters, thresholds, tuple(items), questions or Questions()
    )


def write_made_up_key(path, n_items, **options):
    key = make_key(n_items, **options)
    write_key(path, key)
    return key


def place_of(item, choice):
    return "tie" if choice == "tie" else item.methods.index(choice) + 1


def answer(item, choice, quality=None, **more):
    """Answer an item; `quality` is by method, and fine if left out."""
    levels = [quality[method] for method in item.methods] if quality else FINE[: len(item.methods)]
    told = {"item": item.token, "best": place_of(item, choice), "quality": levels}
    return told | {"comment": "", "seconds": 5.0, "n_changes": 0} | more


def write_answers(path, key_path, given, *, rater="Ann", exported_at="2026-01-01", **changed):
    content = {
        "format": "galseg-comparison-answers",
        "version": 2,
        "package": "package",
        "key_sha256": hash_of(key_path),
        "rater": rater,
        "started_at": "2026-01-01",
        "exported_at": exported_at,
        "signed_off": {"name": rater, "at": exported_at, "statement": "These are my answers."},
        "answers": given,
    }
    path.write_text(json.dumps(content | changed))
    return path


def simulated_choices(
    *,
    worth,
    n_galaxies,
    n_raters,
    rng,
    tie_ratio=0.0,
    galaxy_spread=0.0,
    rater_spread=0.0,
):
    """Draw choices of the Davidson-Luce model, whose log worths differ by galaxy and rater."""
    n_methods = len(worth)
    log_worth = (
        np.log(worth)
        + galaxy_spread * rng.normal(size=(n_galaxies, 1, n_methods))
        + rater_spread * rng.normal(size=(1, n_raters, n_methods))
    )
    weight = np.exp(log_worth)
    tie = tie_ratio * np.exp(log_worth.mean(axis=-1, keepdims=True))
    probability = np.concatenate([weight, tie], axis=-1)
    probability /= probability.sum(axis=-1, keepdims=True)
    drawn = (rng.random((n_galaxies, n_raters, 1)) > probability.cumsum(axis=-1)[..., :-1]).sum(-1)
    return drawn, probability
