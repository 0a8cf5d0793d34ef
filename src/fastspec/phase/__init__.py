"""Magnitude to phase: starts, iterative methods, metrics."""
