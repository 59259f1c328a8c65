"""All of it: check, then time in turns."""

import json
import statistics
import tempfile
from pathlib import Path

import torch

import machine
import report
from agreement import Result, demand, difference, differences
from batch import batch_of
from cases import CASES
from evaluation import evaluate
from failure import CANNOT_CREATE, Failure
from model import Model
from steps import adam_of, backward_of, fastest_step, milliseconds, stepper
from trainer import Trainer

START = 20  # steps of hypercast-train that lead to where both begin


def say(text):
    print(text, flush=True)


def check(case, trainer, start, activation):
    """A model that begins where `start` ended, and the differences there. Failure when they are not rounding."""
    one = trainer.run(1, start.checkpoint)
    batch = batch_of(case, start.facts)
    model, exact = (Model(case, batch, start.layout, start.phi, activation, kind) for kind in (torch.float32, torch.float64))
    ours = model.result()
    found = differences(Result(one.loss, one.gradient), ours, exact.result())
    demand(found)
    return model, found, ours.loss


def loss_of_last_step(model, phi, steps):
    """Of so many steps from phi with Adam."""
    model.load(phi)
    step = stepper(backward_of(model.loss), adam_of(model))
    for _ in range(steps - 1):
        step()
    return step()


def summary(times):
    return {"median": statistics.median(times), "least": min(times), "most": max(times), "all": times}


def in_turns(case, rounds, step, trainer, start):
    """Milliseconds a step of each round, of PyTorch and of hypercast; and the last run of hypercast."""
    torch_times, times = [], []
    for _ in range(rounds):
        torch_times.append(statistics.median(milliseconds(step, case.torch_steps)))
        done = trainer.run(case.steps, start.checkpoint)
        times.append(done.milliseconds)
    return summary(torch_times), summary(times), done


def compare(case, args, folder):
    trainer = Trainer(case, folder, args.programs.resolve(), args.ranks, args.activation)
    start = trainer.run(START)
    model, found, first = check(case, trainer, start, args.activation)
    last = loss_of_last_step(model, start.phi, case.steps)
    step, (way, form), tried = fastest_step(model)
    ours, theirs, done = in_turns(case, args.rounds, step, trainer, start)
    found["last_loss"] = difference(done.loss, last)
    demand(found)
    entry = {"model": case.text(), "activation": args.activation, "parameters": int(start.phi.size), "differences": found,
             "losses": {"first": first, "step": case.steps, "torch": last, "hypercast": done.loss},
             "torch": {**ours, "gradient": way, "adam": form, "tried": tried},
             "hypercast": {**theirs, "timer": done.timer, "version": done.version}, "rounds": args.rounds,
             "ratio": ours["median"] / theirs["median"]}
    if case.evaluated:
        model.load(start.phi)
        entry["evaluation"] = evaluate(model, args.programs.resolve() / "hypercast-bench", args.ranks, args.rounds, folder)
    return entry


def run(args):
    torch.set_num_threads(args.ranks)
    machine.keep_freed_memory()
    cases = [CASES[name] for name in args.case or ("dense", "large")]
    result = {"machine": machine.of_this_run(args.ranks), "cases": {}}
    texts = [report.head(result["machine"])]
    say(texts[0])
    try:
        args.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"{args.output} cannot be created: {error.strerror}") from error
    for case in cases:
        with tempfile.TemporaryDirectory(dir=args.output.resolve()) as folder:
            result["cases"][case.name] = compare(case, args, Path(folder))
        texts.append(report.case_text(case.name, result["cases"][case.name]))
        say("\n" + texts[-1])
        save(args.output, result, texts)
    say(f"\n{args.output / 'comparison.txt'}, comparison.json")


def save(folder, result, texts):
    """As it grows, since cases take minutes."""
    try:
        (folder / "comparison.json").write_text(json.dumps(result, indent=1) + "\n")
        (folder / "comparison.txt").write_text("\n\n".join(texts) + "\n")
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"{folder} cannot be written: {error.strerror}") from error
