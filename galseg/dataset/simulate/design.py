"""What a galaxy is made of, drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from galseg.dataset.simulate.arm import Arm
from galseg.dataset.simulate.bar import Bar
from galseg.dataset.simulate.host import Bulge, Disc
from galseg.dataset.simulate.records import Morphology, TidalKind, Winding
from galseg.dataset.simulate.tidal import Tidal

__all__ = ["MORPHOLOGIES", "Design", "draw_design"]

MORPHOLOGIES: dict[Morphology, float] = {
    "spiral": 0.32,
    "barred spiral": 0.34,
    "barred disc": 0.08,
    "disc": 0.11,
    "elliptical": 0.11,
    "blank": 0.04,
}
"""Kinds of galaxy, with how often each is drawn."""

_TIDAL_SHARE = 0.2
_TIDAL_KINDS: tuple[tuple[TidalKind, ...], ...] = (
    ("stream",),
    ("shell",),
    ("shell", "shell"),
    ("tail",),
    ("tail", "tail"),
)
_N_ARMS = {1: 0.06, 2: 0.6, 3: 0.18, 4: 0.16}


@dataclass(frozen=True)
class Design:
    """The parts of a galaxy, in arcsec and in units of the light at the disc's centre."""

    inclination_deg: float
    line_of_nodes_deg: float
    disc: Disc | None
    bulge: Bulge | None
    bar: Bar | None
    arms: tuple[Arm, ...]
    tidal: tuple[Tidal, ...]
    clumpiness: float

    @property
    def axis_ratio(self) -> float:
        """Of the disc, or of an elliptical, as seen on the sky; NaN of a blank."""
        if self.disc is not None:
            return float(np.cos(np.radians(self.inclination_deg)))
        return self.bulge.axis_ratio if self.bulge is not None else float("nan")


def draw_design(
    rng: np.random.Generator,
    morphology: Morphology,
    *,
    size_arcsec: float,
    n_arms: int | None = None,
    tidal: Sequence[TidalKind] | None = None,
    inclination_deg: float | None = None,
) -> Design:
    """Draw the parts of a galaxy; whatever is given is not drawn.

    Parameters
    ----------
    rng : numpy.random.Generator
    morphology : str
        One of `MORPHOLOGIES`.
    size_arcsec : float
        Of the shorter side of the image; half of the light falls within about 0.11 of it, as in
        the SDSS cutouts that Galaxy Builder showed.
    n_arms : int, optional
        Of a spiral, 1 to 4.
    tidal : sequence of str, optional
        Kinds of tidal structure; one in five galaxies has some if left out.
    inclination_deg : float, optional
        Uniform in its cosine, up to 70 degrees, if left out.

    Returns
    -------
    Design

    References
    ----------
    Erwin, P. (2005), MNRAS 364, 283, doi:10.1111/j.1365-2966.2005.09560.x (lengths of bars).
    """
    scale = size_arcsec * np.clip(0.074 * np.exp(rng.normal(0, 0.25)), 0.045, 0.12)
    tilt = np.degrees(np.arccos(rng.uniform(np.cos(np.radians(70)), 1)))
    nodes = rng.uniform(0, 180)
    disturbed = rng.random() < _TIDAL_SHARE
    drawn_tidal = _TIDAL_KINDS[rng.integers(len(_TIDAL_KINDS))] if disturbed else ()
    if morphology == "blank":
        return Design(np.nan, np.nan, None, None, None, (), (), 0.0)
    structures = _draw_all_tidal(rng, drawn_tidal if tidal is None else tidal, scale)
    if morphology == "elliptical":
        return Design(np.nan, nodes, None, _draw_elliptical(rng, scale), None, (), structures, 0.0)
    barred = morphology in ("barred spiral", "barred disc")
    bar = _draw_bar(rng, scale) if barred else None
    arms: tuple[Arm, ...] = ()
    if morphology in ("spiral", "barred spiral"):
        count = int(rng.choice(list(_N_ARMS), p=list(_N_ARMS.values())))
        arms = _draw_arms(rng, scale, count if n_arms is None else n_arms, bar)
    return Design(
        inclination_deg=float(tilt if inclination_deg is None else inclination_deg),
        line_of_nodes_deg=float(nodes),
        disc=Disc(scale, scale * rng.uniform(2.8, 5)),
        bulge=_draw_bulge(rng, scale, prominent=not arms),
        bar=bar,
        arms=arms,
        tidal=structures,
        clumpiness=float(rng.uniform(0.1, 0.6)) if arms else 0.04,
    )


def _draw_bulge(rng: np.random.Generator, scale: float, *, prominent: bool) -> Bulge:
    return Bulge(
        effective_radius_arcsec=scale * rng.uniform(0.12, 0.4),
        sersic_index=rng.uniform(1, 3.5),
        axis_ratio=rng.uniform(0.7, 1),
        brightness=float(np.exp(rng.uniform(np.log(0.2), np.log(2)))) * (2 if prominent else 1),
    )


