"""An edited picture and the sound that it was drawn of: only the edit is made anew, the rest stays the original's."""

TRUST = 6.0  # dB: cells that differ by no more keep the original's phase where the whole picture was changed
