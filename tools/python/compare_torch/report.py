"""The table."""

from agreement import MOST
from evaluation import ITEMS
from machine import is_reference

MISSING = "apt-get install libopenblas0-openmp"


def spread(times):
    return f"{times['median']:.2f} ms ({times['least']:.2f} to {times['most']:.2f})"


def tried(found):
    return ", ".join(f"{name} {value:.2f}" if isinstance(value, float) else f"{name}: {value}" for name, value in found.items())


def head(machine):
    lines = [f"{machine['processor']}; PyTorch {machine['torch']} with {machine['matrix_library']}, {machine['threads']} "
             f"thread{'s' * (machine['threads'] > 1)}; hypercast on as many ranks; load {machine['load']:.1f}"]
    if is_reference(machine["matrix_library"]):
        lines.append(f"PyTorch multiplies with the reference BLAS, which is slow: {MISSING} for a fair comparison")
    return "\n".join(lines)


def case_text(name, entry):
    apart, losses = entry["differences"], entry["losses"]
    lines = [
        f"{name}: {entry['model']}, hypercast {entry['hypercast']['version']}",
        f"  differ       loss {apart['loss']:.1e} (at most {MOST['loss']:.0e}), gradient {apart['gradient']:.1e} (at most "
        f"{MOST['gradient']:.0e}); gradients from PyTorch in double: PyTorch {apart['gradient_torch_double']:.1e}, hypercast "
        f"{apart['gradient_hypercast_double']:.1e}",
        f"  losses       {losses['first']:.6g} at first; in step {losses['step']} hypercast {losses['hypercast']:.6g}, PyTorch "
        f"{losses['torch']:.6g}",
        f"  tried        ms a step: {tried(entry['torch']['tried']['gradient'])}",
        f"               of the fastest with Adam: {tried(entry['torch']['tried']['adam'])}",
        f"  a step       PyTorch {spread(entry['torch'])}: {entry['torch']['gradient']}, Adam {entry['torch']['adam']}",
        f"               hypercast {spread(entry['hypercast'])}: timer {entry['hypercast']['timer']}",
        f"               PyTorch / hypercast {entry['ratio']:.2f}, medians of {entry['rounds']} rounds"]
    if evaluation := entry.get("evaluation"):
        lines.append(f"  evaluation   of the INR at {evaluation['points']} points, values differ by {evaluation['difference']:.1e}")
        for name, text in ITEMS.items():
            found = evaluation[name]
            lines.append(f"               {text}: PyTorch {found['torch']:.2f} ms ({found['way']}; tried: {tried(found['tried'])}), "
                         f"hypercast {found['hypercast']:.2f} ms, PyTorch / hypercast {found['ratio']:.2f}")
    return "\n".join(lines)
