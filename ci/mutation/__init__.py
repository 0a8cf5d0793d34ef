"""Small faults, put into a private copy of the tree one at a time, and whether the tests see them: `ci/mutate.sh`."""
