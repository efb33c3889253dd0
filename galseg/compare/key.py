"""The key of a comparison: the secret behind its tokens, and the file that keeps it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from galseg.compare.records import Item, Key, Questions
from galseg.errors import FormatError, MissingInputError
from galseg.parsing import parse_json

__all__ = ["new_secret", "read_key", "secret_rng", "secret_token", "write_key"]

_FORMAT = "galseg-comparison-key"
_VERSION = 2
_TOKEN_LENGTH = 20


def new_secret(seed: int | None) -> str:
    """Return 256 bits as hexadecimal, from the operating system or from a seed.

    Parameters
    ----------
    seed : int or None
        None: unguessable. A number: always the same secret, and no better kept than the number.

    Examples
    --------
    >>> len(new_secret(None)), new_secret(1) == new_secret(1)
    (64, True)
    """
    if seed is None:
        return secrets.token_hex(32)
    return hashlib.sha256(f"galseg comparison {seed}".encode()).hexdigest()


def secret_token(secret: str, *names: str) -> str:
    """Name something by HMAC-SHA256, so that only the secret leads back to the names.

    Examples
    --------
    >>> secret_token(new_secret(1), "mask", "J1", "bar", "volunteers")
    '434fb8666160f2def74b'
    """
    return _digest(secret, *names).hex()[:_TOKEN_LENGTH]


def secret_rng(secret: str, purpose: str) -> np.random.Generator:
    """Return the random numbers for a purpose; those for another say nothing about them."""
    return np.random.default_rng(int.from_bytes(_digest(secret, "random", purpose), "big"))


def write_key(path: str | os.PathLike[str], key: Key) -> None:
    """Write a key as JSON."""
    content = {"format": _FORMAT, "version": _VERSION, **vars(key)}
    Path(path).write_text(json.dumps(content, indent=1, default=_plain), encoding="utf-8")


def read_key(path: str | os.PathLike[str]) -> Key:
    """Read the key that `write_key` wrote.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is not a key, or a damaged one.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingInputError(f"there is no key {path}; give the file that the build wrote")
    try:
        content = parse_json(path.read_bytes())
        kind = content.pop("format"), content.pop("version")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{path} is not a comparison key, or a damaged one: {error}") from error
    if kind != (_FORMAT, _VERSION):
        raise FormatError(f"{path} is not a comparison key of version {_VERSION}")
    try:
        items = tuple(
            Item(**{**item, **{name: tuple(item[name]) for name in ("methods", "expected")}})
            for item in content.pop("items")
        )
        methods, raters = tuple(content.pop("methods")), tuple(content.pop("raters"))
        questions = Questions(**content.pop("questions"))
        return Key(items=items, methods=methods, raters=raters, questions=questions, **content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{path} is a damaged comparison key: {error}") from error


def _plain(record: Any) -> dict[str, Any]:
    return dict(record) if isinstance(record, Mapping) else vars(record)


def _digest(secret: str, *names: str) -> bytes:
    return hmac.digest(bytes.fromhex(secret), json.dumps(names).encode(), "sha256")
