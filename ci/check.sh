#!/usr/bin/env bash
# The README's two commands in fresh virtual environments, from a clean clone of HEAD; then lint, types and benches.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FASTSPEC_CACHE_DIR="$work/cache" PIP_DISABLE_PIP_VERSION_CHECK=1

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

# The commands are read from the README, so that what it promises is what runs here.
command_after() {
  sed -n "/<!-- $1 -->/,/^\`\`\`\$/p" "$root/README.md" | grep -v -e '^```' -e '^<!--'
}

step "clone"
git clone -q "$root" "$work/first"
git clone -q "$root" "$work/second"

step "the README's first command: install and decode a picture"
(cd "$work/first" && bash -euc "$(command_after first-command)")
"$work/first/.venv/bin/python" - "$work/first/out.wav" <<'PY'
import sys
import soundfile
info = soundfile.info(sys.argv[1])
assert info.samplerate == 22050 and info.duration > 1, info
print(f"out.wav: {info.duration:.2f} s at {info.samplerate} Hz")
PY

step "the README's second command: install and test"
(cd "$work/second" && bash -euc "$(command_after second-command)")

cd "$work/second"
step "lint"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
step "import contracts"
.venv/bin/lint-imports
step "types, of tests and benches too"
.venv/bin/mypy
step "transforms, phase retrieval and decoding without FFTW"
FASTSPEC_FFT=numba .venv/bin/python -m pytest -n 2 -q -p no:cacheprovider tests/phase tests/transform/test_stft.py \
  tests/transform/test_geometry.py tests/test_decoder.py tests/test_decoder_parts.py tests/test_encoder.py tests/test_encoder_edges.py
step "golden tests against librosa 1.0, in an environment of their own"
bash ci/librosa1.sh
step "batches, pictures, the command line and promises on a newer Python"
FASTSPEC_NO_DOWNLOADS=1 bash ci/pythons.sh --subset --newer # no network but the package indexes
step "benches as smoke tests"
OMP_NUM_THREADS=1 .venv/bin/python -m pytest bench -q --benchmark-disable
step "ratios to the peers, by the bounds of their intervals"
.venv/bin/python -m bench.speed.compare --quick --json "$work/quick.json"
.venv/bin/python -m bench.speed.gate "$work/quick.json"
step "throughput beside the last milestone's"
if [ "$(git -C "$root" rev-parse --is-shallow-repository)" = true ]; then
  echo "not compared: this clone lacks the history"
else
  .venv/bin/python -m bench.speed.since --rounds 7
fi
step "done"
