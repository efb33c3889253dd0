"""All that determines what becomes of a galaxy of a survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from galseg.errors import ConfigError, nearest_name
from galseg.measure.task import MEASURED, Threshold, check_options

__all__ = ["MaskKind", "Recipe", "RuntimeName"]

RuntimeName: TypeAlias = Literal["torch", "onnx", "openvino"]
MaskKind: TypeAlias = Literal["rle", "probability"]

_MASK_KINDS: tuple[str, ...] = get_args(MaskKind)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that determines the rows of a galaxy, besides its image.

    Attributes
    ----------
    model : str or tuple of str
        A name or path, or several that answer together, as `galseg.load_model` takes them.
    runtime : str
        ``"torch"``, ``"onnx"`` or ``"openvino"``.
    orientations : int
        8: the mean over all turns and mirror images.
    n_samples : int
        Draws of the maps by the model; 1 for none.
    n_draws : int
        Draws of the maps behind the errors of what is measured; 0 for none.
    threshold : float, mapping of str to float, or None
        Probability at which structures are outlined; the model's own where it is None.
    features : tuple of str
        What is measured.
    light : bool
        Whether the bar and the light of the features are measured in the image too.
    masks : str or None
        What is kept of the maps: ``"rle"``, the masks as COCO run lengths; ``"probability"``, the
        probabilities in 8 bits; None, nothing.
    seed : int
        Of all draws.

    Raises
    ------
    ConfigError
        If an option is outside its range. What the model must allow, such as samples, is checked
        when it is loaded.

    Examples
    --------
    >>> Recipe(masks="png")
    Traceback (most recent call last):
        ...
    galseg.errors.ConfigError: masks must be None or one of ('rle', 'probability'), got 'png'; ...
    """

    model: str | tuple[str, ...] = "default"
    runtime: RuntimeName = "torch"
    orientations: Literal[1, 8] = 1
    n_samples: int = 1
    n_draws: int = 0
    threshold: float | Mapping[str, float] | None = None
    features: tuple[str, ...] = MEASURED
    light: bool = False
    masks: MaskKind | None = "rle"
    seed: int = 0

    def __post_init__(self) -> None:
        threshold: Threshold = self.threshold
        check_options(threshold, self.n_draws, self.seed, self.features)
        if self.masks is not None and self.masks not in _MASK_KINDS:
            raise ConfigError(
                f"masks must be None or one of {_MASK_KINDS}, got {self.masks!r}; "
                f"{nearest_name(str(self.masks), _MASK_KINDS)}"
            )
