#!/usr/bin/env bash
#
# sbatch --array=0-999 scripts/slurm-array.sh SESSIONS PARTS --seed SEED [options of graveler run]
#
# One task of a Slurm array: plays part number $SLURM_ARRAY_TASK_ID of a run that is split into PARTS
# (docs/cluster.md), and writes part-N.json into the folder from which the array was submitted. It stops
# before the time limit below and requeues itself, to go on from its checkpoint; a part that is empty or
# played is left alone. So the same line may be submitted again after a failure.
#
#SBATCH --job-name=graveler
#SBATCH --time=02:10:00
#SBATCH --requeue
#SBATCH --open-mode=append

# Slurm runs a copy of this file: nothing beside it can be relied on.
set -euo pipefail

die() {
    echo "slurm-array.sh: $*" >&2
    exit 2
}

(($# >= 2)) || die 'wants SESSIONS PARTS --seed SEED [options of graveler run]'
sessions=$1 parts=$2
shift 2
# Drawn seeds would differ from task to task.
[[ " $* " =~ ' --seed'[=\ ] || " $* " =~ ' --engine'[=\ ]'gen3 ' ]] ||
    die '--seed is missing: all parts need the same'
part=${SLURM_ARRAY_TASK_ID:?slurm-array.sh: not a task of an array: submit it by sbatch --array=0-999}

if [[ -e part-$part.json ]]; then
    echo "slurm-array.sh: part $part is played: part-$part.json is there" >&2
    exit
fi

# In a line of its own: a failed split ends the task here, and none runs without a range.
range=$(graveler split --sessions "$sessions" --parts "$parts" --part "$part")
if [[ $range == *' --sessions 0' ]]; then
    exit # split has said that the part is empty
fi
read -ra range_options <<<"$range"

code=0
graveler run "${range_options[@]}" "$@" --checkpoint "part-$part.checkpoint" --max-time 2h \
    --json "part-$part.unfinished" || code=$?
case $code in
0) mv "part-$part.unfinished" "part-$part.json" ;; # only whole parts have this name
3) scontrol requeue "${SLURM_ARRAY_JOB_ID}_$part" ;;
*) exit "$code" ;;
esac
