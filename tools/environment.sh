# shellcheck shell=sh
# Sourced by the other scripts, and by whoever runs mpirun by hand:  . tools/environment.sh
#
# Lets Open MPI run as root, on more ranks than cores and inside containers; one thread a rank; and names the
# Python that has the packages. A variable that is set already is left alone. Any POSIX shell.

if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export OMPI_MCA_rmaps_base_oversubscribe="${OMPI_MCA_rmaps_base_oversubscribe:-1}"

# Containers forbid one rank to read another one's memory, unless they grant CAP_SYS_PTRACE (bit 19). Open MPI
# finds out with an error message for each message sent.
hypercast_in_container() {
  [ -e /.dockerenv ] || [ -e /run/.containerenv ] || [ -n "${KUBERNETES_SERVICE_HOST:-}" ] ||
    grep -qsE 'docker|lxc|kubepods|containerd' /proc/1/cgroup
}
hypercast_may_trace() {
  capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status 2>/dev/null)
  [ $((0x${capabilities:-0} >> 19 & 1)) = 1 ]
}
if hypercast_in_container && ! hypercast_may_trace; then
  export OMPI_MCA_btl_vader_single_copy_mechanism="${OMPI_MCA_btl_vader_single_copy_mechanism:-none}"
fi
unset -f hypercast_in_container hypercast_may_trace
unset capabilities

export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"

# The distribution's Python has h5py and matplotlib; another one that comes first on PATH may not.
if [ -z "${HYPERCAST_PYTHON:-}" ]; then
  HYPERCAST_PYTHON=python3
  for python in /usr/bin/python3 python3; do
    if "$python" -c 'from importlib.util import find_spec as f; exit(not (f("h5py") and f("matplotlib")))' \
        2>/dev/null; then
      HYPERCAST_PYTHON=$python
      break
    fi
  done
  unset python
fi
export HYPERCAST_PYTHON
