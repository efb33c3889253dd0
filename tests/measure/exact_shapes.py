"""Bars and arms with known numbers, put on the sky with astropy alone."""

import astropy.units as u
import numpy as np
import shapely
from shapely import affinity

from galseg import ImageFrame
from galseg.geometry import polygon_mask
from galseg.measure import deproject_offsets
from tests.hostile_wcs import header

DISC_PEAK = 300.0


def hostile_frame(options, shape=(200, 220)):
    return ImageFrame.from_header(header(**{**options, "shape": shape}))


def boxy_ellipse(length, width, power=3.0):
    """Outline along the first axis; 2 is an ellipse, many a rectangle."""
    t = np.linspace(0, 2 * np.pi, 721)[:-1]
    x, y = (np.sign(f) * np.abs(f) ** (2 / power) / 2 for f in (np.cos(t), np.sin(t)))
    return shapely.Polygon(np.column_stack([x * length, y * width]))


def spiral_band(pitch_deg, *, r_inner, turn, width, start=0.0, turns_clockwise=True):
    """An arm in a plane seen with x to the right and y up."""
    t = np.linspace(0, turn, 600)
    radius = r_inner * np.exp(np.tan(np.radians(pitch_deg)) * t)
    azimuth = start - t if turns_clockwise else start + t
    line = np.column_stack([radius * np.cos(azimuth), radius * np.sin(azimuth)])
    return shapely.LineString(line).buffer(width / 2, cap_style="flat")


def seen_to_sky(outline):
    """From right and up, in arcsec, to east and north."""
    return affinity.scale(outline, xfact=-1, origin=(0, 0))


def at_position_angle(outline, angle_deg):
    """Turn an outline that lies along x to a position angle, as east and north."""
    return affinity.rotate(outline, 90 - angle_deg, origin=(0, 0))


def inclined(outline, inclination_deg, line_of_nodes_deg):
    """Show an outline (east, north) in a disc as it is seen on the sky."""
    upright = affinity.rotate(outline, line_of_nodes_deg, origin=(0, 0))
    flat = affinity.scale(upright, xfact=np.cos(np.radians(inclination_deg)), origin=(0, 0))
    return affinity.rotate(flat, -line_of_nodes_deg, origin=(0, 0))


def outline_on_sky(frame, centre_xy, outline):
    """Put an outline in arcsec east and north of a pixel's place on the sky onto the pixels."""

    def to_pixel(offsets):
        centre = frame.to_sky([centre_xy])[0]
        angle = np.arctan2(offsets[:, 0], offsets[:, 1]) * u.rad
        return frame.to_pixel(centre.directional_offset_by(angle, np.hypot(*offsets.T) * u.arcsec))

    return shapely.transform(outline, to_pixel)


def mask_on_sky(frame, centre_xy, outline):
    """Pixels whose centres `outline_on_sky` holds."""
    return polygon_mask(outline_on_sky(frame, centre_xy, outline), frame.shape)


def disc_image(
    frame, centre_xy, inclination_deg, line_of_nodes_deg, *, scale_length, noise=1, seed=0
):
    """Image of an exponential disc of thickness 0.2 on a sky of 10."""
    y, x = np.indices(frame.shape)
    offsets = frame.to_offsets_arcsec(np.column_stack([x.ravel(), y.ravel()]), centre_xy)
    cos2 = np.cos(np.radians(inclination_deg)) ** 2
    thin = np.degrees(np.arccos(np.sqrt(cos2 * (1 - 0.2**2) + 0.2**2)))  # as flat on the sky
    in_disc = deproject_offsets(offsets, inclination_deg=thin, line_of_nodes_deg=line_of_nodes_deg)
    light = DISC_PEAK * np.exp(-np.hypot(*in_disc.T) / scale_length).reshape(frame.shape)
    return 10 + light + np.random.default_rng(seed).normal(0, noise, frame.shape)
