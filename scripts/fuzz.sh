#!/usr/bin/env bash
#
# scripts/fuzz.sh [SECONDS]           fuzzes everything that parses, each target so many seconds (60)
# scripts/fuzz.sh --no-install ...    the same, but what is missing is named, not installed
#
# Installs what is missing (apt), builds the preset fuzz and lets libFuzzer change the kept inputs of
# tests/fuzz/corpus, two targets at a time where there are two processors. New inputs go to build/fuzz/corpus.
# Prints a line a target; exits with 1 where there was a finding, which stays in build/fuzz/findings: copied into
# the corpus it is a test of every build.

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
[[ ${1-} != --no-install ]] || { may_install=no && shift; }
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "'$seconds' is not a number of seconds"

fuzz=$root/tests/fuzz
work=$root/build/fuzz
findings=$work/findings

# fuzz_target NAME: exits with what libFuzzer does
fuzz_target() {
    local name=$1 scratch=$work/corpus/$1 dictionary=$fuzz/$1.dict
    # Those that read files share a dictionary.
    [[ -e $dictionary ]] || dictionary=$fuzz/result.dict
    rm -rf "$scratch"
    mkdir -p "$scratch"
    "${prefix[@]}" "$work/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -dict="$dictionary" -artifact_prefix="$findings/$name-" "$scratch" "$fuzz/corpus/$name" \
        >"$work/$name.log" 2>&1
}

# report NAME CODE
report() {
    local log=$work/$1.log executions coverage
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -a -o 'cov: [0-9]*' "$log" | tail -n 1) || coverage=''
    if (($2 == 0)); then
        printf '%-10s %9s executions, %s edges\n' "$1" "$executions" "${coverage#cov: }"
        return
    fi
    failed=yes
    printf '%-10s A FINDING, kept as %s; its report is %s:\n' "$1" "$(find "$findings" -name "$1-*" | paste -sd ' ')" "$log"
    grep -a -A 15 -m 1 -E 'violated:|ERROR:|runtime error:' "$log" | cut -c 1-200
}

require build sanitizers
build fuzz build/fuzz
find_prefix
rm -rf "$findings"
mkdir -p "$findings"
# Checkpoints are files: those in memory are quick.
[[ ! -w /dev/shm ]] || export TMPDIR=/dev/shm

failed=no names=() jobs=()
at_once=$(nproc)
((at_once <= 2)) || at_once=2
targets=(result checkpoint die options batch seal)
for ((i = 0; i < ${#targets[@]}; i += at_once)); do
    names=("${targets[@]:i:at_once}") jobs=()
    for name in "${names[@]}"; do
        fuzz_target "$name" &
        jobs+=($!)
    done
    for j in "${!names[@]}"; do
        code=0
        wait "${jobs[j]}" || code=$?
        report "${names[j]}" "$code"
    done
done
[[ $failed == no ]]
