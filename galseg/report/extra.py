"""The packages of the extra ``plots``, needed only where something is drawn."""

from __future__ import annotations

from importlib import import_module

from galseg.extras import extra

__all__ = ["need"]


def need(package: str) -> None:
    """Refuse to go on without a package.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    with extra("plots", f"plots and reports need the package {package}"):
        import_module(package)
