"""What decoding a picture would take, said by `inspect` where that is too much."""

from __future__ import annotations

from fastspec.calibration.budget import LIMITS, Budget
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.cost import Work
from fastspec.errors import CalibrationError, LimitError


def check_price(cal: Calibration, width: int, budget: Budget) -> None:
    """Raise LimitError where decoding at the default quality would take too much, CalibrationError without facts."""
    pixels = int(cal.picture["width"]) * int(cal.picture["height"])
    budget.check(Work.of(Complete.of(cal), pixels=pixels, width=width, iterations=LIMITS.usual), cal)


def priced(cal: Calibration, width: int, budget: Budget) -> Calibration:
    """`cal` with a remark where decoding would be refused for what it takes, at the default quality."""
    try:
        check_price(cal, width, budget)
    except LimitError as error:
        return cal.remarked(f"decoding would be refused: {error}")
    except CalibrationError:  # facts are missing
        pass
    return cal
