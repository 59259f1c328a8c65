#!/usr/bin/env bash
# Slurm job: one app under srun, resubmitting itself for as long as the app stops early (exit code 75).
#
#   sbatch [-n RANKS] [-t TIME] tools/slurm/srun.sh APP DECK [ARGUMENT]...
#   sbatch -n 64 -t 4:00:00 tools/slurm/srun.sh train inputs/quickstart.toml --resume auto
#
# Submit from the root of the checkout, or say where the programs are: HYPERCAST_BIN=... sbatch ...
# HYPERCAST_PMI (default pmix) is what `srun --mpi` is given, HYPERCAST_RESTARTS (default 100) the most restarts.
#
#SBATCH --job-name=hypercast
#SBATCH --ntasks=2
#SBATCH --time=1:00:00
#SBATCH --output=%x-%j.out
# The ranks of the step get USR1 two minutes before the limit (Slurm may be a minute early): time for a
# checkpoint. srun passes the signal to the ranks by itself.
#SBATCH --signal=USR1@120
# The restarted job keeps its number and goes on writing to the same output file.
#SBATCH --requeue
#SBATCH --open-mode=append

set -uo pipefail
app=${1:?usage: sbatch tools/slurm/srun.sh APP DECK [ARGUMENT]...}
shift
bin=${HYPERCAST_BIN:-$SLURM_SUBMIT_DIR/build/release/bin}

export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# On NFS or Lustre mounted without flock, HDF5 cannot lock its files:
# export HDF5_USE_FILE_LOCKING=FALSE

srun --mpi="${HYPERCAST_PMI:-pmix}" "$bin/hypercast-$app" "$@"
status=$?

# Requeuing ends the job at once, so it is the last thing done. Slurm starts it again after about two minutes.
if [[ $status == 75 && ${SLURM_RESTART_COUNT:-0} -lt ${HYPERCAST_RESTARTS:-100} ]]; then
  echo "stopped early with a checkpoint: requeuing job $SLURM_JOB_ID"
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
