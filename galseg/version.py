"""The version of galseg, for the records that runs keep."""

__version__ = "0.1.0"
