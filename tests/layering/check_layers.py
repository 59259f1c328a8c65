"""Checks that the arrows between modules point down, that each library stays in its cage, and small hygiene.

    check_layers.py [ROOT]        prints every violation as file:line, exits with 1 when there is one
    check_layers.py --self-test   plants violations in a temporary tree and checks that each one is found
"""

import re
import sys
import tempfile
from pathlib import Path

# Which modules a module may include beside itself. train, forecast and bench also see pde's PETSc-free headers.
MAY_INCLUDE = {
    "core": "", "deck": "core", "io": "core", "nn": "core", "machine": "core nn",
    "pde": "core deck io", "hyper": "core deck io nn",
    "train": "core deck io nn machine hyper", "forecast": "core deck io nn hyper",
    "similarity": "core deck io nn hyper",
    "bench": "core deck io nn machine hyper train forecast similarity",
}
SEES_PDE_HEADERS = {"train", "forecast", "bench"}

# What may appear only in files whose path matches; "" allows none.
CAGES = [
    ("PETSc", r"#include <petsc", r"src/pde/"),
    ("FFTW", r"#include <fftw", r"src/pde/"),
    ("HDF5", r"#include <hdf5", r"src/io/(.*\.cpp|hdf5\.hpp)$"),
    ("xxHash", r"#include <xxh", r"src/io/.*\.cpp$"),
    ("JSON", r"#include <nlohmann", r"src/io/.*\.cpp$"),
    ("toml++", r"#include <toml", r"src/deck/.*\.cpp$"),
    ("CLI11", r"#include <CLI", r"src/deck/.*\.cpp$"),
    ("spdlog", r"#include <spdlog", r"src/core/"),
    ("Eigen", r"#include <(unsupported/)?Eigen", r"src/(nn|hyper|pde|forecast|similarity|bench)/.*\.cpp$"),
    ("the MPI header", r"#include <mpi\.h>", r"src/core/|tests/"),
    ("MPI calls", r"\bMPI_(?!Comm\()[A-Z][a-z]\w*\(", r"src/core/|tests/"),
    ("MPI_COMM_WORLD", r"\bMPI_COMM_WORLD\b", r"src/core/comm\.|tests/"),
    ("skipped tests", r"\bGTEST_SKIP\b", r"^$"),
]
UNTIDY = [
    ("an absolute path", r"(?<![\w.}])/(home|root|Users|work)/\w"),
    ("a note to oneself", r"\bTO" r"DO\b|\bFIX" r"ME\b"),
]
LONGEST_FILE = 400
CODE = (".cpp", ".hpp", ".in", ".py", "")
QUOTED = re.compile(r'#include "(([\w-]+)/[^"]+)"')


def lines_of(path):
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def code(line):
    return line.split("//")[0]


def reaches(header, library, source, seen=()):
    """Whether a header under src includes <library...>, itself or through other headers."""
    path = source / header
    if header in seen or not path.exists():
        return False
    text = "\n".join(map(code, lines_of(path)))
    return f"#include <{library}" in text or any(
        reaches(other, library, source, (*seen, header)) for other, _ in QUOTED.findall(text))


def include_fault(module, header, target, source):
    """Why `module` (a module, apps or tests) must not include `header` of module `target`; None when it may."""
    if target == "io" and module not in ("io", "tests") and reaches(header, "hdf5", source):
        return f"{header} shows HDF5, which only io may see"
    if module not in MAY_INCLUDE or target == module:
        return None
    if module == "nn" and reaches(header, "mpi.h", source):
        return f"{header} shows MPI, which nn must not see"
    if target not in MAY_INCLUDE:
        return f'"{header}" belongs to no module'
    if target == "pde" and module in SEES_PDE_HEADERS:
        return f"{header} shows PETSc" if reaches(header, "petsc", source) else None
    return None if target in MAY_INCLUDE[module].split() else f"{module} must not include {target}"


def faults_of_code(root):
    for top in ("src", "apps", "tests"):
        for path in sorted(p for p in (root / top).rglob("*") if p.suffix in (".cpp", ".hpp")):
            name = path.relative_to(root).as_posix()
            module = name.split("/")[1] if top == "src" else top
            if module not in {*MAY_INCLUDE, "apps", "tests"}:
                yield name, 1, f"src/{module} is not in the table of layers"
            for number, line in enumerate(map(code, lines_of(path)), 1):
                for header, target in QUOTED.findall(line):
                    fault = include_fault(module, header, target, root / "src")
                    if fault:
                        yield name, number, fault
                for what, pattern, home in CAGES:
                    if not (top == "tests" and pattern.startswith("#include")):
                        if re.search(pattern, line) and not re.search(home, name):
                            yield name, number, f"{what}: out of the cage"


