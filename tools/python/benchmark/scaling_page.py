"""The page on scaling: Markdown, every modelled number under a heading or in a column that says so."""

LABELS = {"strong": "strong: as many frames on any number of ranks", "weak": "weak: as many frames a rank"}
CALIBRATION = ("clock.alone", "fma.float.alone", "fma.float.together", "memory.l2.update.together",
               "memory.last_cache.update.together", "memory.dram.update.alone", "memory.dram.update.together",
               "messages.node.latency", "messages.node.bandwidth", "window.latency", "window.bandwidth", "messages.barrier",
               "messages.allreduce.8")
PREFIXES = {-3: "n", -2: "µ", -1: "m", 0: "", 1: "k", 2: "M", 3: "G", 4: "T"}


def quantity(value, unit):
    """With three digits and a prefix."""
    power = 0
    while value and abs(value) >= 999.5 and power < 4:
        value, power = value / 1000, power + 1
    while value and abs(value) < 0.9995 and power > -3:
        value, power = value * 1000, power - 1
    return f"{value:.3g} {PREFIXES[power]}{unit}"


def sentence(text):
    return text[0].upper() + text[1:] + "."


def table(head, rows):
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in [head, ["---"] * len(head), *rows])


def rows_of(bench, name):
    """The rows of a modelled table, as dictionaries."""
    found = next(entry for entry in bench["tables"] if entry["name"] == name)
    return [dict(zip(found["columns"], row)) for row in found["rows"]]


def item(bench, name):
    return next((entry for entry in bench["items"] if entry["name"] == name), None)


def floor_of(bench, scaling, ranks):
    return next((row["floor_s"] for row in rows_of(bench, f"model.{scaling}.default") if row["ranks"] == ranks), None)


def measured_row(bench, measured, entry, shape):
    first = next(m for m in measured if m.scaling == entry.scaling and m.ranks == min(x.ranks for x in measured))
    work = entry.frames / first.frames * first.ranks / entry.ranks  # per rank, relative to the first
    efficiency = first.median * work / entry.median
    low, middle, high = entry.quartiles
    rate = shape.flops(entry.frames) / middle
    peak = item(bench, "fma.float.together" if entry.ranks > 1 else "fma.float.alone")["median"] * entry.ranks
    floor = floor_of(bench, entry.scaling, entry.ranks)
    return [entry.scaling, entry.ranks, entry.frames, f"{1e3 * middle:.3g}", f"{1e3 * low:.3g} – {1e3 * high:.3g}",
            f"{100 * efficiency:.0f} %", quantity(rate, "flop/s"), f"{100 * rate / peak:.1f} %", f"{100 * entry.exchange:.1f} %",
            f"{1e3 * floor:.3g}" if floor else "–", f"{100 * floor / middle:.0f} %" if floor else "–"]


def machine_text(bench):
    machine, run = bench["machine"], bench["run"]
    together, alone = item(bench, "fma.float.together"), item(bench, "fma.float.alone")
    text = (f"{machine['processor']}, {machine['logical_processors']} logical processors, {machine['cores']} cores"
            f"{', behind a hypervisor' if machine['hypervisor'] else ''}; {run['mpi']}; {run['compiler']}, `{run['flags']}`.\n")
    share = together["median"] / alone["median"]
    text += f"Rank 0 had a processor {100 * run['cpu_share']:.0f} % of the time while the machine was measured. "
    return text + f"While all of {run['ranks_per_node']} ranks work, each does {100 * share:.0f} % of the multiply-adds that one does alone.\n"


def calibration_table(bench):
    rows = []
    for name in CALIBRATION:
        found = item(bench, name)
        if found:
            rows.append([f"`{name}`", quantity(found["median"], found["unit"]),
                         f"{quantity(found['lower_quartile'], found['unit'])} – {quantity(found['upper_quartile'], found['unit'])}",
                         found["what"]])
    return table(["item", "median", "quartiles", "what"], rows)


def model_table(bench, scaling):
    rows = []
    for default, best in zip(rows_of(bench, f"model.{scaling}.default"), rows_of(bench, f"model.{scaling}.recommended")):
        rows.append([f"{default['ranks']:.0f}", f"{default['frames']:.0f}", quantity(default["floor_s"], "s"),
                     f"{100 * default['efficiency']:.1f} %", f"{best['replicas']:.0f}",
                     "split" if best["trunk_split"] else "replicated", quantity(best["floor_s"], "s"),
                     f"{100 * best['efficiency']:.1f} %", quantity(best["rank_bytes"], "B")])
    return table(["ranks", "frames", "model: floor, one replica", "model: efficiency", "model: best replicas", "model: best trunk",
                  "model: its floor", "model: its efficiency", "model: memory a rank"], rows)


def identity_text(differing):
    lines = []
    for ranks, names in differing.items():
        verdict = "the same as on one rank, bit by bit" if not names else "**differs** from one rank in " + ", ".join(names[:5])
        lines.append(f"- {ranks} ranks, more than there need be cores: the checkpoint is {verdict}.")
    return "\n".join(lines)


def page(bench, measured, differing, shape):
    timed = table(["scaling", "ranks", "frames", "measured: ms a step", "measured: quartiles", "measured: efficiency",
                   "measured: rate", "of the FMA peak", "in the exchange", "model: floor, ms", "floor / measured"],
                  [measured_row(bench, measured, entry, shape) for entry in measured])
    sections = [
        "# Scaling of training", machine_text(bench),
        "## Measured", f"Medians over {len(measured[0].seconds)} trainings, each rank on a core of its own.", timed,
        "![time of a step](time.png)",
        "## The same results on any number of ranks", identity_text(differing),
        "## The machine, measured", calibration_table(bench),
        "## Model", "Nothing in this part is measured. The cost model (`src/train/cost_model.hpp`) adds arithmetic, memory and "
        "messages with the numbers above; it is a floor of what is there now, not a promise. "
        + " ".join(sentence(note.removeprefix("model: ")) for note in bench["notes"] if note.startswith("model: ")),
        *[part for scaling in ("strong", "weak") for part in (f"### Model, {LABELS[scaling]}", model_table(bench, scaling))],
        "![efficiency](efficiency.png)"]
    return "\n\n".join(section.strip() for section in sections) + "\n"
