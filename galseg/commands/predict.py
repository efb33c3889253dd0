"""``galseg predict``: images to probability maps."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd
from rich.progress import track

from galseg.errors import ConfigError, GalsegError, MissingInputError
from galseg.io.atomic import write_folder
from galseg.io.images import GalaxyImage, WcsRule, list_images
from galseg.io.overlay import write_overlay
from galseg.io.predictions import write_prediction
from galseg.io.provenance import write_run_record
from galseg.predict import export_model, load_model, predict_files
from galseg.prediction import Prediction

__all__ = ["predict"]


def predict(
    *,
    output: Path,
    images: Path | None = None,
    model: list[str] | str = "default",
    runtime: Literal["torch", "onnx", "openvino"] = "torch",
    n_samples: int = 1,
    orientations: Literal[1, 8] = 1,
    overlays: bool = True,
    wcs: WcsRule = "required",
    workers: int | None = None,
    export: Literal["onnx", "openvino"] | None = None,
) -> Path:
    """Draw probability maps on a folder of images, or export a model.

    Writes a folder with ``maps/<galaxy>.fits``, ``overlays/<galaxy>.png`` and ``failed.csv``, one
    row an image that could not be used, with the reason. With ``export``, the folder holds the
    model instead.

    Parameters
    ----------
    output : Path
        Folder to make.
    images : Path
        An image or a folder of them: FITS, PNG or JPEG.
    model : str or list of str
        The shipped model "default", or the path of another; a list answers together.
    runtime : str
        What runs the network; onnx and openvino are optional packages, faster on a CPU.
    n_samples : int
        Draws of the maps to keep as a measure of what the model does not know; 1 keeps none.
    orientations : int
        8 takes the mean over all turns and mirror images, in eight times the time.
    overlays : bool
        Whether to draw the masks over the images.
    wcs : str
        Whether a FITS image without a WCS is an error (required) or measured in pixels (optional).
    workers : int
        Processes that share the cores; 0 is none but this one. Chosen by the images, if left out.
    export : str
        The runtime to export the model for; no image is read then.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    MissingInputError
        If there is no image.
    ConfigError
        If there are images and an export, or neither.
    GalsegError
        If no image at all could be used.
    """
    options = locals().copy()
    if export is not None and images is None:
        return _export(model, output, export)
    if images is None or export is not None:
        raise ConfigError("give images to predict on, or a runtime to export for, and not both")
    files = list_images(images)
    if not files:
        raise MissingInputError(f"no FITS, PNG or JPEG image in {images}")
    segmenter = load_model(model, runtime=runtime)
    with write_folder(output) as folder:
        outcomes = predict_files(
            segmenter,
            files,
            save=partial(_save, folder, overlays=overlays),
            wcs=wcs,
            n_samples=n_samples,
            orientations=orientations,
            n_workers=workers,
        )
        shown = track(outcomes, total=len(files), description="predict", transient=True)
        failed = [outcome for outcome in shown if outcome.reason]
        if len(failed) == len(files):
            raise GalsegError(f"none of {len(files)} images could be used: {failed[0].reason}")
        rows = [(galaxy_id, path.name, reason) for galaxy_id, path, reason in failed]
        table = pd.DataFrame(rows, columns=["galaxy_id", "image", "reason"])
        table.to_csv(folder / "failed.csv", index=False)
        write_run_record(folder, "predict", options=options, inputs=("images", "model"))
    print(f"{len(files) - len(failed)} galaxies, {len(failed)} failed: {output}")
    return output


def _save(folder: Path, image: GalaxyImage, prediction: Prediction, *, overlays: bool) -> None:
    galaxy_id = image.galaxy_id
    write_prediction(folder / "maps" / f"{galaxy_id}.fits", prediction)
    if overlays:
        picture = folder / "overlays" / f"{galaxy_id}.png"
        write_overlay(picture, image.pixels, prediction.masks())


def _export(model: list[str] | str, output: Path, runtime: Literal["onnx", "openvino"]) -> Path:
    if not isinstance(model, str):
        raise ConfigError("export one model at a time; several exported folders load together")
    export_model(model, output, runtime=runtime)
    print(f"{model} for {runtime}: {output}")
    return output
