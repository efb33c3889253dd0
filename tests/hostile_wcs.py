"""World coordinate systems that break code which assumes north up, east left, square pixels."""

import numpy as np
from astropy.io import fits

CENTRE_DEG = {"FK5": (150.0, 30.0), "FK4": (150.0, 30.0), "GAL": (200.0, 50.0)}


def header(
    *,
    projection="TAN",
    system="ICRS",
    equinox=None,
    rotation_deg=0.0,
    mirrored=False,
    scale_arcsec=(0.4, 0.4),
    shear=0.0,
    centre_deg=(150.0, 30.0),
    shape=(101, 121),
    sip=False,
    latitude_first=False,
):
    """FITS header of an image with this WCS; the reference pixel is off the centre."""
    card = fits.Header()
    card["NAXIS"], card["NAXIS1"], card["NAXIS2"] = 2, shape[1], shape[0]
    axes = ("GLON", "GLAT") if system == "GAL" else ("RA--", "DEC-")
    tail = f"-{projection}" + ("-SIP" if sip else "")
    for axis, name in enumerate(axes, start=1):
        card[f"CTYPE{axis}"] = name + tail
        card[f"CRVAL{axis}"] = centre_deg[axis - 1]
        card[f"CRPIX{axis}"] = (shape[2 - axis] + 1) / 2 + 3.25
    if system not in ("GAL", "ICRS"):
        default = 1950.0 if system == "FK4" else 2000.0
        card["RADESYS"], card["EQUINOX"] = system, equinox or default
    angle = np.radians(rotation_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    parity = np.diag([1.0 if mirrored else -1.0, 1.0])
    matrix = parity @ turn @ np.array([[1, shear], [0, 1]]) @ np.diag(scale_arcsec) / 3600
    for row in (1, 2):
        for column in (1, 2):
            card[f"CD{row}_{column}"] = matrix[row - 1, column - 1]
    if latitude_first:
        for name in ("CTYPE", "CRVAL"):
            card[f"{name}1"], card[f"{name}2"] = card[f"{name}2"], card[f"{name}1"]
        for column in "12":
            first, second = f"CD1_{column}", f"CD2_{column}"
            card[first], card[second] = card[second], card[first]
    if sip:
        card["A_ORDER"], card["B_ORDER"] = 2, 2
        card["A_2_0"], card["A_1_1"], card["B_0_2"], card["B_1_1"] = 3e-5, -2e-5, 2e-5, 1e-5
    return card


HOSTILE = {
    "plain": {},
    "rotated": {"rotation_deg": 127.0},
    "mirrored": {"mirrored": True},
    "mirrored and rotated": {"mirrored": True, "rotation_deg": -61.0},
    "anisotropic": {"scale_arcsec": (0.3, 0.7), "rotation_deg": 20.0},
    "sheared": {"shear": 0.3, "rotation_deg": 75.0},
    "SIP": {"sip": True, "rotation_deg": 10.0},
    "SIN": {"projection": "SIN"},
    "ZEA": {"projection": "ZEA", "rotation_deg": 200.0},
    "FK4": {"system": "FK4"},
    "FK5": {"system": "FK5", "rotation_deg": 45.0},
    "FK5 of 1975": {"system": "FK5", "equinox": 1975.0, "mirrored": True},
    "galactic": {"system": "GAL", "centre_deg": (200.0, 50.0)},
    "near the pole": {"centre_deg": (10.0, 89.98)},
    "across 0 h": {"centre_deg": (0.0, -20.0)},
    "latitude first": {"latitude_first": True, "rotation_deg": 30.0},
}
