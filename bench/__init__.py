"""What each bench answers and how to run it is in README.md; all run from the repository root."""
