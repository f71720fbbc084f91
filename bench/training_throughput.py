#!/usr/bin/env python3
"""Seconds per epoch of training: 160 frames x 192 atoms of the garnet oracle (four species, about 84 neighbors).

    bench/training_throughput.py [--build build/release] [--oracles ../shared/data/oracles] [--size M] [--threads 2]
                                 [--frames 160] [--epochs 3] [--memory-gib 4] [--set garnet.xyz]

Frames are the start structure of pmd_BVS_LLZO rattled by 0.1 Å, labelled by the built-in oracle (`superion-dft`). Prints one
JSON line: seconds per epoch (steps of the optimiser, without validation and set-up), CPU seconds of the whole run,
neighbors per atom. Goal of the design: 6 s on two cores, aim 2 s.
"""
import argparse
import json
import os
import random
import resource
import subprocess
import tempfile

CUTOFF = 6.0


def start_structure(folder):
    """Cell rows, species and fractional positions of nap's pmdini."""
    lines = open(os.path.join(folder, "pmdini")).read().splitlines()
    order = next(line.split(":")[1].split() for line in lines if "specorder" in line)
    rows = [line.split() for line in lines if not line.startswith(("!", "#"))]
    scale = float(rows[0][0])
    cell = [[scale * float(x) for x in row[:3]] for row in rows[1:4]]
    atoms = [(order[int(float(row[0])) - 1], [float(x) for x in row[1:4]]) for row in rows[5:5 + int(rows[4][0])]]
    return cell, atoms


def columns(folder, name):
    path = os.path.join(folder, f"in.params.{name}")
    return [line.split() for line in open(path) if line.strip() and not line.startswith(("#", "!"))]


def labeler(folder):
    """The oracle's parameters as the params of `label` want them."""
    coulomb, interactions, section = {}, [], None
    fbvs = 1.0
    for row in columns(folder, "Coulomb"):
        if row[0] in ("terms", "charges", "interactions"):
            section = row[0]
        elif row[0] == "fbvs":
            fbvs = float(row[1])
        elif section == "charges":
            coulomb[row[0]] = {"valence": float(row[1]), "radius_angstrom": float(row[2]),
                               "principal_quantum_number": int(row[3])}
        elif section == "interactions":
            interactions.append(row[:2])
    morse = [{"pair": row[:2], "d_ev": float(row[2]), "alpha_per_angstrom": float(row[3]),
              "rmin_angstrom": float(row[4])} for row in columns(folder, "Morse")]
    return {"kind": "oracle", "form": "morse_coulomb", "cutoff_angstrom": CUTOFF,
            "coulomb": {"species": coulomb, "fbvs": fbvs, "interactions": interactions}, "morse": morse,
            "stress": False}


def write_rattled(path, cell, atoms, frames):
    generator = random.Random(1)
    lattice = " ".join(f"{x:.8f}" for row in cell for x in row)
    with open(path, "w") as file:
        for _ in range(frames):
            file.write(f'{len(atoms)}\nLattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"\n')
            for species, s in atoms:
                r = [sum(s[a] * cell[a][k] for a in range(3)) + generator.gauss(0, 0.1) for k in range(3)]
                file.write(f"{species} {r[0]:.8f} {r[1]:.8f} {r[2]:.8f}\n")


def run_task(args, program, kind, params, inputs, folder, threads=1):
    spec = {"schema": 1, "kind": kind, "campaign_id": "bench", "task_id": kind, "key": "bench", "attempt": 1, "seed": 1,
            "threads": threads, "inputs": [{"name": n, "path": os.path.abspath(p), "sha256": ""} for n, p in inputs],
            "site": {}, "params": params}
    with open(os.path.join(folder, "spec.json"), "w") as file:
        json.dump(spec, file)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = os.path.join(os.path.abspath(args.build), "bin", program)
    subprocess.run([program, "--spec", "spec.json", "--result", "result.json"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.path.join(folder, "result.json")) as file:
        result = json.load(file)
    return result, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def labelled_set(args, folder):
    if args.set and os.path.exists(args.set):
        return args.set
    oracle = os.path.join(args.oracles, "pmd_BVS_LLZO")
    cell, atoms = start_structure(oracle)
    frames = os.path.join(folder, "frames.xyz")
    write_rattled(frames, cell, atoms, args.frames)
    result, _ = run_task(args, "superion-dft", "label", {"labeler": labeler(oracle)}, [("frames", frames)], folder)
    path = os.path.join(folder, next(a["path"] for a in result["artifacts"] if a["name"] == "labelled"))
    if args.set:
        os.replace(path, args.set)
        path = args.set
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--oracles", default="../shared/data/oracles")
    parser.add_argument("--size", default="M")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frames", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--memory-gib", type=float, default=4.0)
    parser.add_argument("--set", help="labelled set: made there when it does not exist")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = labelled_set(args, folder)
        params = {"size": args.size, "cutoff_angstrom": CUTOFF, "epochs": args.epochs, "validation_fraction": 0.0,
                  "memory_gib": args.memory_gib}
        result, cpu = run_task(args, "superion-train", "train", params, [("train", path)], folder, args.threads)
    metrics = result["metrics"]
    print(json.dumps({"size": args.size, "threads": args.threads, "frames": metrics["train"]["frames"],
                      "seconds_per_epoch": round(metrics["seconds_per_epoch"], 2),
                      "cpu_seconds_per_epoch": round(metrics["cpu_seconds_per_epoch"], 2),
                      "kept_frames": metrics["kept_frames"], "whole_run_cpu_s": round(cpu, 1),
                      "batch_frames": metrics["batch_frames"]}))


if __name__ == "__main__":
    main()
