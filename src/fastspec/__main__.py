"""`python -m fastspec` is the `fastspec` command."""

from fastspec.cli import main

if __name__ == "__main__":
    main()
