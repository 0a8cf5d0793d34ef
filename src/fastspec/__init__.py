"""fastspec turns pictures of spectrograms back into sound, and sound into such pictures.

Public names are imported on first use, so that `import fastspec` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Calibration": "calibration",
    "Fact": "calibration",
    "Decoded": "convert",
    "Decoder": "convert",
    "Encoder": "encoder",
    "decode": "convert",
    "encode": "encoder",
    "inspect": "detect",
    "doctor_report": "doctor",
    "warmup": "doctor",
    "FastspecError": "errors",
    "AudioError": "errors",
    "CalibrationError": "errors",
    "MissingExtraError": "errors",
    "NonInvertibleError": "errors",
    "OutputError": "errors",
    "ParameterError": "errors",
    "PictureError": "errors",
    "griffinlim": "phase.retrieval",
    "phase_retrieval": "phase.retrieval",
    "pghi": "phase.starts",
    "spsi": "phase.starts",
    "Picture": "picture",
    "Profile": "foreign",
    "profiles": "presets",
    "istft": "transform",
    "stft": "transform",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    try:
        home = _HOME[name]
    except KeyError:
        raise AttributeError(f"module 'fastspec' has no attribute {name!r}") from None
    value = getattr(importlib.import_module(f"fastspec.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from fastspec.calibration import Calibration as Calibration
    from fastspec.calibration import Fact as Fact
    from fastspec.convert import Decoded as Decoded
    from fastspec.convert import Decoder as Decoder
    from fastspec.convert import decode as decode
    from fastspec.detect import inspect as inspect
    from fastspec.doctor import doctor_report as doctor_report
    from fastspec.doctor import warmup as warmup
    from fastspec.encoder import Encoder as Encoder
    from fastspec.encoder import encode as encode
    from fastspec.errors import AudioError as AudioError
    from fastspec.errors import CalibrationError as CalibrationError
    from fastspec.errors import FastspecError as FastspecError
    from fastspec.errors import MissingExtraError as MissingExtraError
    from fastspec.errors import NonInvertibleError as NonInvertibleError
    from fastspec.errors import OutputError as OutputError
    from fastspec.errors import ParameterError as ParameterError
    from fastspec.errors import PictureError as PictureError
    from fastspec.foreign import Profile as Profile
    from fastspec.phase.retrieval import griffinlim as griffinlim
    from fastspec.phase.retrieval import phase_retrieval as phase_retrieval
    from fastspec.phase.starts import pghi as pghi
    from fastspec.phase.starts import spsi as spsi
    from fastspec.picture import Picture as Picture
    from fastspec.presets import profiles as profiles
    from fastspec.transform import istft as istft
    from fastspec.transform import stft as stft
