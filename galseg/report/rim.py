"""A dark rim, so that light marks are seen on light images too."""

from __future__ import annotations

from matplotlib.patheffects import AbstractPathEffect, withStroke

__all__ = ["dark_rim"]


def dark_rim(linewidth: float = 1.5) -> list[AbstractPathEffect]:
    """Return the path effects of a line of this width, or of text, in points."""
    return [withStroke(linewidth=linewidth + 1.5, foreground="black")]
