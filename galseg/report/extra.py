"""The packages of the extra ``plots``, needed only where something is drawn."""

from __future__ import annotations

from importlib.util import find_spec

from galseg.errors import MissingDependencyError

__all__ = ["need"]


def need(package: str) -> None:
    """Refuse to go on without a package.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    if find_spec(package) is None:
        raise MissingDependencyError(
            f"plots and reports need the package {package}; pip install 'galseg[plots]'"
        )