def faults_of_hygiene(root):
    tops = ("src", "apps", "tests", "tools", "inputs", ".ci", "CMakeLists.txt", "README.md")
    files = [p for top in tops for p in [root / top, *sorted((root / top).rglob("*"))] if p.is_file()]
    for path in files:
        if "__pycache__" in path.parts or path.read_bytes().find(b"\0") >= 0:
            continue
        name, lines = path.relative_to(root).as_posix(), lines_of(path)
        if len(lines) > LONGEST_FILE and path.suffix in CODE:
            yield name, len(lines), f"longer than {LONGEST_FILE} lines"
        for number, line in enumerate(lines, 1):
            for what, pattern in UNTIDY:
                if re.search(pattern, line):
                    yield name, number, what


def check(root):
    return [*faults_of_code(root), *faults_of_hygiene(root)]


def self_test():
    """Each file of the tree is one planted violation, but for those that `fine` names."""
    planted = {
        "src/core/a.cpp": '#include "deck/deck.hpp"', "src/io/a.cpp": '#include "deck/deck.hpp"',
        "src/nn/a.cpp": '#include "hyper/inr.hpp"', "src/pde/a.cpp": '#include "nn/mlp.hpp"',
        "src/train/a.cpp": '#include "pde/shows.hpp"', "src/train/b.cpp": '#include "forecast/norms.hpp"',
        "src/train/e.cpp": '#include "bench/results.hpp"', "src/bench/a.cpp": '#include "pde/shows.hpp"',
        "src/similarity/a.cpp": '#include "pde/free.hpp"', "src/forecast/a.cpp": '#include "io/hdf5.hpp"',
        "src/nn/b.cpp": '#include "core/comm.hpp"',
        "src/hyper/a.cpp": '#include "nowhere/a.hpp"', "src/drawer/a.cpp": "int a;",
        "apps/a.cpp": "#include <petscts.h>", "src/train/c.cpp": "#include <fftw3.h>",
        "src/io/open.hpp": "#include <hdf5.h>", "src/io/b.hpp": "#include <xxhash.h>",
        "apps/b.cpp": "#include <nlohmann/json.hpp>", "src/deck/a.hpp": "#include <toml++/toml.h>",
        "src/core/b.cpp": "#include <CLI/CLI.hpp>", "src/io/c.cpp": "#include <spdlog/spdlog.h>",
        "src/nn/a.hpp": "#include <Eigen/Dense>", "src/io/d.cpp": "#include <mpi.h>",
        "src/train/d.cpp": "MPI_Allreduce(a, b);", "src/core/c.cpp": "f(MPI_COMM_WORLD);",
        "tests/nn/a.cpp": "GTEST_" "SKIP();", "tests/nn/b.cpp": "// TO" "DO: later",
        "tools/a": "cd /ho" "me/someone", "src/nn/long.cpp": "int a;\n" * (LONGEST_FILE + 1),
    }
    fine = {
        "src/pde/shows.hpp": '#include "pde/petsc.hpp"', "src/pde/petsc.hpp": "#include <petsc.h>",
        "src/pde/free.hpp": '#include "core/comm.hpp"', "src/train/fine.cpp": '#include "pde/free.hpp"',
        "src/io/hdf5.hpp": "#include <hdf5.h>", "src/io/fine.cpp": '#include "io/hdf5.hpp"',
        "src/core/comm.hpp": "#include <mpi.h>", "src/nn/error.cpp": '#include "core/error.hpp"',
        "src/core/comm.cpp": "MPI_Comm_dup(MPI_COMM_WORLD, &c);", "src/nn/fine.cpp": "#include <Eigen/Dense>",
        "src/train/passes.cpp": "f(MPI_Comm(comm), MPI_DOUBLE);  // as MPI_Allreduce(x) would",
        "src/deck/deck.hpp": "", "src/hyper/inr.hpp": "", "src/forecast/norms.hpp": "", "src/nn/mlp.hpp": "",
        "src/bench/results.hpp": "", "src/bench/fine.cpp": '#include "forecast/norms.hpp"',
        "apps/fine.cpp": '#include "pde/shows.hpp"', "tests/io/fine.cpp": "#include <hdf5.h>",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in {**planted, **fine}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content + "\n")
        found = check(root)
    names = [name for name, _, _ in found]
    wrong = [f"missed: {n}" for n in planted if n not in names]
    wrong += [f"not a violation: {n}:{line}: {why}" for n, line, why in found if n not in planted]
    wrong += [f"found more than once: {n}" for n in set(names) if names.count(n) > 1]
    print("\n".join(wrong) or f"found all of {len(planted)} planted violations, nothing else")
    return bool(wrong)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = check(root)
    for name, line, why in found:
        print(f"{name}:{line}: {why}")
    print(f"{len(found)} violation(s)")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
