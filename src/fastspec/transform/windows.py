"""Analysis windows by every name that `scipy.signal.get_window` knows, in plain NumPy.

Formulas and conventions are SciPy 1.17's (BSD-3), so that the windows agree with those librosa draws with; the
sources of the less common ones are named beside them.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fastspec.errors import ParameterError
from fastspec.transform.window_names import parsed

Window: TypeAlias = npt.NDArray[np.float64]
WindowSpec: TypeAlias = (
    str | float | tuple[Any, ...] | Sequence[float] | npt.NDArray[Any] | Callable[[int], npt.ArrayLike]
)


_USUAL_LENGTH = 2048  # samples
_LONGEST = 1 << 17  # samples of a window that is tried: whoever asks for more is refused elsewhere
_MOST_LOBES = 64  # of a Taylor window; radar uses 4 to 10


def get_window(spec: WindowSpec, n: int, fftbins: bool = True) -> Window:
    """The window that `spec` names, `n` samples long.

    spec : a name (`"hann"`), a name with parameters (`("kaiser", 8.6)` or, as one text, `"kaiser:8.6"`), a number
        (Kaiser's beta), a sequence of `n` samples, or a function of `n` such as `np.hanning`. A name may end in
        `_symmetric` or `_periodic`.
        `"hanning"` is NumPy's `np.hanning`, always symmetric, unlike `"hann"`.
    fftbins : True for a periodic window (for spectra), False for a symmetric one

    Returns float64 [shape=(n,)]. Raises ParameterError for unknown names, wrong parameters and lengths, samples that
    are not real and finite, and windows that are zero throughout.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise ParameterError(f"window length {n!r} must be an integer of at least 1")
    size = int(n)
    window: Any = spec
    if isinstance(spec, (str, tuple)):
        window = _named(spec, size, symmetric=not fftbins)
    elif callable(spec):
        window = spec(size)
    elif isinstance(spec, (int, float, np.number)) or (isinstance(spec, np.ndarray) and spec.ndim == 0):
        window = _named(("kaiser", spec), size, symmetric=not fftbins)
    try:
        samples = np.array(window)
    except ValueError:  # a ragged sequence
        samples = np.empty(0, dtype=object)
    if samples.dtype.kind not in "fiub":
        raise ParameterError(
            f"window {_shown(spec)} is neither a name, a number, real samples nor a function that gives them"
        )
    if samples.shape != (size,):
        raise ParameterError(f"window {_shown(spec)} has shape {samples.shape}; win_length={size} needs ({size},)")
    result = samples.astype(np.float64)
    if not np.isfinite(result).all():
        raise ParameterError(f"window {_shown(spec)} has samples that are not finite; change its parameters")
    if not result.any():
        raise ParameterError(f"window {_shown(spec)} of {size} samples is zero throughout; use a longer one")
    return result


def _named(spec: str | tuple[Any, ...], n: int, symmetric: bool) -> Window:
    spec = parsed(spec) if isinstance(spec, str) else spec
    name, arguments = (spec[0] if spec else None, spec[1:])
    if not isinstance(name, str):
        raise ParameterError(f"window {_shown(spec)} must start with a name, as in ('kaiser', 8.6)")
    plain = name
    if name.endswith("_symmetric"):
        plain, symmetric = name.removesuffix("_symmetric"), True
    elif name.endswith("_periodic"):
        plain, symmetric = name.removesuffix("_periodic"), False
    if plain not in _NAMES:
        near = difflib.get_close_matches(plain, _NAMES, n=3)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "use a name scipy.signal.get_window knows"
        raise ParameterError(f"window {name!r} is unknown; {hint}")
    make, least, most = _NAMES[plain]
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise ParameterError(f"window {plain!r} takes {wanted} parameters, not {len(arguments)}: {_shown(spec)}")
    if make is _exponential and symmetric and arguments and arguments[0] is not None:
        raise ParameterError(f"window {_shown(spec)} is symmetric; its centre must be None")
    if make is _kaiser_bessel_derived and not (symmetric and n % 2 == 0):
        raise ParameterError(
            f"window {plain!r} exists only with an even length and symmetric: name it '{plain}_symmetric' "
            f"and use an even win_length, not {n}"
        )
    if make is _taylor and arguments and not 1 <= _number(arguments[0]) <= _MOST_LOBES:  # more would take minutes
        raise ParameterError(f"window {_shown(spec)} needs 1 to {_MOST_LOBES} nearly constant side lobes")
    if make is _dpss and n > 1 and not 0 < _number(arguments[0]) < n / 2:
        raise ParameterError(f"window {_shown(spec)} needs a half bandwidth between 0 and win_length / 2 = {n / 2:g}")
    if n == 1:
        return np.ones(1)
    if make is _hanning:
        symmetric = True
    try:
        with np.errstate(all="ignore"):  # what overflows is not finite, which the caller reports
            return make(n if symmetric else n + 1, *arguments)[:n]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
        raise ParameterError(f"window {_shown(spec)} has parameters that do not fit: {error}") from error


def check_window(spec: WindowSpec, *lengths: Any) -> None:
    """Raise ParameterError for a window that there is none of: as long as the first of `lengths` that is one."""
    known = [n for n in lengths if isinstance(n, (int, np.integer)) and not isinstance(n, bool) and 0 < n <= _LONGEST]
    get_window(spec, int(known[0]) if known else _USUAL_LENGTH)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _shown(spec: object) -> str:
    text = getattr(spec, "__name__", None) or repr(spec)
    return text if len(text) <= 60 else text[:57] + "..."


# --- the windows: each takes its length and gives the symmetric form ----------------------------------------


def _general_cosine(n: int, weights: npt.ArrayLike) -> Window:
    phase = np.linspace(-np.pi, np.pi, n)
    window = np.zeros(n)
    for k, weight in enumerate(np.asarray(weights, dtype=np.float64)):
        window += weight * np.cos(k * phase)
    return window


def _general_hamming(n: int, alpha: float) -> Window:
    return _general_cosine(n, [alpha, 1.0 - alpha])


def _cosines(*weights: float) -> Callable[[int], Window]:
    return lambda n: _general_cosine(n, weights)


def _hanning(n: int) -> Window:
    return np.hanning(n)


def _boxcar(n: int) -> Window:
    return np.ones(n)


def _triang(n: int) -> Window:
    rise = np.arange(1, (n + 1) // 2 + 1, dtype=np.float64)
    if n % 2 == 0:
        half = (2 * rise - 1.0) / n
        return np.concatenate([half, half[::-1]])
    half = 2 * rise / (n + 1.0)
    return np.concatenate([half, half[-2::-1]])


def _parzen(n: int) -> Window:
    distance = np.abs(np.arange(n) - (n - 1) / 2.0)
    x = distance / (n / 2.0)
    window: Window = np.where(distance <= (n - 1) / 4.0, 1 - 6 * x**2 + 6 * x**3, 2 * (1 - x) ** 3)
    return window


def _bohman(n: int) -> Window:
    x = np.abs(np.linspace(-1, 1, n))
    window = (1 - x) * np.cos(np.pi * x) + np.sin(np.pi * x) / np.pi
    window[[0, -1]] = 0
    return window


def _bartlett(n: int) -> Window:
    return np.bartlett(n)


def _barthann(n: int) -> Window:
    x = np.abs(np.arange(n) / (n - 1.0) - 0.5)
    window: Window = 0.62 - 0.48 * x + 0.38 * np.cos(2 * np.pi * x)
    return window


def _tukey(n: int, alpha: float = 0.5) -> Window:
    if alpha <= 0:
        return np.ones(n)
    if alpha >= 1:
        return _general_hamming(n, 0.5)
    index = np.arange(n, dtype=np.float64)
    width = math.floor(alpha * (n - 1) / 2.0)
    window = np.ones(n)
    window[: width + 1] = 0.5 * (1 + np.cos(np.pi * (-1 + 2.0 * index[: width + 1] / alpha / (n - 1))))
    last = index[n - width - 1 :]
    window[n - width - 1 :] = 0.5 * (1 + np.cos(np.pi * (-2.0 / alpha + 1 + 2.0 * last / alpha / (n - 1))))
    return window


def _kaiser(n: int, beta: float) -> Window:
    x = np.arange(n) / ((n - 1) / 2.0) - 1
    # exact at the ends, where rounding could go below zero
    window: Window = np.i0(beta * np.sqrt(np.maximum(1 - x**2, 0))) / np.i0(float(beta))
    return window


def _kaiser_bessel_derived(n: int, beta: float) -> Window:
    total = np.cumsum(_kaiser(n // 2 + 1, beta))
    half = np.sqrt(total[:-1] / total[-1])
    return np.concatenate([half, half[::-1]])


def _gaussian(n: int, std: float) -> Window:
    x = np.arange(n) - (n - 1.0) / 2.0
    window: Window = np.exp(-(x**2) / (2 * std * std))
    return window


def _general_gaussian(n: int, power: float, sigma: float) -> Window:
    x = np.arange(n) - (n - 1.0) / 2.0
    window: Window = np.exp(-0.5 * np.abs(x / sigma) ** (2 * power))
    return window


def _exponential(n: int, center: float | None = None, tau: float = 1.0) -> Window:
    middle = (n - 1) / 2 if center is None else center
    window: Window = np.exp(-np.abs(np.arange(n) - middle) / tau)
    return window


def _cosine(n: int) -> Window:
    window: Window = np.sin(np.pi / n * (np.arange(n) + 0.5))
    return window


def _lanczos(n: int) -> Window:
    window: Window = np.sinc(2.0 * np.arange(n) / (n - 1) - 1.0)
    return window


def _chebwin(n: int, attenuation: float) -> Window:
    """Dolph-Chebyshev: the inverse transform of a Chebyshev polynomial of order n - 1 (Lyons 2011)."""
    order = n - 1.0
    beta = np.cosh(np.arccosh(10 ** (abs(attenuation) / 20.0)) / order)
    x = beta * np.cos(np.pi * np.arange(n) / n)
    inside = np.cos(order * np.arccos(np.clip(x, -1, 1)))
    outside = np.cosh(order * np.arccosh(np.maximum(np.abs(x), 1)))
    values = np.where(x > 1, outside, np.where(x < -1, (2 * (n % 2) - 1) * outside, inside))
    if n % 2:
        half = np.fft.fft(values).real[: (n + 1) // 2]
        window = np.concatenate([half[:0:-1], half])
    else:
        half = np.fft.fft(values * np.exp(1j * np.pi / n * np.arange(n))).real[1 : n // 2 + 1]
        window = np.concatenate([half[::-1], half])
    normalised: Window = window / window.max()
    return normalised


def _taylor(n: int, nbar: int = 4, sidelobes: float = 30, norm: bool = True) -> Window:
    """Taylor window with `nbar` nearly constant side lobes (Carrara, Goodman and Majewski 1995)."""
    a = np.arccosh(10 ** (sidelobes / 20)) / np.pi
    s2 = nbar**2 / (a**2 + (nbar - 0.5) ** 2)
    m = np.arange(1, nbar, dtype=np.float64)
    m2 = m * m
    weights = np.empty(nbar - 1)
    for i in range(nbar - 1):
        numerator = (-1) ** i * np.prod(1 - m2[i] / s2 / (a**2 + (m - 0.5) ** 2))
        weights[i] = numerator / (2 * np.prod(1 - m2[i] / m2[:i]) * np.prod(1 - m2[i] / m2[i + 1 :]))

    def value(x: npt.NDArray[Any]) -> Window:
        total: Window = 1 + 2 * weights @ np.cos(2 * np.pi * m[:, None] * (x - n / 2.0 + 0.5) / n)
        return total

    window = value(np.arange(n))
    if norm:
        window /= value(np.array([(n - 1) / 2]))[0]
    return window


def _dpss(n: int, half_bandwidth: float) -> Window:
    """First Slepian sequence: top eigenvector of a tridiagonal matrix (Percival and Walden 1993, 8.3).

    A shift just above the top eigenvalue makes the matrix definite, so that inverse iteration needs no pivoting.
    """
    index = np.arange(n, dtype=np.float64)
    diagonal = ((n - 1 - 2 * index) / 2.0) ** 2 * math.cos(2 * math.pi * half_bandwidth / n)
    beside = index[1:] * (n - index[1:]) / 2.0
    d, e = diagonal.tolist(), beside.tolist()
    low = float(diagonal.max())
    high = low + 2 * float(beside.max())
    while (middle := (low + high) / 2) not in (low, high):
        if _pivots(d, e, middle) is None:
            low = middle
        else:
            high = middle
    pivots = None
    while pivots is None:  # the bisection's upper end, unless it was never tried
        pivots = _pivots(d, e, high)
        high += abs(high) * 1e-15
    x = [1.0] * n
    for _ in range(4):
        for i in range(1, n):
            x[i] -= e[i - 1] / pivots[i - 1] * x[i - 1]
        x[-1] /= pivots[-1]
        for i in range(n - 2, -1, -1):
            x[i] = (x[i] - e[i] * x[i + 1]) / pivots[i]
        top = max(x, key=abs)
        x = [value / top for value in x]
    window: Window = np.array(x)
    window = (window + window[::-1]) / 2
    window /= window.max()
    if n % 2 == 0:
        window *= n**2 / (n**2 + half_bandwidth)
    return window


def _pivots(d: list[float], e: list[float], shift: float) -> list[float] | None:
    """Pivots of the matrix less `shift`; None if one is not negative, i.e. an eigenvalue reaches `shift`."""
    pivot = d[0] - shift
    pivots = [pivot]
    for diagonal, beside in zip(d[1:], e, strict=True):
        if pivot >= 0:
            return None
        pivot = diagonal - shift - beside * beside / pivot
        pivots.append(pivot)
    return pivots if pivot < 0 else None


_Entry: TypeAlias = tuple[Callable[..., Window], int, int]
_ALIASES: dict[str, _Entry] = {  # names: function, fewest and most parameters
    "barthann brthan bth": (_barthann, 0, 0),
    "bartlett bart brt": (_bartlett, 0, 0),
    "blackman black blk": (_cosines(0.42, 0.50, 0.08), 0, 0),
    "blackmanharris blackharr bkh": (_cosines(0.35875, 0.48829, 0.14128, 0.01168), 0, 0),
    "bohman bman bmn": (_bohman, 0, 0),
    "boxcar box ones rect rectangular": (_boxcar, 0, 0),
    "chebwin cheb": (_chebwin, 1, 1),
    "cosine halfcosine": (_cosine, 0, 0),
    "dpss": (_dpss, 1, 1),
    "exponential poisson": (_exponential, 0, 2),
    "flattop flat flt": (_cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368), 0, 0),
    "gaussian gauss gss": (_gaussian, 1, 1),
    "general_cosine": (_general_cosine, 1, 1),
    "general_gaussian general_gauss ggs": (_general_gaussian, 2, 2),
    "general_hamming": (_general_hamming, 1, 1),
    "hamming hamm ham": (_cosines(0.54, 1.0 - 0.54), 0, 0),
    "hann han": (_cosines(0.5, 0.5), 0, 0),
    "hanning": (_hanning, 0, 0),
    "kaiser ksr": (_kaiser, 1, 1),
    "kaiser_bessel_derived kbd": (_kaiser_bessel_derived, 1, 1),
    "lanczos sinc": (_lanczos, 0, 0),
    "nuttall nutl nut": (_cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411), 0, 0),
    "parzen parz par": (_parzen, 0, 0),
    "taylor taylorwin": (_taylor, 0, 3),
    "triangle triang tri": (_triang, 0, 0),
    "tukey tuk": (_tukey, 0, 1),
}
_NAMES: dict[str, _Entry] = {name: entry for names, entry in _ALIASES.items() for name in names.split()}
# SciPy knows the two-word names with spaces, too
_NAMES.update({name.replace("_", " "): entry for name, entry in list(_NAMES.items()) if "_" in name})
