"""SoX, `sox ... -n spectrogram`."""
