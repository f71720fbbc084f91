#!/usr/bin/env python3
"""Stability of training with the program's defaults: many seeds of every element and size; no run may diverge or end far from the others.

    bench/training_stability.py --log FILE.jsonl [--build build/release] [--data ../shared/data/mlearn] [--seeds 20]
                                [--sizes S M] [--systems Ni Li Mo Si] [--threads 1]

Appends a line per run to the log and skips runs that it holds already, so it may be stopped at any time. Seeds come outermost:
the table is balanced from the start. A run that fails is a line with "error". At the end, and with --summary alone, a line per element and size: runs,
failures, divergences undone, largest over median of the validation errors (allowed: 1.5).
"""
import argparse
import json
import os
import statistics
import tempfile

from training_accuracy import ERRORS, one


def read(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file]


def run(args, system, size, seed):
    args.size = size
    with tempfile.TemporaryDirectory() as folder:
        try:
            return one(args, system, seed, folder)
        except RuntimeError as error:
            return {"system": system, "size": size, "seed": seed, "error": str(error)}


def summary(lines):
    sound = [line for line in lines if "error" not in line]
    valid = {key: [line["valid"][key] for line in sound] for key in ERRORS[:2]}
    return {"system": lines[0]["system"], "size": lines[0]["size"], "runs": len(lines), "failed": len(lines) - len(sound),
            "recoveries": sum(line["recoveries"] for line in sound),
            "median_valid": {key: round(statistics.median(values), 3) for key, values in valid.items() if values},
            "worst_over_median": {key: round(max(values) / statistics.median(values), 3) for key, values in valid.items() if values}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", required=True)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="../shared/data/mlearn")
    parser.add_argument("--systems", nargs="+", default=["Ni", "Li", "Mo", "Si"])
    parser.add_argument("--sizes", nargs="+", default=["S", "M"])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--summary", action="store_true", help="no run, the table of what is there")
    args = parser.parse_args()
    args.params, args.models = "{}", ""
    done = {(line["system"], line["size"], line["seed"]) for line in read(args.log)}
    plan = [(system, size, seed) for seed in range(1, args.seeds + 1) for size in args.sizes for system in args.systems]
    for system, size, seed in plan:
        if args.summary or (system, size, seed) in done:
            continue
        line = run(args, system, size, seed)
        with open(args.log, "a") as file:
            file.write(json.dumps(line) + "\n")
    lines = read(args.log)
    for size in args.sizes:
        for system in args.systems:
            group = [line for line in lines if (line["system"], line["size"]) == (system, size)]
            if group:
                print(json.dumps(summary(group)))


if __name__ == "__main__":
    main()
