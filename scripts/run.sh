#!/usr/bin/env bash
#
# scripts/run.sh [options]            plays 1,000,000,000 sessions of 231 rolls, or what the options say
# scripts/run.sh --no-install ...     the same, but what is missing is named, not installed
#
# Installs what the build needs (apt), builds in build/run-release, or in build/run-cuda where there is a
# CUDA toolkit, and becomes `graveler run` with these options. GRAVELER_PRESET=release builds without CUDA.
# For the options themselves, once it is built: build/run-release/graveler run --help

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
[[ ${1-} != --no-install ]] || { may_install=no && shift; }

choose_preset
require "${groups[@]}"
build "$preset" "build/run-$preset" -DBUILD_TESTING=OFF "${cmake_options[@]}"
exec "$root/build/run-$preset/graveler" run "$@"
