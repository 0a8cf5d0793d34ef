"""The lanes engine's compiled code: frames side by side in the lanes of vectors, so that nothing is ever shuffled."""
