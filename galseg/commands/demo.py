"""``galseg demo``: the whole line on simulated galaxies."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from galseg.commands.compare import build
from galseg.commands.consensus import consensus
from galseg.commands.measure import measure
from galseg.commands.predict import predict
from galseg.dataset.sample import write_sample
from galseg.errors import OutputError
from galseg.imaging.overlay import overlay, to_rgb
from galseg.io.consensus import read_consensus
from galseg.io.images import list_images, read_image
from galseg.io.overlay import write_contact_sheet
from galseg.io.predictions import read_prediction
from galseg.train.cli import train_main

__all__ = ["demo"]

VOTES = 0.2  # share of the volunteers from which a pixel counts, as in the default model's masks


def demo(*, output: Path, sample: Path | None = None, train_config: Path | None = None) -> Path:
    """Run the whole line on a sample of simulated galaxies: drawings to tables.

    Parameters
    ----------
    output : Path
        Folder to make.
    sample : Path, optional
        The bundled sample; simulated anew if left out.
    train_config : Path, optional
        Also train a model on the sample's consensus, as this YAML file says.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        If the folder exists with something in it.
    """
    if output.exists() and any(output.iterdir()):
        raise OutputError(f"{output} exists and is not empty; name another or remove it")
    say = Console(highlight=False).print
    if sample is None:
        sample = output / "sample"
        say("[bold]sample[/] simulating 20 galaxies and their volunteers")
        write_sample(sample)
    say("[bold]consensus[/] from the volunteers' drawings")
    crowd = consensus(
        annotations=sample / "classifications.csv",
        mapping=sample / "mapping.yaml",
        images=sample / "images",
        output=output / "consensus",
        threshold=VOTES,
    )
    if train_config:
        say("[bold]train[/] a small model on the consensus")
        train_main(
            [
                "fit",
                f"--config={train_config}",
                f"--data.images={sample / 'images'}",
                f"--data.consensus={crowd}",
                f"--output={output / 'training'}",
            ]
        )
    say("[bold]predict[/] with the default model")
    model = predict(images=sample / "images", output=output / "predictions")
    say("[bold]measure[/] the predictions and the consensus")
    tables = measure(maps=model / "maps", output=output / "tables")
    measure(maps=crowd / "maps", output=output / "tables_volunteers", threshold=VOTES)
    say("[bold]compare[/] the two, blinded")
    build(
        images=sample / "images",
        methods={"volunteers": crowd / "maps", "model": model / "maps"},
        output=output / "comparison",
        threshold={"volunteers": VOTES},
    )
    picture = output / "overlay.png"
    _write_picture(picture, sample / "images", crowd / "maps", model / "maps")
    say("\n[bold]Done.[/] Look at:")
    for what, path in (
        ("table of galaxies", tables / "galaxies.ecsv"),
        ("table of arms", tables / "arms.ecsv"),
        ("table of tidal features", tables / "tidal.ecsv"),
        ("masks", model / "maps"),
        ("overlay picture", picture),
        ("blinded comparison", output / "comparison" / "index.html"),
    ):
        say(f"  {what:<23} {path}", soft_wrap=True)
    return output


def _write_picture(path: Path, images: Path, crowd: Path, model: Path) -> None:
    """Draw image, volunteers and model side by side, a row a galaxy."""
    by_galaxy = {one.galaxy_id: one for one in map(read_consensus, sorted(crowd.glob("*.fits")))}
    rows, labels = [], []
    for galaxy_id, file in list_images(images).items():
        image = read_image(file).pixels
        volunteers = by_galaxy[galaxy_id]
        prediction = read_prediction(model / f"{galaxy_id}.fits")
        drawn = overlay(image, volunteers.masks(threshold=VOTES))
        rows.append([to_rgb(image), drawn, overlay(image, prediction.masks())])
        labels.append(galaxy_id)
    write_contact_sheet(
        path,
        rows,
        row_labels=labels,
        column_labels=["image", "volunteers", "model"],
        n_across=2,
    )
