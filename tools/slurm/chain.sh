#!/usr/bin/env bash
# Slurm job: a whole study, solve -> train -> forecast. When the limit comes near it stops with a checkpoint,
# goes back to the queue, and continues where it was, however often that takes.
#
#   sbatch [-n RANKS] [-t TIME] tools/slurm/chain.sh DECK [ARGUMENT]...
#   sbatch -n 64 -t 4:00:00 tools/slurm/chain.sh inputs/quickstart.toml --set train.steps=100000
#
# The arguments go to every app. Submit from the root of the checkout, or say where the programs are:
# HYPERCAST_BIN=... sbatch ...  HYPERCAST_LAUNCH (default: mpirun) may be another launcher, as "srun --mpi=pmix";
# HYPERCAST_RESTARTS (default 100) is the most restarts.
#
#SBATCH --job-name=hypercast-chain
#SBATCH --ntasks=2
#SBATCH --time=1:00:00
#SBATCH --output=%x-%j.out
# The shell gets USR1 two minutes before the limit and hands it to the launcher, which hands it to its ranks.
#SBATCH --signal=B:USR1@120
# The restarted job keeps its number and goes on writing to the same output file.
#SBATCH --requeue
#SBATCH --open-mode=append

set -uo pipefail
deck=${1:?usage: sbatch tools/slurm/chain.sh DECK [ARGUMENT]...}
shift
bin=${HYPERCAST_BIN:-$SLURM_SUBMIT_DIR/build/release/bin}
read -ra launch <<<"${HYPERCAST_LAUNCH:-mpirun} -n $SLURM_NTASKS"

export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# On TERM mpirun leaves its ranks twice this many seconds for a checkpoint (its default is 1). It also waits that
# long after every exit code but 0, so more would eat up the time for requeuing.
export OMPI_MCA_odls_base_sigkill_timeout=5
# On NFS or Lustre mounted without flock, HDF5 cannot lock its files:
# export HDF5_USE_FILE_LOCKING=FALSE

child=
stopping=no
# shellcheck disable=SC2317  # the trap calls it
pass_on() {
  stopping=yes
  signalled=yes
  [[ -z $child ]] || kill -USR1 "$child"
}
trap pass_on USR1

# Runs one app to its end, in the background so that the trap can act meanwhile; its exit code. 75 at once when
# the signal has come already.
app() {
  local name=$1 status=75
  shift
  [[ $stopping == no ]] || return 75
  echo "+ hypercast-$name"
  "${launch[@]}" "$bin/hypercast-$name" "$deck" "$@" &
  child=$!
  signalled=yes
  while [[ $signalled == yes ]]; do  # a trap interrupts `wait`, whose status then is not the app's
    signalled=no
    wait "$child"
    status=$?
  done
  child=
  return "$status"
}

# Solve keeps the trajectory files that an earlier run of this job finished, train its newest checkpoint.
app solve "$@" && app train --resume auto "$@" && app forecast "$@"
status=$?

# Requeuing ends the job at once, so it is the last thing done. Slurm starts it again after about two minutes.
if [[ $status == 75 && ${SLURM_RESTART_COUNT:-0} -lt ${HYPERCAST_RESTARTS:-100} ]]; then
  echo "stopped early with a checkpoint: requeuing job $SLURM_JOB_ID"
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
