#!/usr/bin/env bash
#
# scripts/gpu-check.sh [OUT]             builds for the GPUs that are here, tests and measures all there is
# scripts/gpu-check.sh --pack FOLDER     builds, on a machine without a GPU, what another one needs for that
# FOLDER/gpu-check.sh [OUT]              ... and this does it there, in about 8 minutes, without a compiler
# scripts/gpu-check.sh --packed FOLDER [OUT]   the same
#
# Writes gpu-check.json (what passed, what it took, what graveler-bench measured) and gpu-check.log to OUT;
# without one, to a new folder in bench/results, or in FOLDER/results. Checks all tests, those of the GPU with a
# skip being a failure; that GPU and CPU agree; a known digest of 1e9 sessions; a record by cuRAND alone; and
# compute-sanitizer's memcheck and racecheck, where that is at hand.
#
# --pack builds for compute capability 9.0, or for GRAVELER_PACK_GPUS="80;90". The pack wants the NVIDIA driver,
# bash, coreutils and a C library at least as new as that of the machine it was built on: it says so where
# that is missing.
#
# Exit status: 0 all passed, 1 something failed, 2 wrong arguments or an unusable pack, 3 no usable GPU
# here (what does without one was still checked).

here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/common.sh"

# What a pack may load at run time: part of any Debian or Ubuntu.
system_libraries='^(linux-vdso|ld-linux.*|libc|libm|libstdc\+\+|libgcc_s|libpthread|libdl|librt)\.so'
pack_mib=60
packed_limit_s=480

# The record of the founding job under seed 42, and the digest of its 1e9 sessions.
known_digest=e4ba7755255a1d3e8afa33bd93ec13a4
known_record='"score": 99, "session": 65221700'

die_of_arguments() {
    say "$@"
    exit 2
}

# ---- Packing -------------------------------------------------------------------------------------

# Fails where a program loads what a bare machine may lack.
check_libraries() {
    local foreign
    foreign=$(ldd "$1" | sed 's/^[[:space:]]*//; s/ .*//; s|.*/||' | grep -Ev "$system_libraries") || return 0
    die "$1 loads what a bare machine may lack: ${foreign//$'\n'/ }"
}

# Prints the newest version of the C library that some program asks for.
newest_glibc() { grep -aoh 'GLIBC_2\.[0-9]\+' "$@" | sort -uV | tail -n 1; }

pack() {
    local folder=$1 program size
    [[ ! -e $folder || -e $folder/gpu-check.sh || -z $(ls -A "$folder") ]] ||
        die_of_arguments "$folder is neither empty nor a pack"
    GRAVELER_PRESET=cuda choose_preset
    require build cuda test
    # The static libraries, where there are both. Static MPI libraries do not link by themselves.
    mkdir -p "$root/build/pack"
    printf 'set(CMAKE_FIND_LIBRARY_SUFFIXES .a .so)\n' >"$root/build/pack/static.cmake"
    build cuda build/pack "-DCMAKE_CUDA_ARCHITECTURES=${GRAVELER_PACK_GPUS:-90}" \
        "-DCMAKE_PROJECT_INCLUDE=$root/build/pack/static.cmake" -DGRAVELER_MPI=OFF

    rm -rf -- "${folder:?}/bin" "${folder:?}/tests"
    mkdir -p "$folder/bin" "$folder/tests"
    for program in graveler graveler-bench graveler-tests check_record \
        example-{first_run,pairwise_sums,progress_bar,sweep}; do
        program=$(find "$root/build/pack" -name "$program" -type f -perm -u+x -print -quit)
        [[ -n $program ]] || continue # check_record needs the CUDA toolkit
        check_libraries "$program"
        strip -o "$folder/bin/${program##*/}" "$program"
    done
    cp "$(find "$root/build/pack" -name 'libfake-nvml.so' -print -quit)" "$folder/tests/"
    cp -r "$root/tests/vectors" "$root/tests/golden" "$folder/tests/"
    cp "$root/scripts/gpu-check.sh" "$root/scripts/common.sh" "$folder/"
    newest_glibc "$folder"/bin/* >"$folder/glibc"
    size=$(du -sm "$folder" | cut -f 1)
    ((size < pack_mib)) || die "$folder has $size MiB, more than $pack_mib"
    say "packed $folder: $size MiB; it needs $(<"$folder/glibc") or later"
}

# ---- Checking ------------------------------------------------------------------------------------

# The result, as it grows: one JSON object a check, and what was measured.
checks=() measured=() failures=0 no_gpu=''

json_text() {
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    printf '"%s"' "$(tr '\n\t' '  ' <<<"$text" | tr -cd '[:print:]' | sed 's/ *$//')"
}

# record NAME STATUS SECONDS [NOTE]
record() {
    local note=''
    [[ -z ${4-} ]] || note=", \"note\": $(json_text "$4")"
    checks+=("{\"name\": \"$1\", \"status\": \"$2\", \"seconds\": $3$note}")
    [[ $2 != failed ]] || failures=$((failures + 1))
    say "$2: $1 ($3 s)${4:+: $4}"
}

# What to say of the step that failed: the tests that did (of GoogleTest, of ctest), else its last line.
reason_of() {
    local reason
    reason=$(sed -n 's/^\[  FAILED  \] \([^ ,]*\).* ms)$/\1/p; s/^[[:space:]]*[0-9]* - \(.*\) (.*)$/\1/p' "$1" |
        sort -u | paste -sd ' ')
    [[ -n $reason ]] || reason=$(grep -v '^[[:space:]]*$' "$1" | tail -n 1) || true
    echo "${reason#"${0##*/}: "}" | cut -c 1-400
}

