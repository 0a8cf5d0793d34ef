"""Tests, a folder for each room of the package; run from the repository root."""