def _draw_elliptical(rng: np.random.Generator, scale: float) -> Bulge:
    return Bulge(scale * rng.uniform(1.0, 2.0), rng.uniform(2.5, 5), rng.uniform(0.5, 1), 1.0)


def _draw_bar(rng: np.random.Generator, scale: float) -> Bar:
    """Draw a half length of 0.7 to 2 disc scale lengths, the range of most bars in Erwin (2005)."""
    return Bar(
        half_length_arcsec=scale * rng.uniform(0.7, 2.0),
        axis_ratio=rng.uniform(0.2, 0.45),
        azimuth_deg=rng.uniform(0, 180),
        boxiness=rng.uniform(2, 3.5),
        steepness=rng.uniform(0.4, 1.2),
        brightness=float(np.exp(rng.uniform(np.log(0.7), np.log(3)))),
    )


def _draw_arms(
    rng: np.random.Generator, scale: float, n_arms: int, bar: Bar | None
) -> tuple[Arm, ...]:
    """Draw arms evenly round the galaxy, starting at the ends of the bar where there is one.

    Each keeps within its share of the pattern, whose arms lie ``2 pi r sin(pitch) / n`` apart.
    """
    pitch = float(np.clip(rng.gamma(6, 3), 6, 40))
    winding: Winding = "S" if rng.random() < 0.5 else "Z"
    inner = scale * rng.uniform(0.4, 1.0) if bar is None else bar.half_length_arcsec
    start = rng.uniform(0, 360) if bar is None else bar.azimuth_deg
    room = 2 * np.pi * np.sin(np.radians(pitch)) / max(n_arms, 2)
    half_width = min(rng.uniform(0.09, 0.17), 0.25 * room)
    brightness = float(np.exp(rng.uniform(np.log(0.5), np.log(2.5))))
    arms = []
    for k in range(n_arms):
        r_inner = inner * rng.uniform(0.95, 1.1)
        arms.append(
            Arm(
                pitch_angle_deg=float(np.clip(pitch + rng.normal(0, 0.08 * pitch), 6, 40)),
                winding=winding,
                r_inner_arcsec=r_inner,
                r_outer_arcsec=r_inner * rng.uniform(1.0, 1.25) * _reach(scale, inner, pitch),
                azimuth_deg=(start + 360 * k / n_arms + rng.normal(0, 6)) % 360,
                half_width=half_width * rng.uniform(0.85, 1.15),
                brightness=brightness * rng.uniform(0.75, 1.25),
                fade=rng.uniform(0.1, 0.6),
            )
        )
    return tuple(arms)


def _reach(scale: float, inner: float, pitch_angle_deg: float) -> float:
    """Return outer over inner radius: to 2.8 scale lengths, in at most one and a quarter turns."""
    one_and_a_quarter = np.exp(2.5 * np.pi * np.tan(np.radians(pitch_angle_deg)))
    return float(min(max(2.8 * scale / inner, 1.5), one_and_a_quarter))


def _draw_all_tidal(
    rng: np.random.Generator, kinds: Sequence[TidalKind], scale: float
) -> tuple[Tidal, ...]:
    """Draw tidal structures outside the disc, around the same axis."""
    axis = rng.uniform(0, 360)
    return tuple(_draw_tidal(rng, kind, scale, axis + 180 * k) for k, kind in enumerate(kinds))


def _draw_tidal(rng: np.random.Generator, kind: TidalKind, scale: float, angle: float) -> Tidal:
    sign = 1 if rng.random() < 0.5 else -1
    start = scale * {"tail": 2.7, "stream": 4.2, "shell": 3.8}[kind] * rng.uniform(0.85, 1.3)
    growth = {"tail": rng.uniform(1.9, 2.6), "stream": rng.uniform(0.8, 1.4), "shell": 1.0}[kind]
    sweep = {
        "tail": rng.uniform(50, 140),
        "stream": rng.uniform(110, 280),
        "shell": rng.uniform(60, 150),
    }[kind]
    return Tidal(
        kind=kind,
        r_start_arcsec=start,
        r_end_arcsec=start * growth,
        position_angle_deg=angle + rng.normal(0, 8) - (sign * sweep / 2 if kind == "shell" else 0),
        sweep_deg=sign * sweep,
        half_width_arcsec=scale * rng.uniform(*((0.25, 0.5) if kind != "shell" else (0.3, 0.6))),
        flattening=rng.uniform(0.5, 0.9) if kind == "stream" else 1.0,
        brightness=float(np.exp(rng.uniform(np.log(1.4), np.log(6.0)))),
    )
