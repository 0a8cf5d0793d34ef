"""Sound files <-> waveforms."""
