"""On what the comparison ran."""

import ctypes
import os
import platform
from pathlib import Path

import torch

MATRIX_LIBRARIES = ("openblas", "mkl", "blis", "atlas", "blas")


def keep_freed_memory():
    """Lets glibc's allocator keep what PyTorch frees in each step instead of giving it back to the system and taking it
    anew, which costs a quarter of a step. The numbers are those of malloc.h."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        trim_threshold, mmap_threshold = -1, -3
        mallopt(trim_threshold, 1 << 30)
        mallopt(mmap_threshold, 1 << 25)  # the most that it accepts


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def matrix_library():
    """That of PyTorch's matrix products: built in, or the file that a product has loaded."""
    if torch.backends.mkl.is_available():
        return "MKL"
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    loaded = {Path(line.split()[-1]).name for line in Path("/proc/self/maps").read_text().splitlines() if ".so" in line}
    for library in MATRIX_LIBRARIES:
        for name in sorted(loaded):
            if name.startswith(f"lib{library}"):
                return name
    return "unknown"


def is_reference(library):
    """Netlib's BLAS, whose products are several times slower than the processor allows."""
    return library.startswith("libblas")


def of_this_run(threads):
    return {"processor": processor(), "threads": threads, "torch": torch.__version__, "matrix_library": matrix_library(),
            "python": platform.python_version(), "load": os.getloadavg()[0]}
