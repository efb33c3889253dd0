"""Encoders learnt from galaxies at large."""
