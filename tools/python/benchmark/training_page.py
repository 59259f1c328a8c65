"""The README's section on the speed of training: Markdown."""

import textwrap

from scaling_page import item, quantity, table

GIGA = 1e9
LONGEST = 125  # characters of a line


def machine_text(bench, torch):
    machine, run = bench["machine"], bench["run"]
    text = (f"{machine['processor']}, {machine['cores']} cores{' behind a hypervisor' if machine['hypervisor'] else ''}, kernels "
            f"{run['kernels']}; {run['compiler']}; {run['mpi']}; single precision. A core does "
            f"{quantity(item(bench, 'fma.float.alone')['median'], 'flop/s')} of multiply-adds at most, measured in the same run.")
    if torch:
        found = torch["machine"]
        text += f" PyTorch {found['torch']} multiplies with {found['matrix_library']}, on one thread."
    if run["cpu_share"] < 0.95:
        text += f" **Other programs ran**: rank 0 had a processor {100 * run['cpu_share']:.0f} % of the time."
    return text


def wrapped(section):
    """Lines as long as the README's; tables and headings as they are."""
    return "\n".join(line if line.startswith(("|", "#")) else
                     textwrap.fill(line, LONGEST, subsequent_indent="  " if line.startswith("- ") else "", break_on_hyphens=False,
                                   break_long_words=False) for line in section.split("\n"))


def percent(part):
    return f"{100 * part:.0f} %"


def rate(found):
    return [f"{found['median'] / GIGA:.1f}", percent(found["fraction"])]


def kernel_table(bench):
    names = [entry["name"] for entry in bench["items"]]
    widths = sorted({int(name.split(".w")[1].split(".")[0]) for name in names if name.startswith("kernels.frame.w")})
    rows = [[width, *rate(item(bench, f"kernels.frame.w{width}.alone")), *rate(item(bench, f"kernels.values.w{width}.alone"))]
            for width in widths]
    return table(["neurons of a layer", "forward, loss and backward: Gflop/s", "of the peak", "values alone: Gflop/s",
                  "of the peak"], rows)


def evaluation_table(bench, compared):
    rows = []
    for name, text in (("one_call", "in one call"), ("chunks", "in calls of 4096 points")):
        cells = [text, *rate(item(bench, f"evaluation.{name}.alone"))]
        found = compared and compared[name]
        rows.append(cells + ([f"{found['hypercast']:.0f}", f"{found['torch']:.0f}", f"{found['ratio']:.1f}"] if found else ["–"] * 3))
    return table(["evaluation", "Gflop/s", "of the peak", "ms", "PyTorch: ms", "PyTorch / hypercast"], rows)


def evaluation_of(torch):
    """That of the first case that has one."""
    return next((case["evaluation"] for case in torch["cases"].values() if "evaluation" in case), None) if torch else None


def step_row(entry, torch):
    compared = torch and entry.ranks == 1 and torch["cases"][entry.case.name]
    beside = [f"{compared['torch']['median']:.1f}", f"{compared['ratio']:.2f}"] if compared else ["–", "–"]
    return [entry.case.name, entry.ranks, f"{entry.median:.2f}", f"{entry.floor:.2f}", percent(entry.floor / entry.median),
            *beside, f"{entry.memory:.0f}"]


def pairs_of(steps):
    """Each model on one rank and on two."""
    return [(one, two) for one in steps for two in steps if one.case is two.case and (one.ranks, two.ranks) == (1, 2)]


def rank_lines(steps):
    lines = []
    for one, two in pairs_of(steps):
        allowed = 2 * item(two.bench, "fma.float.together")["median"] / item(two.bench, "fma.float.alone")["median"]
        lines.append(f"- {one.case.name}: 2 ranks are {one.median / two.median:.2f} times as fast as one. The floors allow "
                     f"{one.floor / two.floor:.2f}, the multiply-adds of this machine {allowed:.2f} (each of two ranks together "
                     f"does {percent(allowed / 2)} of what one does alone).")
    return lines


def sum_lines(steps):
    """What the fixed order of dh costs."""
    lines = []
    for entry in (entry for entry in steps if entry.ranks > 1):
        found = next(table for table in entry.bench["tables"] if table["name"] == "sums")
        row = dict(zip(found["columns"], found["rows"][0]))
        share = 1e3 * row["difference_s"] / entry.median
        lines.append(f"- {entry.case.name}: the one sum of a step over ranks, {row['terms']:.0f} terms of {row['numbers']:.0f} "
                     f"numbers, takes {quantity(row['ordered_s'], 's')} along its tree and {quantity(row['allreduce_s'], 's')} in any "
                     f"order with MPI's all-reduce. The difference is {100 * share:.1f} % of a step.")
    return lines


def page(steps, torch, why):
    first = steps[0].bench
    rounds = len(steps[0].milliseconds)
    models = [f"- `{entry.case.name}`: {entry.case.text()}" for entry in steps if entry.ranks == 1]
    timed = table(["model", "ranks", "ms a step", "floor, ms", "floor / measured", "PyTorch: ms", "PyTorch / hypercast",
                   "memory of a rank, MiB"], [step_row(entry, torch) for entry in steps])
    ranks = ["On two ranks:\n\n" + "\n".join([*rank_lines(steps), *sum_lines(steps)])] if pairs_of(steps) else []
    sections = [
        "## How fast is training?",
        "`tools/benchmark training` makes this section, all of it in one run. " + machine_text(first, torch),
        "The pass of a SIREN over the points of a frame (6 operations a weight and point; sines and cosines take time and count "
        "for nothing), and the values alone (2 operations):",
        kernel_table(first),
        "An INR at many points:" if not torch else f"An INR at {evaluation_of(torch)['points']} points, values compared first:",
        evaluation_table(first, evaluation_of(torch)),
        f"Whole training steps, medians of {rounds} trainings in turns. The floor is what the multiply-adds, sines, bytes and "
        "messages of a step must take at the rates just measured (`src/train/cost_model.hpp`). Memory is the most that a rank had "
        "at a time, the writing of a checkpoint included:",
        timed, "\n".join(models), *ranks]
    if why:
        sections.append(why)
    return "\n\n".join(wrapped(section.strip()) for section in sections) + "\n"
