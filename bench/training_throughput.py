#!/usr/bin/env python3
"""Seconds per epoch of training: 160 frames x 192 atoms of the garnet oracle (four species, about 84 neighbors).

    bench/training_throughput.py [--build build/release] [--data ../shared/data/oracles] [--size M] [--threads 2]
                                 [--frames 160] [--epochs 3] [--memory-gib 4] [--set garnet.xyz] [--device cpu|cuda|cpu_tensors]

Frames are the start structure of pmd_BVS_LLZO displaced by 0.1 Å, labelled by the built-in oracle. Prints one JSON line:
seconds per epoch (steps of the optimiser, without validation and set-up), wall and CPU. Goal of the design: 6 s on two cores, aim 2 s.
"""
import argparse
import json
import os
import tempfile

from oracle_sets import labeler, start_structure
from run_task import run_task


def labelled_set(args, folder):
    if args.set and os.path.exists(args.set):
        return args.set
    oracle = os.path.join(args.data, "pmd_BVS_LLZO")
    start = os.path.join(folder, "start.xyz")
    with open(start, "w") as file:
        file.write(start_structure(oracle))
    displaced = {"frames": args.frames, "perturbation_angstrom": [0.1], "strain": 0.0}
    run_task(args.build, "superion-learn", "perturb", f"{folder}/perturb", displaced, {"structure": start})
    run_task(args.build, "superion-dft", "label", f"{folder}/label", {"labeler": labeler(oracle)},
             {"frames": f"{folder}/perturb/frames.xyz"}, threads=args.threads)
    path = f"{folder}/label/labelled.xyz"
    if args.set:
        os.replace(path, args.set)
    return args.set or path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="../shared/data/oracles")
    parser.add_argument("--size", default="M")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frames", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--device", default="cpu", help="cpu_tensors: the operations of cuda on the CPU (set OMP_NUM_THREADS)")
    parser.add_argument("--memory-gib", type=float, default=4.0)
    parser.add_argument("--set", help="labelled set: made there when it does not exist")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        params = {"size": args.size, "epochs": args.epochs, "validation_fraction": 0.0, "memory_gib": args.memory_gib,
                  "device": args.device}
        metrics = run_task(args.build, "superion-train", "train", f"{folder}/train", params,
                           {"train": labelled_set(args, folder)}, threads=args.threads)["metrics"]
    print(json.dumps({"size": args.size, "threads": args.threads, "device": metrics["device_name"], "frames": metrics["train"]["frames"],
                      "seconds_per_epoch": round(metrics["seconds_per_epoch"], 2),
                      "cpu_seconds_per_epoch": round(metrics["cpu_seconds_per_epoch"], 2),
                      "kept_frames": metrics["kept_frames"]}))


if __name__ == "__main__":
    main()