# check NAME LIMIT_S STEP...: all output to the log.
check() {
    local name=$1 limit=$(($2 * patience)) start=$SECONDS code=0 left=$((deadline_s - SECONDS)) reason
    shift 2
    ((limit <= left)) || limit=$left
    if ((limit <= 0)); then
        record "$name" failed 0 'no time left for it'
        return
    fi
    printf '\n==== %s\n%s\n' "$name" "$*" >>"$log"
    # Functions run in a shell of their own, which timeout can end with all that it started.
    timeout -k 10 "$limit" bash "$here/gpu-check.sh" --step "$@" >"$step_output" 2>&1 </dev/null || code=$?
    cat "$step_output" >>"$log"
    reason=$(reason_of "$step_output")
    case $code in
    0) record "$name" passed $((SECONDS - start)) ;;
    77) record "$name" skipped $((SECONDS - start)) "$reason" ;;
    124 | 137) record "$name" failed $((SECONDS - start)) "stopped after $limit s: $reason" ;;
    *) record "$name" failed $((SECONDS - start)) "exit status $code: $reason" ;;
    esac
}

# check_gpu: the same, for what there is no point in doing without a GPU.
check_gpu() {
    if [[ -n $no_gpu ]]; then
        record "$1" skipped 0 'no usable GPU'
    else
        check "$@"
    fi
}

# measure KEY LIMIT_S WORD...: graveler-bench with these words, its JSON into the result.
measure() {
    local key=$1 limit=$2 before=$failures
    shift 2
    check_gpu "graveler-bench $*" "$limit" step_bench "$@" --json "$out/$key.json"
    [[ $failures != "$before" || ! -s $out/$key.json ]] || measured+=("\"$key\": $(<"$out/$key.json")")
    rm -f "$out/$key.json"
}

# ---- The steps, each in a shell of its own ------------------------------------------------------------

skip() {
    echo "$*"
    exit 77
}

digest_of() { sed -n 's/.*"digest": "\([0-9a-f]*\)".*/\1/p' <<<"$1"; }

step_gpu() {
    local devices
    devices=$("$program" devices --json)
    echo "$devices"
    [[ $devices != *no_gpus_because* ]] ||
        die "$(sed -n 's/.*"no_gpus_because": "\(.*\)".*/\1/p' <<<"$devices")"
}

step_known_digest() {
    local json
    json=$("$program" run --seed 42 --sessions 1e9 --backend cuda --json)
    echo "$json"
    [[ $(digest_of "$json") == "$known_digest" ]] || die "the digest is not $known_digest"
    tr -s ' \n' ' ' <<<"$json" | grep -qF "$known_record" || die "the record is not $known_record"
}

