#!/usr/bin/env bash
#
# sbatch --nodes=4 --ntasks-per-node=4 --gpus-per-node=4 scripts/slurm-mpi.sh --seed SEED [options of graveler-mpi run]
#
# One MPI job that plays a run (docs/cluster.md) and writes result.json into the folder from which it was
# submitted. It stops before the time limit below and requeues itself, to go on from its checkpoint, with
# however many nodes it gets then. After a failure the same line may be submitted again.
#
#SBATCH --job-name=graveler
#SBATCH --time=02:10:00
#SBATCH --requeue
#SBATCH --open-mode=append

# Slurm runs a copy of this file: nothing beside it can be relied on.
set -euo pipefail

die() {
    echo "slurm-mpi.sh: $*" >&2
    exit 2
}

# One drawn anew when the job goes on would be another run's.
[[ " $* " =~ ' --seed'[=\ ] || " $* " =~ ' --engine'[=\ ]'gen3 ' ]] ||
    die '--seed is missing: a job that goes on needs the same'
: "${SLURM_JOB_ID:?slurm-mpi.sh: not a job: submit it by sbatch}"

if [[ -e result.json ]]; then
    echo 'slurm-mpi.sh: the run is played: result.json is there' >&2
    exit
fi

# srun starts the ranks where Slurm and the MPI know each other (srun --mpi=list shows what is known); where
# they do not, mpiexec does.
code=0
srun graveler-mpi run "$@" --checkpoint run.checkpoint --max-time 2h --json unfinished.json || code=$?
case $code in
0) mv unfinished.json result.json ;; # only a whole run has this name
3) scontrol requeue "$SLURM_JOB_ID" ;;
*) exit "$code" ;;
esac
