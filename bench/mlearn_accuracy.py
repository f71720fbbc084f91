#!/usr/bin/env python3
"""Errors and cost of training on the mlearn benchmark (Zuo et al. 2020, doi:10.1021/acs.jpca.9b08723), fixed split.

    bench/mlearn_accuracy.py [--build build/release] [--data ../shared/data/mlearn] [--elements Ni Li Mo Si]
                             [--size M] [--cutoff-angstrom 6] [--epochs 0] [--seeds 1] [--threads 2]

Training sees the published training frames alone (a tenth of them chooses among its validations); the test frames are
evaluated once, afterwards, by superion-learn. Prints one JSON line per run: test errors in meV/atom and meV/Å, the training
error beside them, wall and CPU seconds, and the goal ("must" row) of the design. Lines collected in
bench/results/mlearn.jsonl are what docs/benchmarks.md shows.
"""
import argparse
import json
import os
import resource
import subprocess
import tempfile

MUST = {"Ni": (0.48, 18), "Li": (0.49, 9), "Mo": (2.83, 95), "Si": (2.91, 65)}


def run_task(args, program, kind, seed, params, inputs, folder):
    spec = {"schema": 1, "kind": kind, "campaign_id": "bench", "task_id": kind, "key": "bench", "attempt": 1, "seed": seed,
            "threads": args.threads, "inputs": [{"name": n, "path": p, "sha256": ""} for n, p in inputs], "site": {},
            "params": params}
    with open(os.path.join(folder, "spec.json"), "w") as file:
        json.dump(spec, file)
    program = os.path.join(os.path.abspath(args.build), "bin", program)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "--spec", "spec.json", "--result", "result.json"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.path.join(folder, "result.json")) as file:
        metrics = json.load(file)["metrics"]
    return metrics, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def train(args, element, seed, folder):
    params = {"size": args.size, "cutoff_angstrom": args.cutoff_angstrom, "epochs": args.epochs,
              "max_time_s": args.max_time_s}
    data = os.path.join(os.path.abspath(args.data), f"{element}_train.xyz")
    return run_task(args, "superion-train", "train", seed, params, [("train", data)], folder)


def test_errors(args, element, folder):
    data = os.path.join(os.path.abspath(args.data), f"{element}_test.xyz")
    model = os.path.join(folder, "model.superion")
    return run_task(args, "superion-learn", "eval", 1, {}, [("model", model), ("data", data)], folder)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="../shared/data/mlearn")
    parser.add_argument("--elements", nargs="+", default=["Ni", "Li", "Mo", "Si"])
    parser.add_argument("--size", default="M")
    parser.add_argument("--cutoff-angstrom", type=float, default=6.0)
    parser.add_argument("--epochs", type=int, default=0, help="0: the program's default")
    parser.add_argument("--max-time-s", type=float, default=0.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    for element in args.elements:
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                metrics, cpu = train(args, element, seed, folder)
                errors = test_errors(args, element, folder)
            print(json.dumps({
                "element": element, "seed": seed, "size": args.size, "epochs": metrics["epochs"],
                "energy_mae_mev_per_atom": round(errors["energy_mae_mev_per_atom"], 3),
                "force_mae_mev_per_angstrom": round(errors["force_mae_mev_per_angstrom"], 2),
                "force_rmse_mev_per_angstrom": round(errors["force_rmse_mev_per_angstrom"], 2),
                "train_force_rmse_mev_per_angstrom": round(metrics["train"]["force_rmse_mev_per_angstrom"], 2),
                "must": {"energy_mae_mev_per_atom": MUST[element][0], "force_mae_mev_per_angstrom": MUST[element][1]},
                "wall_s": round(metrics["wall_s"], 1), "cpu_s": round(cpu, 1)}), flush=True)


if __name__ == "__main__":
    main()
