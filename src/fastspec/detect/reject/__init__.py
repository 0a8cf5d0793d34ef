"""What is no spectrogram that can be read."""
