"""ffmpeg's showspectrumpic."""
