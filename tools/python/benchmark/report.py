"""The table: Markdown for the README, CSV with every number."""

import csv
import platform
from pathlib import Path

WINDOWS = ("in_t", "out_t")
NAMES = {"mse": "MSE", "relative_l2": "rel. L2"}
# Columns of the Markdown table beside the forecast; a row has one of the linear ones.
BASELINES = (("persistence", ("persistence",)), ("zero", ("zero",)), ("linear (DMD or POD + linear map)", ("dmd", "pod")),
             ("Fourier modes, learned prior", ("fourier_prior",)))


def number(value):
    if value is None:
        return "–"
    mantissa, exponent = f"{value:.1e}".split("e") if value == value and abs(value) != float("inf") else (str(value), None)
    return mantissa if exponent is None else f"{mantissa}e{int(exponent)}"


def pair(errors, name, measure):
    return " / ".join(number(errors.mean(name, measure, window)) for window in WINDOWS)


def wanted_text(row):
    return " / ".join(f"≤ {number(row.wanted[window])}" if window in row.wanted else "–" for window in WINDOWS)


def is_met(row, errors):
    """Whether every wanted number is reached; None when none is wanted."""
    if not row.wanted:
        return None
    values = [(errors.mean("forecast", row.measure, window), most) for window, most in row.wanted.items()]
    return all(value is not None and value <= most for value, most in values)


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def minutes(seconds):
    return f"{seconds / 60:.1f}"


def markdown(results, ranks):
    head = ["set, protocol", "measure", "forecast", "wanted", "met", *(title for title, _ in BASELINES), "training + forecast"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for result in results:
        row, cells = result.row, []
        if result.failure:
            cells = [row.label, NAMES[row.measure], "failed", wanted_text(row), "no", *["–"] * len(BASELINES), "–"]
        else:
            errors, met = result.errors, is_met(row, result.errors)
            cells = [row.label, NAMES[row.measure], pair(errors, "forecast", row.measure), wanted_text(row),
                     {True: "yes", False: "**no**", None: ""}[met]]
            for _, names in BASELINES:
                found = next((name for name in names if name in errors.series), None)
                cells.append(pair(errors, found, row.measure) if found else "–")
            cells.append(f"{minutes(result.training_seconds)} + {minutes(result.forecast_seconds)} min")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + f"\n\nNumbers are In-t / Out-t. {ranks} ranks, {processor()}.\n"


def write_csv(results, path):
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["row", "series", "mse_in_t", "mse_out_t", "relative_l2_in_t", "relative_l2_out_t", "valid_until",
                        "training_seconds", "forecast_seconds"])
        for result in results:
            if result.failure:
                continue
            for name in result.errors.series:
                means = [result.errors.mean(name, measure, window) for measure in ("mse", "relative_l2")
                         for window in WINDOWS]
                until = result.errors.valid_until(name)
                table.writerow([result.row.name, name, *("" if v is None else f"{v:.6e}" for v in means),
                                "" if until is None else f"{until:.6g}",
                                *((f"{result.training_seconds:.1f}", f"{result.forecast_seconds:.1f}")
                                  if name == "forecast" else ("", ""))])
