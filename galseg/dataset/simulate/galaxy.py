"""Images of galaxies that never were, with all their structures known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np

from galseg.dataset.simulate.arm import Arm
from galseg.dataset.simulate.design import MORPHOLOGIES, Design, draw_design
from galseg.dataset.simulate.plane import draw_frame
from galseg.dataset.simulate.records import GalaxyTruth, Morphology, SimulatedGalaxy, TidalKind
from galseg.dataset.simulate.scene import Scene, lay_out
from galseg.dataset.simulate.surroundings import draw_surroundings
from galseg.dataset.simulate.telescope import Telescope, draw_telescope
from galseg.dataset.simulate.tidal import Tidal
from galseg.errors import ConfigError, nearest_name
from galseg.features import DEFAULT_FEATURES
from galseg.geometry import spans_of

__all__ = ["simulate_galaxy"]

_MAX_INCLINATION = 75.0
_SMALLEST = 32


def simulate_galaxy(
    seed: int | Sequence[int],
    *,
    shape: tuple[int, int] = (256, 256),
    morphology: Morphology | None = None,
    n_arms: int | None = None,
    tidal: Sequence[TidalKind] | None = None,
    inclination_deg: float | None = None,
    mirrored: bool | None = None,
    galaxy_id: str | None = None,
) -> SimulatedGalaxy:
    """Simulate an image of a galaxy, with its exact bar, spiral arms and tidal structures.

    Everything is defined in arcsec in the plane of the disc (tidal structures: of the sky), then
    projected by inclination, line of nodes and a random WCS. Sizes, depth and seeing follow the
    SDSS r-band cutouts of Galaxy Builder.

    Parameters
    ----------
    seed : int or sequence of int
        The same seed and options give the same galaxy.
    shape : tuple of int, optional
        ``(ny, nx)``, at least 32 each; the galaxy fills the same share of any size.
    morphology : str, optional
        ``"spiral"``, ``"barred spiral"``, ``"barred disc"``, ``"disc"``, ``"elliptical"`` or
        ``"blank"``; drawn at random if left out, as everything below.
    n_arms : int, optional
        Of a spiral, 1 to 4.
    tidal : sequence of str, optional
        ``"tail"``, ``"stream"`` or ``"shell"``, one entry a structure; ``()`` for none.
    inclination_deg : float, optional
        0 to 75.
    mirrored : bool, optional
        Whether east is to the right when north is up.
    galaxy_id : str, optional
        ``"sim-<seed>"``, as ``"sim-3"``, if left out.

    Returns
    -------
    SimulatedGalaxy

    Raises
    ------
    ConfigError
        If an option is unknown or out of its range.

    References
    ----------
    Lingard, T. K. et al. (2020), ApJ 900, 178, doi:10.3847/1538-4357/ab9d83.

    Examples
    --------
    >>> galaxy = simulate_galaxy(3, shape=(96, 128), morphology="barred spiral", n_arms=2)
    >>> galaxy.image.shape, len(galaxy.outlines["spiral_arm"])
    ((96, 128), 2)
    >>> bool(galaxy.masks["bar"].any()), galaxy.truth.bar.position_angle_deg < 180
    (True, True)
    """
    _check(shape, morphology, n_arms, tidal, inclination_deg)
    draw, *light_rngs = np.random.default_rng(seed).spawn(4)
    kinds = list(MORPHOLOGIES)
    chosen = morphology or kinds[draw.choice(len(kinds), p=list(MORPHOLOGIES.values()))]
    pixel_scale = float(np.exp(draw.uniform(np.log(0.25), np.log(0.5))))
    frame = draw_frame(draw, shape, pixel_scale_arcsec=pixel_scale, mirrored=mirrored)
    design = draw_design(
        draw,
        chosen,
        size_arcsec=min(shape) * pixel_scale,
        n_arms=n_arms,
        tidal=tidal,
        inclination_deg=inclination_deg,
    )
    telescope = draw_telescope(draw)
    scene = lay_out(light_rngs[0], design, frame, telescope=telescope, depth=_draw_depth(draw))
    others = draw_surroundings(light_rngs[1], shape) * telescope.sky_noise
    electrons = telescope.blur(scene.light + others)
    outlines = {
        name: tuple(part.outline for part in scene.structures if part.feature == name)
        for name in DEFAULT_FEATURES
    }
    return SimulatedGalaxy(
        galaxy_id=galaxy_id or "-".join(["sim", *map(str, np.atleast_1d(seed))]),
        image=telescope.expose(light_rngs[2], electrons).astype(np.float32),
        frame=frame,
        outlines=outlines,
        masks={name: spans_of(outlines[name], shape).count() > 0 for name in DEFAULT_FEATURES},
        truth=_truth(chosen, design, scene, telescope),
    )


def _draw_depth(rng: np.random.Generator) -> float:
    """Peak of the galaxy over the sky noise, as in the Galaxy Builder cutouts."""
    return float(np.clip(100 * np.exp(rng.normal(0, 0.7)), 25, 600))


def _truth(
    morphology: Morphology, design: Design, scene: Scene, telescope: Telescope
) -> GalaxyTruth:
    contrasts = {
        name: [
            part.contrast(scene.light, telescope.sky_noise)
            for part in scene.structures
            if part.feature == name
        ]
        for name in DEFAULT_FEATURES
    }
    plane = scene.disc_plane
    x, y = plane.centre_xy
    bar, arms, tidal = design.bar, design.arms, design.tidal
    return GalaxyTruth(
        morphology=morphology,
        centre_xy=(float(x), float(y)),
        inclination_deg=design.inclination_deg,
        line_of_nodes_deg=design.line_of_nodes_deg if design.disc else np.nan,
        axis_ratio=design.axis_ratio,
        bulge_share=scene.bulge_share,
        psf_fwhm_arcsec=telescope.psf_fwhm_pix * plane.frame.pixel_scale_arcsec,
        sky_noise=telescope.sky_noise,
        bar=None if bar is None else bar.truth(plane, contrast=contrasts["bar"][0]),
        arms=tuple(map(Arm.truth, arms, contrasts["spiral_arm"])),
        tidal=tuple(map(Tidal.truth, tidal, contrasts["tidal"])),
    )


def _check(
    shape: tuple[int, int],
    morphology: str | None,
    n_arms: int | None,
    tidal: Sequence[str] | None,
    inclination_deg: float | None,
) -> None:
    if len(shape) != 2 or min(shape) < _SMALLEST:
        raise ConfigError(f"shape must be (ny, nx) of at least {_SMALLEST} each, got {shape}")
    if morphology is not None and morphology not in MORPHOLOGIES:
        hint = nearest_name(morphology, MORPHOLOGIES)
        raise ConfigError(f"unknown morphology {morphology!r}; {hint}")
    if n_arms is not None and not 1 <= n_arms <= 4:
        raise ConfigError(f"n_arms must be 1 to 4, got {n_arms}; a 'disc' has none")
    for kind in tidal or ():
        if kind not in get_args(TidalKind):
            hint = nearest_name(kind, get_args(TidalKind))
            raise ConfigError(f"unknown kind of tidal structure {kind!r}; {hint}")
    if inclination_deg is not None and not 0 <= inclination_deg <= _MAX_INCLINATION:
        raise ConfigError(
            f"inclination_deg must be 0 to {_MAX_INCLINATION:g}, got {inclination_deg}; the disc "
            "is taken as thin"
        )