# GPU and CPU, by all methods and engines, and what each kernel is compiled for.
step_agreement() {
    local words line gpu cpu
    for line in '' '--engine philox7' '--engine fast' '--method scores' '--keep max' '--engine fast --keep max' \
        '--method scores --keep max --first 4294900003' '--method scores --engine philox7 --first 17179000001' \
        '--method scores --rolls 100000 --sessions 1e6' '--method scores --rolls 3000 --sessions 1e6' \
        '--engine fast --rolls 200 --chance 1/3 --first 4294900001 --sessions 2e6' \
        '--engine fast --first 4294900001 --sessions 2e6' '--engine fast --first 4095 --sessions 2' \
        '--rolls 1000 --chance 1/3' '--rolls 20000 --chance 0.001 --sessions 1e6' \
        '--rolls 100000 --sessions 1e5' '--first 4294000000 --sessions 2e6'; do
        read -ra words <<<"--seed 7 --sessions 3e7 $line"
        gpu=$("$program" run "${words[@]}" --backend cuda --json)
        cpu=$("$program" run "${words[@]}" --backend cpu --json)
        [[ -n $(digest_of "$gpu") && $(digest_of "$gpu") == "$(digest_of "$cpu")" ]] ||
            die "GPU and CPU differ: graveler run ${words[*]}"
        echo "equal: ${words[*]}: $(digest_of "$gpu")"
    done
}

step_curand() {
    [[ -x $record_checker ]] || skip 'no check_record in this build'
    [[ $("$record_checker" 42 65221700) == 99 ]] || die 'cuRAND does not find score 99 in session 65221700'
}

step_sanitizer() {
    local tool
    tool=$(command -v compute-sanitizer || command -v "${CUDA_HOME:-/usr/local/cuda}/bin/compute-sanitizer") ||
        skip 'no compute-sanitizer here'
    local line words
    for line in '' '--engine fast' '--method scores' '--rolls 300 --chance 1/3 --sessions 1e5'; do
        read -ra words <<<"--seed 42 --sessions 1e6 $line"
        "$tool" --tool "$1" --error-exitcode 9 "$program" run "${words[@]}" --backend cuda
    done
}

step_bench() {
    [[ -x $bench ]] || skip 'no graveler-bench in this build'
    [[ $1 == --* || $("$bench" --help 2>&1) == *$'\n'*" $1 "* ]] || skip "graveler-bench has no command $1"
    "$bench" "$@"
}

