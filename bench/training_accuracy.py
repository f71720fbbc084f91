#!/usr/bin/env python3
"""Test errors and cost of training with the program's defaults: mlearn, the oracles LATP and LZP, or any pair of files.

    bench/training_accuracy.py [--build build/release] [--data ../shared/data/mlearn] [--systems Ni Li Mo Si]
                               [--size M] [--seeds 1 2 3] [--threads 2] [--params JSON] [--models FOLDER]

Reads <data>/<system>_train.xyz and <system>_test.xyz. mlearn: Zuo et al. 2020 (doi:10.1021/acs.jpca.9b08723), fixed split; latp and lzp:
made by oracle_sets.py. Training sees the training frames alone (a tenth of them chooses among its validations); the test frames
are evaluated once, afterwards. With three seeds or more a line per system gives means and the stability: largest over median of the
validation errors, and how often a divergence was undone. With --models, model and learning curve of every run are kept. Prints one JSON line per run; bench/results/training_accuracy.jsonl collects what docs/benchmarks.md shows.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import tempfile

from run_task import run_task

# meV/atom and meV/Å of the design: must, aim
GOALS = {"Ni": ((0.48, 18), (0.34, 13)), "Li": ((0.49, 9), (0.20, 5)), "Mo": ((2.83, 95), (2.2, 80)),
         "Si": ((2.91, 65), (1.9, 50)), "latp": ((0.3, 10), (0.1, 3)), "lzp": ((0.3, 10), (0.1, 3))}
ERRORS = ("energy_mae_mev_per_atom", "force_mae_mev_per_angstrom", "force_rmse_mev_per_angstrom")


def one(args, system, seed, folder):
    stem = os.path.join(args.data, system)
    params = {"size": args.size, **json.loads(args.params)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    trained = run_task(args.build, "superion-train", "train", f"{folder}/train", params, {"train": f"{stem}_train.xyz"},
                       seed, args.threads)["metrics"]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    tested = run_task(args.build, "superion-learn", "eval", f"{folder}/eval", {},
                      {"model": f"{folder}/train/model.superion", "data": f"{stem}_test.xyz"})["metrics"]
    if args.models:
        os.makedirs(args.models, exist_ok=True)
        for name, ending in (("model.superion", "superion"), ("learning_curve.jsonl", "learning_curve.jsonl")):
            shutil.copy(f"{folder}/train/{name}", f"{args.models}/{system}_{args.size}_seed{seed}.{ending}")
    line = {"system": system, "size": args.size, "seed": seed, "params": params, "epochs": trained["epochs"],
            "decayed": trained["decayed"],
            "test": {key: round(tested[key], 3) for key in ERRORS},
            "train": {key: round(trained["train"][key], 3) for key in ERRORS},
            "valid": {key: round(trained["valid"][key], 3) for key in ERRORS}, "recoveries": trained["recoveries"],
            "wall_s": round(trained["wall_s"], 1), "threads": args.threads,
            "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)}
    if system in GOALS:
        line["must"], line["aim"] = GOALS[system]
    return line


def summary(lines):
    """Means over seeds, and the worst seed against the median."""
    worst = {key: max(line["valid"][key] for line in lines) / statistics.median(line["valid"][key] for line in lines)
             for key in ERRORS[:2]}
    return {"system": lines[0]["system"], "size": lines[0]["size"], "seeds": len(lines),
            "mean_test": {key: round(statistics.mean(line["test"][key] for line in lines), 3) for key in ERRORS},
            "worst_over_median": {key: round(value, 3) for key, value in worst.items()},
            "recoveries": sum(line["recoveries"] for line in lines)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="../shared/data/mlearn")
    parser.add_argument("--systems", nargs="+", default=["Ni", "Li", "Mo", "Si"])
    parser.add_argument("--size", default="M")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--params", default="{}", help="further params of the task train")
    parser.add_argument("--models", default="", help="folder for models and learning curves")
    args = parser.parse_args()
    for system in args.systems:
        lines = []
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                lines.append(one(args, system, seed, folder))
            print(json.dumps(lines[-1]), flush=True)
        if len(lines) >= 3:
            print(json.dumps(summary(lines)), flush=True)


if __name__ == "__main__":
    main()
