"""The lanes engine: frames in the lanes of vectors, faster than FFTW's transforms alone. docs/engine.md explains it."""
