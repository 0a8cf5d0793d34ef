"""The readers that know no drawing tool: when each is asked, what it may tell, and which instrument it reads with.

The instruments are functions of the plot's pixels and of what is known, each in a file of its own. The order in which
readers are asked is that of `fastspec.inspection.READERS`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import EDGES_HALFWAY
from fastspec.calibration import consistency, defaults, guesses, timing, trust
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import retrieval_hop
from fastspec.calibration.facts import FILES, NEEDED, STATED, Fact
from fastspec.detect.array_cells import has_own_cells, is_clean, is_sharp, read_array, shows_no_cells
from fastspec.detect.cell_borders import borders_of, read_runs
from fastspec.detect.colormap import read_colours
from fastspec.detect.evidence import Evidence, Scene, Signal
from fastspec.detect.faint_borders import read_faint
from fastspec.detect.figure.rectangles import colour_of_ring
from fastspec.detect.figure.subpixel_box import is_old, read_cells
from fastspec.detect.skipped_bins import read_skipped
from fastspec.errors import CalibrationError, listed

NONE: frozenset[str] = frozenset()
SURE_WITHIN_MARGIN = 0.8  # of a map whose plot was not found within a margin of one colour; unmeasured
# That the plot is the whole picture. Of 60 boxes of `python -m bench.quality.field CORPUS --only specgrams --count 60`
# 59 are stated, none wrongly.
SURE_OF_WHOLE = 0.85
_ASSUMED = "assumed, as nothing tells it: "
AXIS = frozenset({"freq_scale", "freq_edges", "sr", "n_fft", "n_mels", "n_bins", "fmax", "n_frames"})


def _shows_frames(scene: Scene) -> bool:
    """Whether columns are frames of a picture that is not fastspec's own, and rows lie on an axis still to be read."""
    return (
        Signal.EQUAL_CELLS not in scene.signals
        and scene.source("n_fft") not in FILES
        and scene.known.get("columns") != "spans"
    )


class Overridden:
    """The embedded time fact that follows from others is dropped where the user changes one of those."""

    tells = frozenset({"n_frames", "duration"})
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Where the user changes what the number of frames follows from."""
        changed = {"duration", "hop_length", "sr"} & scene.given.keys()
        return "n_frames" not in scene.given and "n_frames" in scene.known and bool(changed)

    def read(self, scene: Scene) -> Evidence:
        """Without the fact."""
        return Evidence(withdrawn=frozenset({"n_frames" if "duration" in scene.given else "duration"}))


class Claims:
    """Refuses counts that no spectrum has, before anything is made of them."""

    tells = NONE
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Always."""
        return True

    def read(self, scene: Scene) -> Evidence:
        """Nothing; raises CalibrationError."""
        consistency.check_claims(scene.known, scene.limit)
        return Evidence()


class Consistency:
    """Refuses facts that contradict each other or the picture's size; leaves out what was misread."""

    tells = frozenset({"fmin", "fmax", "n_mels"})
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Always."""
        return True

    def read(self, scene: Scene) -> Evidence:
        """Without what fits nothing else that was read; raises CalibrationError where given facts contradict."""
        width, height = scene.picture.width, scene.picture.height
        try:
            consistency.check(scene.known, width=width, height=height)
        except CalibrationError as error:
            gone = consistency.misread(scene.known, self.tells, width=width, height=height)
            if not gone:
                raise
            said = f"what was read of {listed(sorted(gone))} cannot be and is left out: {error}"
            return Evidence(withdrawn=gone, remarks=(said,))
        return Evidence()


class WholePicture:
    """The plot area where nothing else tells it."""

    tells = frozenset({"plot_area"})
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Where no plot area is known."""
        return "plot_area" not in scene.known

    def read(self, scene: Scene) -> Evidence:
        """The whole picture, as an assumption."""
        whole = (0, 0, scene.picture.width, scene.picture.height)
        assumed = scene.known.updated("assumed", 0.5, "the whole picture", plot_area=whole)
        return Evidence.between(scene.known, assumed)


class ArrayCells:
    """Rows and columns of an array that was saved as a picture, one cell a pixel."""

    tells = AXIS | {"n_bins", "profile"}

    def applies(self, scene: Scene) -> bool:
        """Where nothing lies round the plot, no file and no tool with marks of its own says otherwise."""
        profile = scene.known.facts.get("profile")
        drawn = profile is not None and profile.source != "assumed" and not guesses.is_guess(profile)
        whole = scene.source("plot_area") in ("assumed", "given")
        # on a linear axis cells that end halfway between bins are equal, too
        told = scene.source("freq_edges") in STATED and scene.known["freq_edges"] != EDGES_HALFWAY
        return whole and not drawn and not told

    def read(self, scene: Scene) -> Evidence:
        """The cells; a drawing tool that was only guessed is withdrawn with all that followed from it."""
        clean = scene.picture.palette is not None or is_clean(scene.survey)
        found = read_array(scene.area, scene.picture.palette, scene.known, clean=clean, once=scene.once)
        if found is None or has_own_cells(scene.known):
            return Evidence()
        across, down = scene.picture.info.get("enlarged", (1.0, 1.0))
        if across == 1 < down:  # columns may have been reduced, or hide frames
            found = found.without("n_frames")
        guess = scene.known.facts.get("profile")
        gone = NONE
        if guess is not None and guess.source in ("pixels", "assumed"):
            gone = frozenset({"profile"} | {n for n, fact in scene.known.facts.items() if fact.follows == "profile"})
        told = {name: fact for name, fact in found.facts.items() if scene.source(name) not in STATED}
        # how many rows there are is seen, whatever they are
        described = {"rows": scene.height} if found.source("freq_edges") == "pixels" else {}
        if down > 1 and found["freq_scale"] == "linear" and "n_bins" not in found:
            told.pop("freq_edges", None)  # specshow draws bins as even
        cells = Evidence(signals=frozenset({Signal.EQUAL_CELLS}), described=described, remarks=found.remarks)
        return replace(cells, corrected=told, withdrawn=gone - told.keys())