# run_tests FILTER: GoogleTest's, side by side as there are processors.
run_tests() {
    local shards shard failed=0 pids=() folder
    shards=$(nproc)
    folder=$(mktemp -d)
    for ((shard = 0; shard < shards; shard++)); do
        GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$shard "$tests" --gtest_filter="$1" \
            --gtest_brief=1 >"$folder/$shard" 2>&1 &
        pids+=($!)
    done
    for shard in "${!pids[@]}"; do
        wait "${pids[shard]}" || failed=$((failed + 1))
    done
    cat "$folder"/*
    rm -r "$folder"
    ((failed == 0)) || die "$failed of $shards processes found failures"
}

step_gpu_tests() { GRAVELER_REQUIRE_GPU=1 run_tests '*/cuda'; }
step_cpu_tests() { run_tests '-*/cuda:*Slow*:*Nightly*'; }

step_ctest() { run_ctest cuda "$@"; }

# ---- All of it -------------------------------------------------------------------------------------

# Where things are, in a pack or in the build; for the steps.
find_things() {
    if [[ $packed == yes ]]; then
        export program=$here/bin/graveler tests=$here/bin/graveler-tests bench=$here/bin/graveler-bench
        export record_checker=$here/bin/check_record
        export GRAV_PROGRAM=$program GRAV_BENCH=$bench GRAV_TESTS_FOLDER=$here/tests GRAV_EXAMPLES=$here/bin
        export GRAV_FAKE_NVML=$here/tests/libfake-nvml.so
    else
        export program=$root/build/cuda/graveler record_checker=$root/build/cuda/tests/check_record
        bench=$(find "$root/build/cuda" -name graveler-bench -type f -print -quit)
        export bench
    fi
}

# Only what does not run at all makes a pack unusable.
check_pack() {
    "$program" --version >/dev/null ||
        die_of_arguments "this pack does not run here: it needs $(<"$here/glibc") or later, this machine has" \
            "$(getconf GNU_LIBC_VERSION)"
}

# The GPU first: time may run out. The limits are for a pack; what was built here may take longer.
run_checks() {
    check 'usable GPU' 60 step_gpu
    ((failures == 0)) || no_gpu=yes failures=0
    if [[ $packed == yes ]]; then
        check_gpu 'GPU tests' 150 step_gpu_tests
    else
        check_gpu 'GPU tests' 150 step_ctest -L gpu
    fi
    check_gpu 'digest of 1e9 sessions' 60 step_known_digest
    check_gpu 'GPU and CPU agree' 90 step_agreement
    check_gpu 'record by cuRAND' 30 step_curand
    measure bench 120 --seconds 20
    measure scaling 60 scaling --seconds 20
    check_gpu 'graveler-bench context' 30 step_bench context
    check_gpu 'compute-sanitizer memcheck' 60 step_sanitizer memcheck
    check_gpu 'compute-sanitizer racecheck' 60 step_sanitizer racecheck
    if [[ $packed == yes ]]; then
        check 'CPU tests' 240 step_cpu_tests
    else
        check 'CPU tests' 240 step_ctest -LE 'gpu|nightly'
    fi
}

write_result() {
    local joined
    printf -v joined '  %s,\n' "${checks[@]}"
    {
        printf '{"format": "graveler-gpu-check", "version": 1, "time": "%s", "packed": %s,\n' "$started" \
            "$([[ $packed == yes ]] && echo true || echo false)"
        printf ' "program": %s,\n "system": %s,\n "driver": %s,\n' "$(json_text "$("$program" --version)")" \
            "$(json_text "$(uname -srm)")" "$(json_text "$(nvidia-smi --query-gpu=name,driver_version,clocks.max.sm \
                --format=csv,noheader 2>/dev/null)")"
        printf ' "devices": %s,\n "checks": [\n%s\n ]' "$("$program" devices --json)" "${joined%,$'\n'}"
        ((${#measured[@]} == 0)) || printf ',\n %s' "${measured[@]}"
        printf '}\n'
    } >"$out/gpu-check.json.part"
    mv "$out/gpu-check.json.part" "$out/gpu-check.json"
}

# check_all [OUT]
check_all() {
    started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    packed=no patience=10 deadline_s=1000000
    out=$root/bench/results/gpu-check-$started
    if [[ -d $here/bin ]]; then
        packed=yes patience=1 deadline_s=$((SECONDS + packed_limit_s))
        out=$here/results/$started
    else
        GRAVELER_PRESET=cuda choose_preset
        require build cuda test
        build cuda build/cuda "${cmake_options[@]}"
    fi
    find_things
    [[ $packed == no ]] || check_pack
    out=${1:-$out}
    mkdir -p "$out"
    out=$(CDPATH='' cd -- "$out" && pwd -P)
    log=$out/gpu-check.log
    step_output=$(mktemp)
    trap 'rm -f "$step_output"' EXIT
    { date -u && uname -a && nvidia-smi; } >"$log" 2>&1 || true

    run_checks
    write_result
    say "written: $out/gpu-check.json, $log"
    ((failures == 0)) || die "$failures of ${#checks[@]} checks failed"
    if [[ -n $no_gpu ]]; then
        say 'NOTHING WAS CHECKED ON A GPU: there is no usable one here'
        exit 3
    fi
    say 'all passed'
}

case ${1-} in
-h | --help) usage ;;
--step)
    shift
    "$@"
    ;;
--pack)
    (($# == 2)) || die_of_arguments 'say where to pack: gpu-check.sh --pack FOLDER'
    pack "$2"
    ;;
--packed)
    [[ $# -ge 2 && $# -le 3 && -e $2/gpu-check.sh && -d $2/bin ]] ||
        die_of_arguments 'say which pack: gpu-check.sh --packed FOLDER [OUT]'
    exec bash "$2/gpu-check.sh" "${@:3}"
    ;;
-*) die_of_arguments "no option $1; see gpu-check.sh --help" ;;
*)
    (($# <= 1)) || die_of_arguments "one folder is enough: $*"
    check_all "$@"
    ;;
esac
