"""The cells of a plot whose axes count them: what its rows are, and how many frames its columns are."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import EDGES_WHOLE
from fastspec.calibration import guesses
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import STATED, Fact
from fastspec.detect.array_cells import BANDS, cells_of, given_rows, is_fft, said_of
from fastspec.detect.cell_borders import borders_of
from fastspec.detect.evidence import Evidence, Scene, Signal


class Limits(NamedTuple):
    """When the borders between columns say which of some numbers of frames it is.

    "field" is `python -m bench.quality.field CORPUS --only counting_axes`.
    """

    whole: float = 0.5  # cells of slack, below which a number of rows of no usual kind is one number; unmeasured
    many: int = 512  # mel bands, which are rarer than bins one more; unmeasured
    alike: int = 20  # columns like the next, which only true cells explain; unmeasured
    beyond: float = 1.0  # pixels by which a plot may lie off its whole pixels; unmeasured
    steps: int = 21  # places tried of each end; unmeasured
    unexplained: float = 0.05  # of the borders, that a true number of frames leaves within cells; unmeasured
    sieve: int = 4  # parts of the borders that are looked at one after the other, for speed; unmeasured
    rival: float = 0.15  # of the borders, that any other number leaves at least; unmeasured
    sure_of_either: float = 0.5  # that rows are what is nearest of bands and bins; field
    nothing_shows: float = 0.5  # confidence in rows that the pixels tell nothing of; unmeasured
    sure_of_borders: float = 0.95  # of the one number of frames that explains them; field


LIMITS = Limits()


class CountedCells:
    """Rows and columns that the axes of a figure count; as a property of the picture, rows : how many of them."""

    tells = frozenset({"freq_scale", "freq_edges", "n_fft", "n_mels", "n_bins", "n_frames", "profile"})

    def applies(self, scene: Scene) -> bool:
        """Where an axis counts."""
        return bool({"counted_rows", "counted_frames"} & scene.known.picture.keys())

    def read(self, scene: Scene) -> Evidence:
        """The cells; a drawing tool that was only guessed is withdrawn with all that followed from it."""
        rows, frames = scene.known.picture.get("counted_rows"), scene.known.picture.get("counted_frames")
        facts: dict[str, Fact] = {}
        remarks: tuple[str, ...] = ()
        signals: frozenset[Signal] = frozenset()
        described: dict[str, int] = {}
        if frames is not None:
            number = frames_of(scene.once(borders_of)[1], *frames)
            if number is not None:
                sure = LIMITS.sure_of_borders
                facts["n_frames"] = Fact(number, "pixels", sure, "counted by the axis, and borders between columns")
        if rows is not None and scene.source("freq_edges") not in STATED:
            signals = frozenset({Signal.EQUAL_CELLS})
            borders = frames_of(scene.once(borders_of)[0], *rows)
            said = str(scene.known.picture.get("rows_said", ""))
            height = rows_of_count(rows[0], rows[1], scene.known, said) if borders is None else borders
            found = None if height is None else cells_of(height, scene.known, said)
            if height is not None and found is not None:
                told = said == "mel" or bool(given_rows(height, scene.known))
                unsure = borders is None and either(*rows) and not told
                if borders is not None or (not unsure and (rows[1] < LIMITS.whole or not is_fft(2 * (height - 1)))):
                    described["rows"] = height
                facts |= {name: _guess(fact) for name, fact in found.items()} if unsure else found
                remarks = said_of(height, found, "as its axis counts them")
        facts = {name: fact for name, fact in facts.items() if scene.source(name) not in STATED}
        gone = _guessed(scene.known) - facts.keys()
        return Evidence(corrected=facts, withdrawn=gone, remarks=remarks, signals=signals, described=described)


class EqualRows:
    """Rows of a picture without axes that is said to be of mel bands, where nothing shows that they are bent."""

    tells = frozenset({"freq_edges"})

    def applies(self, scene: Scene) -> bool:
        """Where the user gives bands but no tool, and the pixels told neither bent nor equal rows."""
        given = scene.source("n_mels") == "given" and scene.source("freq_scale") in ("given", "assumed", "pixels")
        whole = (scene.width, scene.height) == (scene.picture.width, scene.picture.height)
        bare = whole and "profile" not in scene.known
        return (
            given
            and bare
            and scene.known.get("freq_scale") == "mel"
            and scene.source("freq_edges") in (None, "assumed")
            and Signal.EQUAL_CELLS not in scene.signals
            and scene.known.get("columns") != "spans"
        )

    def read(self, scene: Scene) -> Evidence:
        """Equal ones, as an assumption, with a remark."""
        note = "mel bands of equal height, as in arrays"
        said = (
            f"{scene.height} rows are taken for {scene.known['n_mels']} mel bands of equal height, as in arrays; "
            "give --profile librosa if they were drawn on the bent mel axis of specshow"
        )
        return Evidence({"freq_edges": Fact(EDGES_WHOLE, "assumed", LIMITS.nothing_shows, note)}, remarks=(said,))


def rows_of_count(number: float, slack: float, known: Calibration, said: str = "") -> int | None:
    """The whole number of rows near `number`: that which is given, else a usual one, else the only one.

    said : "mel" or "bins", as titles have it: bands, or 1 + 2^k, come first then. 512 bands are rarer than 513 bins.
    """
    some = sorted(range(max(2, int(np.ceil(number - slack))), int(number + slack) + 1), key=lambda n: abs(n - number))
    told = [n for n in some if given_rows(n, known)]
    bins = [n for n in some if is_fft(2 * (n - 1))]
    bands = [n for n in some if n in BANDS and not (bins and n >= LIMITS.many)]
    both = sorted(bands + bins, key=lambda n: abs(n - number))
    usual = told or {"mel": bands or bins, "bins": bins or bands}.get(said, both)
    if usual:
        return usual[0]
    return some[0] if some and slack < LIMITS.whole else None


def either(number: float, slack: float) -> bool:
    """Whether there may be as many rows as bands are taken, and as many as bins: 128 and 129."""
    some = range(max(2, int(np.ceil(number - slack))), int(number + slack) + 1)
    return any(n in BANDS and n < LIMITS.many for n in some) and any(is_fft(2 * (n - 1)) for n in some)


def _guess(fact: Fact) -> Fact:
    return replace(fact, source="assumed", confidence=min(fact.confidence, LIMITS.sure_of_either))


def frames_of(borders: NDArray[np.bool_], number: float, slack: float) -> int | None:
    """The one number of cells near `number` that has all `borders` between columns or rows (W - 1,), or None."""
    seen = np.flatnonzero(borders)
    if len(borders) - len(seen) < LIMITS.alike or not len(seen):
        return None
    off = np.linspace(-LIMITS.beyond, LIMITS.beyond, LIMITS.steps)
    first, last = (ends.ravel()[:, None] for ends in np.meshgrid(off, len(borders) + 1 + off))
    left = []  # of the borders, within cells; for each number
    most = max(LIMITS.unexplained, LIMITS.rival) * len(seen)
    for n in range(max(2, int(np.ceil(number - slack - 1))), int(number + slack + 1) + 1):
        begins, pitch, missed = first, n / (last - first), np.zeros(len(first), np.intp)
        for start in range(LIMITS.sieve):  # one border of so many tells of most places that no more need be tried
            some = seen[start :: LIMITS.sieve]
            before, after = (np.floor((some + at - begins) * pitch) for at in (0.5, 1.5))
            missed += np.count_nonzero(before == after, axis=1)
            kept = missed <= most
            begins, pitch, missed = begins[kept], pitch[kept], missed[kept]
        left.append((int(missed.min(initial=len(seen))) / len(seen), n))
    left.sort()
    alone = len(left) == 1 or left[1][0] >= LIMITS.rival
    return left[0][1] if left and left[0][0] <= LIMITS.unexplained and alone else None


def _guessed(known: Calibration) -> frozenset[str]:
    """The facts of a drawing tool that was only guessed."""
    guess = known.facts.get("profile")
    if guess is None or not guesses.is_guess(guess):
        return frozenset()
    return frozenset({"profile"} | {n for n, fact in known.facts.items() if fact.follows == "profile"})