class LabelledAxes:
    """Says whether both axes were read off their labels; asked before the pixels are."""

    tells = NONE
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Where a time axis was read, and a frequency axis in Hz."""
        timed = scene.source("duration") == "pixels" or Signal.TIME_AS_GIVEN in scene.signals
        in_hertz = scene.source("plot_area") == scene.source("sr") == "pixels"
        return timed and in_hertz and Signal.AXIS_UNUSUAL not in scene.signals

    def read(self, scene: Scene) -> Evidence:
        """The signal."""
        return Evidence(signals=frozenset({Signal.LABELLED_AXES}))


class ColormapReader:
    """cmap and cmap_rounding, of the plot's colours."""

    tells = frozenset({"cmap", "cmap_rounding"})

    def applies(self, scene: Scene) -> bool:
        """Where the file does not say it itself."""
        return scene.source("cmap") not in FILES

    def read(self, scene: Scene) -> Evidence:
        """The colormap."""
        return Evidence.of(read_colours(scene.area, scene.known, scene.picture.palette, scene.survey))


class NoMargin:
    """States that the plot is the whole picture, where its colours reach all edges."""

    tells = frozenset({"plot_area", "cmap"})

    def applies(self, scene: Scene) -> bool:
        """Where that was assumed and the map is known."""
        cmap = scene.known.facts.get("cmap")
        sure = (
            cmap is not None
            and cmap.source in ("given", "original", "pixels")
            and cmap.confidence >= guesses.LIMITS.believed
        )
        return sure and scene.source("plot_area") == "assumed"

    def read(self, scene: Scene) -> Evidence:
        """The whole picture; where its outermost pixels have one colour, as a margin has, the map is less sure."""
        area = scene.stored
        ring = np.concatenate([area[0], area[-1], area[1:-1, 0], area[1:-1, -1]])
        if ring.ndim == 1:
            palette = scene.picture.palette
            ring = np.repeat(ring[:, None], 3, axis=1) if palette is None else palette[ring]
        if scene.known.picture.get("doubt") is not None:
            return Evidence()
        if colour_of_ring(ring) is not None:  # of paper, maybe, whose colour is then none of the map
            cmap = scene.known.facts["cmap"]
            weak = replace(cmap, confidence=min(cmap.confidence, SURE_WITHIN_MARGIN))
            return Evidence(corrected={"cmap": weak}) if cmap.source == "pixels" else Evidence()
        box = scene.known["plot_area"]
        return Evidence(corrected={"plot_area": Fact(box, "pixels", SURE_OF_WHOLE, "colours of the map at all edges")})


def _no_surer_than_rate(found: Calibration, scene: Scene) -> Calibration:
    """`found` with n_fft as sure as the rate that an axis tells: where a view was cut, both are too small."""
    rate, n_fft = scene.known.facts.get("sr"), found.facts.get("n_fft")
    if rate is None or n_fft is None or rate.source != "pixels" or n_fft.confidence <= rate.confidence:
        return found
    return found.corrected({"n_fft": replace(n_fft, confidence=rate.confidence)})


class CellBorders:
    """The frequency axis and the number of frames, of where one cell ends and the next begins."""

    tells = AXIS

    def applies(self, scene: Scene) -> bool:
        """Where columns are frames."""
        return _shows_frames(scene)

    def read(self, scene: Scene) -> Evidence:
        """Axis and frames of a plot on whole pixels, frames alone of a figure's."""
        open_, seen = Signal.EDGES_OPEN in scene.signals, scene.once(borders_of)
        return Evidence.of(_no_surer_than_rate(read_runs(scene.area, scene.known, edges_open=open_, seen=seen), scene))


