#!/usr/bin/env bash
# Slurm job: one app under mpirun, resubmitting itself for as long as the app stops early (exit code 75).
#
#   sbatch [-n RANKS] [-t TIME] tools/slurm/mpirun.sh APP DECK [ARGUMENT]...
#   sbatch -n 64 -t 4:00:00 tools/slurm/mpirun.sh train inputs/quickstart.toml --resume auto
#
# Submit from the root of the checkout, or say where the programs are: HYPERCAST_BIN=... sbatch ...
# HYPERCAST_RESTARTS (default 100) is the most restarts.
#
#SBATCH --job-name=hypercast
#SBATCH --ntasks=2
#SBATCH --time=1:00:00
#SBATCH --output=%x-%j.out
# Slurm signals its own steps, and mpirun's ranks are none. So the shell (B:) gets USR1 two minutes before the
# limit (or up to three: Slurm looks once a minute) and hands it to mpirun, which hands it to its ranks.
#SBATCH --signal=B:USR1@120
# The restarted job keeps its number and goes on writing to the same output file.
#SBATCH --requeue
#SBATCH --open-mode=append

set -uo pipefail
app=${1:?usage: sbatch tools/slurm/mpirun.sh APP DECK [ARGUMENT]...}
shift
bin=${HYPERCAST_BIN:-$SLURM_SUBMIT_DIR/build/release/bin}

export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# On TERM mpirun leaves its ranks twice this many seconds for a checkpoint (its default is 1). It also waits that
# long after every exit code but 0, so more would eat up the time for requeuing.
export OMPI_MCA_odls_base_sigkill_timeout=5
# On NFS or Lustre mounted without flock, HDF5 cannot lock its files:
# export HDF5_USE_FILE_LOCKING=FALSE

# In the background, since a shell that waits in the foreground runs no trap before its child has ended.
mpirun -n "$SLURM_NTASKS" "$bin/hypercast-$app" "$@" &
child=$!
trap 'signalled=yes; kill -USR1 "$child"' USR1

# A trap interrupts `wait`, whose status then is not mpirun's: wait again.
signalled=yes
while [[ $signalled == yes ]]; do
  signalled=no
  wait "$child"
  status=$?
done

# Requeuing ends the job at once, so it is the last thing done. Slurm starts it again after about two minutes.
if [[ $status == 75 && ${SLURM_RESTART_COUNT:-0} -lt ${HYPERCAST_RESTARTS:-100} ]]; then
  echo "stopped early with a checkpoint: requeuing job $SLURM_JOB_ID"
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
