"""Waveform <-> STFT."""
