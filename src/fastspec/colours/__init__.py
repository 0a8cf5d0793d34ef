"""Levels <-> colours; this room knows no picture file."""
