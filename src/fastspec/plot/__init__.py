"""The plot's pixels <-> amplitudes of STFT bins; this room joins axes and colours."""
