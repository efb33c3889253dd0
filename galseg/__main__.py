"""Run galseg as ``python -m galseg``."""

import sys

from galseg.cli import main

sys.exit(main())
