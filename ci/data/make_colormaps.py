"""Write src/fastspec/data/colormaps.npz from the installed matplotlib.

Run by hand when matplotlib gains a map: `python ci/data/make_colormaps.py`. tests/colours/test_colormap.py proves that
the file equals the installed matplotlib, so a stale file cannot go unnoticed.

The archive holds, for every map in order of name: `names`, `counts` (entries a map), and the entries of all maps one
after the other as `round` and `trunc`, both (sum(counts), 3) uint8. Reversed maps have tables of their own, because
many of matplotlib's are not the exact mirror of the plain map.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib import colormaps

TARGET = Path(__file__).parents[2] / "src" / "fastspec" / "data" / "colormaps.npz"


def tables() -> dict[str, np.ndarray]:
    """The arrays of the archive, made from matplotlib's registered maps."""
    names = sorted(colormaps)
    lut = [colormaps[name](np.arange(colormaps[name].N))[:, :3] for name in names]
    every = np.concatenate(lut)
    return {
        "names": np.array(names),
        "counts": np.array([len(part) for part in lut], dtype=np.int32),
        # Agg's own rounding (agg::uround) breaks ties upwards; np.rint would differ in 22 maps.
        "round": np.floor(every * 255 + 0.5).astype(np.uint8),
        "trunc": (every * 255).astype(np.uint8),
    }


def main() -> None:
    """Write the archive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", type=Path, default=TARGET)
    target = parser.parse_args().target
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **tables())  # type: ignore[arg-type]
    print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
