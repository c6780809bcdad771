"""Reynard, a help desk a team can own."""

__version__ = "0.1.0"
