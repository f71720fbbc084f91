#!/usr/bin/env python3
"""Errors and cost of training on the mlearn benchmark (Zuo et al. 2020, doi:10.1021/acs.jpca.9b08723), fixed split.

    bench/mlearn_accuracy.py [--build build/release] [--data ../shared/data/mlearn] [--elements Ni Li Mo Si]
                             [--size M] [--cutoff-angstrom 6] [--epochs 0] [--seeds 1] [--threads 2]

The published test frames are the `valid` input: their errors are reported and, in training, choose the parameters kept
among the epochs, unless --blind is given; then a tenth of the training frames chooses and `superion eval` has the test.
Prints one JSON line per run: errors in meV/atom and meV/Å, wall and CPU seconds, and the goal ("must" row) of the design.
"""
import argparse
import json
import os
import resource
import subprocess
import tempfile

MUST = {"Ni": (0.48, 18), "Li": (0.49, 9), "Mo": (2.83, 95), "Si": (2.91, 65)}


def train(args, element, seed, folder):
    data = os.path.abspath(args.data)
    inputs = [{"name": "train", "path": f"{data}/{element}_train.xyz", "sha256": ""}]
    if not args.blind:
        inputs.append({"name": "valid", "path": f"{data}/{element}_test.xyz", "sha256": ""})
    spec = {"schema": 1, "kind": "train", "campaign_id": "bench", "task_id": f"{element}-{seed}", "key": "bench",
            "attempt": 1, "seed": seed, "threads": args.threads, "inputs": inputs, "site": {},
            "params": {"size": args.size, "cutoff_angstrom": args.cutoff_angstrom, "epochs": args.epochs,
                       "max_time_s": args.max_time_s}}
    with open(os.path.join(folder, "spec.json"), "w") as file:
        json.dump(spec, file)
    program = os.path.join(os.path.abspath(args.build), "bin", "superion-train")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "--spec", "spec.json", "--result", "result.json"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.path.join(folder, "result.json")) as file:
        metrics = json.load(file)["metrics"]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return metrics, cpu


def test_errors(args, element, folder):
    program = os.path.join(os.path.abspath(args.build), "bin", "superion")
    data = os.path.join(os.path.abspath(args.data), f"{element}_test.xyz")
    out = subprocess.run([program, "eval", "--model", os.path.join(folder, "model.superion"), "--data", data, "--json"],
                         check=True, capture_output=True, text=True).stdout
    return json.loads(out)


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
    parser.add_argument("--blind", action="store_true")
    args = parser.parse_args()
    for element in args.elements:
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                metrics, cpu = train(args, element, seed, folder)
                errors = test_errors(args, element, folder) if args.blind else metrics["valid"]
            print(json.dumps({
                "element": element, "seed": seed, "size": args.size, "epochs": metrics["epochs"],
                "energy_mae_mev_per_atom": round(errors["energy_mae_mev_per_atom"], 3),
                "force_mae_mev_per_angstrom": round(errors["force_mae_mev_per_angstrom"], 2),
                "must": {"energy_mae_mev_per_atom": MUST[element][0], "force_mae_mev_per_angstrom": MUST[element][1]},
                "wall_s": round(metrics["wall_s"], 1), "cpu_s": round(cpu, 1)}), flush=True)


if __name__ == "__main__":
    main()
