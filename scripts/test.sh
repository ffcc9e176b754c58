#!/usr/bin/env bash
#
# scripts/test.sh                     runs all tests that can run on this machine
# scripts/test.sh -L quick            ... or those that ctest is told to, by any of its options
# scripts/test.sh -L nightly          those too long for every day, which the first line leaves out
# scripts/test.sh --no-install ...    the same, but what is missing is named, not installed
#
# Installs what the build and the tests need (apt), builds in build/release, or in build/cuda where there is
# a CUDA toolkit, and runs ctest. GRAVELER_PRESET=release builds without CUDA.

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
[[ ${1-} != --no-install ]] || { may_install=no && shift; }

choose_preset
require "${groups[@]}" test
build "$preset" "build/$preset" "${cmake_options[@]}"

[[ -e $root/build/$preset/graveler-mpi ]] ||
    say 'GRAVELER-MPI IS NOT TESTED: no MPI here (apt install openmpi-bin libopenmpi-dev, or mpich libmpich-dev)'
left_out='gpu'
if [[ $preset != cuda ]]; then
    say 'THE GPU TESTS DO NOT RUN: this build is without CUDA'
elif [[ -z $gpus ]]; then
    say 'THE GPU TESTS DO NOT RUN: there is no usable NVIDIA GPU here'
else
    left_out=''
fi
# One option for both: of several, ctest leaves out only what all of them fit.
[[ ${*,,} == *nightly* ]] || left_out+=${left_out:+|}nightly
run_ctest "$preset" ${left_out:+-LE "$left_out"} "$@"
