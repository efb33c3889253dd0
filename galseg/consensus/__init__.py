"""From the drawings of many volunteers to votes, fractions and separate structures."""

from galseg.consensus.build import build_consensus
from galseg.consensus.instances import find_instances
from galseg.consensus.interval import fraction_interval
from galseg.consensus.record import Consensus, Instance

__all__ = ["Consensus", "Instance", "build_consensus", "find_instances", "fraction_interval"]
