"""`inspect`, also with the sound that the picture was drawn of."""

from __future__ import annotations

import os
from typing import Any

from fastspec import inspection
from fastspec.calibration import consistency
from fastspec.calibration.budget import Budget
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.price import check_price, priced
from fastspec.picture.files import MAX_PIXELS


def inspect(
    picture: Any,
    /,
    *,
    original: Any = None,
    like: Any = None,
    max_pixels: int | None = MAX_PIXELS,
    max_memory: float | None = None,
    timeout: float | None = None,
    **given: Any,
) -> Calibration:
    """What is known about a picture and how.

    picture : path, Picture, PIL image or pixel array (H, W[, 3|4]), row 0 at the top.
    original : the sound that it was drawn of, a path or (y, sr): it is drawn again, and what explains most of the
        picture tells the facts that nothing else tells, however the picture was edited. Remarks say how much agrees;
        a sound that does not fit the picture tells nothing, which a remark says.
    like : another picture of the same drawing, such as the one that was edited, or its facts; see
        `fastspec.inspection.known_of`.
    max_pixels : files with more are refused before their pixels are decoded.
    max_memory, timeout : bytes and seconds that reading the picture may take, see `calibration.budget`; a remark says
        where decoding would take more.
    given : facts that the caller knows (`sr=22050`, `profile="librosa-0.8"` ...); they override all others. The ends of
        the colours may be given as `level_range=(lo, hi)` with `level_unit="dB"`, "ln", "log10" or "linear" instead of
        `db_range`; what the logarithm was taken of, or what linear values are, says `level_kind`.

    Returns a Calibration in which every fact has its source: given, original, embedded (in the file), pixels, profile
    or assumed. Raises PictureError when the file cannot be read, AudioError when the original cannot, ParameterError
    for a fact out of range, CalibrationError when facts contradict each other, and with an original LimitError when
    they ask for more than a picture may take.
    """
    if original is None:
        return inspection.inspect(
            picture, like=like, max_pixels=max_pixels, max_memory=max_memory, timeout=timeout, **given
        )
    from fastspec.retouch import said
    from fastspec.retouch.original import Original
    from fastspec.retouch.search import explain

    consistency.check_limits(max_pixels=max_pixels)
    budget = Budget(max_memory, timeout)
    clock = budget.clock()
    loaded = inspection.load(picture, max_pixels=max_pixels, budget=budget)
    facts, limit = inspection.given_facts(given), consistency.max_cells(max_pixels)
    other = None if like is None else inspection.known_of(like, facts, max_pixels=max_pixels, budget=budget)
    # here more than decoding may take is no remark but refused, as the sound is drawn with these facts
    sound = Original.of(original, budget=budget)
    found = explain(
        loaded,
        facts,
        sound,
        limit=limit,
        clock=clock,
        like=other,
        check=lambda scene: check_price(scene.calibration(), scene.width, budget),
    )
    if not found.is_its_original:  # then it tells nothing
        scene = inspection.seen(loaded, facts, limit, clock, other)
        return priced(scene.calibration().remarked(said.unfit(found, sound)), scene.width, budget)
    name = os.fspath(original) if isinstance(original, str | os.PathLike) else "SOUND"
    known = found.calibration.described(original=name)
    return priced(known, found.scene.width, budget)
