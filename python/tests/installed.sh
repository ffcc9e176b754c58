#!/usr/bin/env bash
# installed.sh PACKAGE GRAVELER: whether `pip install` of the package gives a module that plays what the program does,
# from a folder that knows nothing of the sources.
set -euo pipefail

package=$1 program=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset PYTHONPATH GRAVELER_LIBRARY
cd "$folder"

skip() {
    printf 'NOT TESTED: %s\n' "$*" >&2
    exit 77
}

/usr/bin/python3 -m venv "$folder/venv" 2>"$folder/why" || skip "no venv here: $(head -n 1 "$folder/why")"
pip() { "$folder/venv/bin/pip" --quiet --disable-pip-version-check "$@"; }
pip download --no-deps --dest "$folder" scikit-build-core >"$folder/why" 2>&1 || skip 'no package index can be reached'
start=$SECONDS
pip install "$package"
printf 'installed in %d s\n' $((SECONDS - start))

cat >try.py <<'PY'
import sys

import graveler

result = graveler.run(sessions=1e6, seed=42, backend="cpu")
assert result.histogram.sum() == 1_000_000
with graveler.Pool(threads=1, backend="cpu") as pool:
    assert pool.submit(sessions=1e6, seed=42).result() == result
print(result.digest)
PY
wanted=$("$program" run --sessions 1e6 --seed 42 --backend cpu | sed -n 's/^Digest  *//p')
found=$("$folder/venv/bin/python" try.py)
[[ -n $wanted && $found == "$wanted" ]] || {
    printf 'FAILED: digest %s, and %s by the program\n' "$found" "$wanted" >&2
    exit 1
}
[[ -z $(find "$package" -name __pycache__ -o -name '*.egg-info' -o -name _skbuild) ]] || {
    printf 'FAILED: something was left in the sources\n' >&2
    exit 1
}