class SubpixelBox:
    """The same of a figure's plot, whose box lies between the pixels; and where it lies."""

    tells = AXIS | {"plot_offsets"}

    def applies(self, scene: Scene) -> bool:
        """Where columns are frames."""
        return _shows_frames(scene)

    def read(self, scene: Scene) -> Evidence:
        """Axis, frames and offsets; offsets that were read otherwise no longer hold then."""
        old, edges_open = is_old(scene.picture.info), Signal.EDGES_OPEN in scene.signals
        found = _no_surer_than_rate(read_cells(scene.area, scene.known, edges_open=edges_open, old=old), scene)
        kept = scene.source("plot_offsets") in STATED
        gone = frozenset({"plot_offsets"} & found.keys()) if not kept else NONE
        return Evidence(found.facts, withdrawn=gone, remarks=found.remarks)


class FaintBorders:
    """The same of a damaged picture, of how steep levels are between cells."""

    tells = AXIS

    def applies(self, scene: Scene) -> bool:
        """Where columns are frames and the axis is not known; not where clean rows differ, each from the next."""
        asked = _shows_frames(scene) and scene.source("freq_scale") in (None, "assumed")
        return asked and not shows_no_cells(scene.area, scene.picture.palette, scene.survey, scene.once)

    def read(self, scene: Scene) -> Evidence:
        """Axis and frames."""
        once = scene.once if scene.picture.palette is None else None  # which is asked of numbers, not of colours
        sharp = is_sharp(scene.area, scene.picture.palette, scene.survey, scene.once)
        return Evidence.of(read_faint(_colours(scene), scene.known, once, clean=sharp))


class SkippedBins:
    """The FFT length of a linear axis with more bins than rows, of which bins were passed over."""

    tells = frozenset({"freq_scale", "n_fft", "freq_edges"})

    def applies(self, scene: Scene) -> bool:
        """Where columns are frames; a palette's entries have no order that differences could be measured in."""
        return _shows_frames(scene) and scene.picture.palette is None

    def read(self, scene: Scene) -> Evidence:
        """Scale, length and edges."""
        return Evidence.of(read_skipped(scene.area, scene.known))


class Defaults:
    """librosa's defaults for what is still unknown, as assumptions."""

    tells = frozenset({*defaults.ASSUMED, "n_fft", "win_length", "n_mels", "mel_htk", "mel_norm", "mel_power"}) | {
        "fmin",
        "bins_per_octave",
        "n_bins",
    }
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Always."""
        return True

    def read(self, scene: Scene) -> Evidence:
        """The defaults."""
        return Evidence.between(scene.known, defaults.assumed(scene.known))


class Timing:
    """Frames, duration and hop, made to fit each other; says in one sentence what was only assumed."""

    tells = frozenset({"n_frames", "duration", "hop_length"})
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Always."""
        return True

    def read(self, scene: Scene) -> Evidence:
        """The facts that follow; raises CalibrationError where they contradict each other."""
        fitted = _with_dense_frames(timing.reconcile(scene.known, scene.width))
        return Evidence.between(scene.known, _admitting(fitted))


class Size:
    """Refuses a spectrum that would be too large."""

    tells = NONE
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Always."""
        return True

    def read(self, scene: Scene) -> Evidence:
        """Nothing; raises CalibrationError."""
        consistency.check_size(scene.known, limit=scene.limit)
        return Evidence()


def _colours(scene: Scene) -> NDArray[Any]:
    """The plot's colours: the numbers of palette entries have no order that steps could be measured in."""
    palette = scene.picture.palette
    return scene.area if palette is None else np.take(palette, scene.area, axis=0, mode="clip")


def _with_dense_frames(known: Calibration) -> Calibration:
    """`known` with a sentence where windows hardly overlap, so that frames between them must be made up."""
    if not {"hop_length", "win_length"} <= known.keys():
        return known
    hop, window = known["hop_length"], known["win_length"]
    dense = retrieval_hop(hop, window)
    if dense == hop:
        return known
    return known.remarked(
        f"hop_length={hop} is {hop / window:.0%} of the window, so that frames hardly overlap: levels between them are "
        f"interpolated, {dense} samples apart; give another hop_length if it is not the drawing's"
    )


def admitted_again(known: Calibration) -> Calibration:
    """`known` once more facts have been found: its sentence on what was assumed names only what still is."""
    others = tuple(said for said in known.remarks if not said.startswith(_ASSUMED))
    return known if len(others) == len(known.remarks) else _admitting(replace(known, remarks=others))


def _admitting(known: Calibration) -> Calibration:
    """`known` with one line that says all that was only assumed."""
    said = bool(known.remarks) and known.remarks[-1].startswith("duration is not known")
    unneeded = {"n_frames"} | ({"duration"} if said else set())
    unneeded |= {"db_range"} if known.get("level_kind") != "db" else set()
    heard = [name for name in trust.doubts(known) if name not in NEEDED]
    guesses = [name for name in (*NEEDED, *heard) if known.source(name) == "assumed" and name not in unneeded]
    if not guesses:
        return known
    listed = ", ".join(f"{name} {_shown(known[name])}" for name in guesses)
    if said:
        return replace(known, remarks=(*known.remarks[:-1], f"{known.remarks[-1]}; also assumed: {listed}"))
    return known.remarked(f"{_ASSUMED}{listed}")


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " .. ".join(f"{v:g}" for v in value) + " dB"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
