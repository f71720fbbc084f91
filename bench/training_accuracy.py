#!/usr/bin/env python3
"""Test errors and cost of training with the program's defaults: mlearn, the oracles LATP and LZP, or any pair of files.

    bench/training_accuracy.py [--build build/release] [--data ../shared/data/mlearn] [--systems Ni Li Mo Si]
                               [--size M] [--seeds 1 2 3] [--threads 2] [--params JSON]

Reads <data>/<system>_train.xyz and <system>_test.xyz. mlearn: Zuo et al. 2020 (doi:10.1021/acs.jpca.9b08723), fixed split; latp and lzp:
made by oracle_sets.py. Training sees the training frames alone (a tenth of them chooses among its validations); the test frames
are evaluated once, afterwards. Prints one JSON line per run; bench/results/training_accuracy.jsonl collects what docs/benchmarks.md shows.
"""
import argparse
import json
import os
import resource
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
    line = {"system": system, "size": args.size, "seed": seed, "params": params, "epochs": trained["epochs"],
            "test": {key: round(tested[key], 3) for key in ERRORS},
            "train": {key: round(trained["train"][key], 3) for key in ERRORS},
            "wall_s": round(trained["wall_s"], 1), "threads": args.threads,
            "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)}
    if system in GOALS:
        line["must"], line["aim"] = GOALS[system]
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="../shared/data/mlearn")
    parser.add_argument("--systems", nargs="+", default=["Ni", "Li", "Mo", "Si"])
    parser.add_argument("--size", default="M")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--params", default="{}", help="further params of the task train")
    args = parser.parse_args()
    for system in args.systems:
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                print(json.dumps(one(args, system, seed, folder)), flush=True)


if __name__ == "__main__":
    main()
