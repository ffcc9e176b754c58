#!/usr/bin/env bash
#
# bench/ranks.sh [SESSIONS [ROUNDS]]     plays SESSIONS (1e9) with one thread, with two, and with 1, 2 and 4 ranks of
#                                        graveler-mpi, in turns, ROUNDS (7) times
#
# Prints medians: of the time of play, of the whole process, and both by those of two threads in the same round. Then
# the time to the first result, a run of one session, of one process and of four ranks. Needs graveler and graveler-mpi
# in build/release, or in the folder that GRAVELER_BUILD names, and mpiexec of the MPI that they were built with, or what
# MPIEXEC names.

source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
sessions=${1:-1e9} rounds=${2:-7}
build=${GRAVELER_BUILD:-$root/build/release}
[[ -x $build/graveler && -x $build/graveler-mpi ]] || die "no graveler and graveler-mpi in $build"

read -ra mpiexec <<<"${MPIEXEC:-mpiexec}"
# More ranks than processors, and root, are what Open MPI refuses unless it is told not to.
if [[ $("${mpiexec[@]}" --version 2>&1) =~ OpenRTE|'Open MPI' ]]; then
    mpiexec+=(--oversubscribe --allow-run-as-root)
fi

ways=('1 thread' '2 threads' '1 rank' '2 ranks' '4 ranks')
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# play WAY SESSIONS: plays, and appends the seconds of play and of the process to the way's file.
play() {
    local way=$1 count=${1%% *} command start end
    case $way in
    *thread*) command=("$build/graveler" run --threads "$count") ;;
    *) command=("${mpiexec[@]}" -n "$count" "$build/graveler-mpi" run) ;;
    esac
    start=$(date +%s%N)
    "${command[@]}" --backend cpu --seed 42 --sessions "$2" --json "$folder/result.json" --quiet >/dev/null \
        2>"$folder/errors" || die "$way: $(<"$folder/errors")"
    end=$(date +%s%N)
    awk -v ns=$((end - start)) -F '[:,]' \
        '/"play_s"/ { for (i = 1; i < NF; i++) if ($i ~ /"play_s"/) print $(i + 1) + 0, ns / 1e9 }' \
        "$folder/result.json" >>"$folder/$way.$2"
}

# median: of the numbers on stdin
median() {
    sort -g | awk '{ all[NR] = $1 } END { print (all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2 }'
}

# column WAY SESSIONS NUMBER
column() { cut -d ' ' -f "$3" "$folder/$1.$2"; }

# ratio WAY COLUMN: the median of the two threads' time by the way's, round by round
ratio() {
    paste <(column '2 threads' "$sessions" "$2") <(column "$1" "$sessions" "$2") | awk '{ print $1 / $2 }' | median
}

for ((round = 0; round < rounds; round++)); do
    for way in "${ways[@]}"; do
        play "$way" "$sessions"
    done
    for way in '1 thread' '4 ranks'; do
        play "$way" 1
    done
done

echo "$(LC_ALL=C lscpu | sed -n 's/^Model name: *//p'), $(nproc) processors; $sessions sessions, medians of $rounds rounds"
echo
echo '| played by | play, s | by 2 threads | process, s | by 2 threads |'
echo '|---|---:|---:|---:|---:|'
for way in "${ways[@]}"; do
    printf '| %-9s | %7.3f | %12.3f | %10.3f | %12.3f |\n' "$way" "$(column "$way" "$sessions" 1 | median)" \
        "$(ratio "$way" 1)" "$(column "$way" "$sessions" 2 | median)" "$(ratio "$way" 2)"
done
echo
for way in '1 thread' '4 ranks'; do
    printf 'From start to the result of one session, %s: %.3f s\n' "$way" "$(column "$way" 1 2 | median)"
done
