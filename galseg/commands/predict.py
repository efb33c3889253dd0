"""``galseg predict``: images to probability maps."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.progress import track

from galseg.errors import GalsegError, MissingInputError
from galseg.io.atomic import write_folder
from galseg.io.images import WcsRule, list_images, read_image
from galseg.io.overlay import write_overlay
from galseg.io.predictions import write_prediction
from galseg.io.provenance import write_run_record
from galseg.predict import load_model

__all__ = ["predict"]


def predict(
    *,
    images: Path,
    output: Path,
    model: str = "default",
    n_samples: int = 1,
    overlays: bool = True,
    wcs: WcsRule = "required",
) -> Path:
    """Draw probability maps on a folder of images.

    Writes a folder with ``maps/<galaxy>.fits``, ``overlays/<galaxy>.png`` and ``failed.csv``, one
    row an image that could not be used, with the reason.

    Parameters
    ----------
    images : Path
        An image or a folder of them: FITS, PNG or JPEG.
    output : Path
        Folder to make.
    model : str
        The shipped model "default", or the path of another.
    n_samples : int
        Draws of the maps to keep as a measure of what the model does not know; 1 keeps none.
    overlays : bool
        Whether to draw the masks over the images.
    wcs : str
        Whether a FITS image without a WCS is an error (required) or measured in pixels (optional).

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    MissingInputError
        If there is no image.
    GalsegError
        If no image at all could be used.
    """
    options = locals().copy()
    files = list_images(images)
    if not files:
        raise MissingInputError(f"no FITS, PNG or JPEG image in {images}")
    segmenter = load_model(model)
    failed: list[dict[str, str]] = []
    with write_folder(output) as folder:
        for galaxy_id, path in track(files.items(), description="predict", transient=True):
            try:
                image = read_image(path, wcs=wcs)
                prediction = segmenter.predict(image, n_samples=n_samples)
            except GalsegError as error:
                failed.append({"galaxy_id": galaxy_id, "image": path.name, "reason": str(error)})
                continue
            write_prediction(folder / "maps" / f"{galaxy_id}.fits", prediction)
            if overlays:
                picture = folder / "overlays" / f"{galaxy_id}.png"
                write_overlay(picture, image.pixels, prediction.masks())
        if len(failed) == len(files):
            raise GalsegError(f"none of {len(files)} images could be used: {failed[0]['reason']}")
        table = pd.DataFrame(failed, columns=["galaxy_id", "image", "reason"])
        table.to_csv(folder / "failed.csv", index=False)
        write_run_record(folder, "predict", options=options, inputs=("images", "model"))
    print(f"{len(files) - len(failed)} galaxies, {len(failed)} failed: {output}")
    return output
