#!/usr/bin/env bash
# Small faults, put into a private copy of the tree one at a time: which ones do the tests not see? By hand; nothing in
# the checkout is changed. ci/mutate.sh --room batch --count 50 --seed 3; --help tells the rest. Needs the extra "test".
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
exec "$python" -m ci.mutation "$@"
