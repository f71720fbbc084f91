#!/usr/bin/env python3
"""Time of the collective conductivity with verdict from displacement streams (superion-analyze).

    bench/analyze_collective.py [--build build/release] [--samples 1000000] [--seeds 4] [--threads 2] [--repeat 5] [--current]

Writes streams of Brownian ions that vibrate (two species, `samples` rows over all seeds; with --current only text files of the
current) into a temporary folder, runs the task `repeat` times and prints one JSON line each: wall and CPU seconds of the whole
program, σ over its exact value, s_tot and status.
"""
import argparse
import array
import json
import math
import os
import random
import resource
import subprocess
import tempfile
import time

INTERVAL, VOLUME, TEMPERATURE, IONS = 0.005, 1000.0, 600.0, 16
CONDUCTIVITY = 1.602176634e-19**2 / 1.380649e-23 * 1e22
D = 0.5  # Å²/ps of the sum displacement per ion


def paths(rows, seed):
    """Three components of the sum displacement of the mobile ions."""
    generator = random.Random(seed)
    step, decay = math.sqrt(2 * D * IONS * INTERVAL), math.exp(-INTERVAL / 0.05)
    kick = math.sqrt(1 - decay * decay)
    components = []
    for _ in range(3):
        x, u, out = 0.0, 0.0, array.array("d")
        for _ in range(rows):
            out.append(x + u)
            x += step * generator.gauss(0, 1)
            u = decay * u + kick * generator.gauss(0, 1)
        components.append(out)
    return components


def write_stream(path, rows, seed):
    header = {"format": "superion-stream", "version": 1, "interval_ps": INTERVAL, "temperature_k": TEMPERATURE,
              "cell_angstrom": [[10, 0, 0], [0, 10, 0], [0, 0, 10]], "species": ["Li", "Cl"], "counts": [IONS, IONS],
              "masses_u": [6.94, 35.45], "scalars": [], "provenance": {}}
    with open(path, "wb") as file:
        file.write((json.dumps(header) + "\n").encode())
        x, y, z = paths(rows, seed)
        for k in range(rows):
            file.write(array.array("d", [k, x[k], y[k], z[k], 0, 0, 0]).tobytes())


def write_current(path, rows, seed):
    x, y, z = paths(rows + 1, seed)
    with open(path, "w") as file:
        for k in range(rows):
            file.write(" ".join(f"{(c[k + 1] - c[k]) / INTERVAL:.9g}" for c in (x, y, z)) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--current", action="store_true")
    args = parser.parse_args()
    program = os.path.abspath(f"{args.build}/bin/superion-analyze")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        names = [f"seed-{s}" for s in range(args.seeds)]
        for s, name in enumerate(names):
            (write_current if args.current else write_stream)(name, args.samples // args.seeds, s)
        params = {"charges": {"Li": 1, "Cl": -1}}
        if args.current:
            params = {"timestep_fs": 1000 * INTERVAL, "volume_angstrom3": VOLUME, "temperature_k": TEMPERATURE}
        kind = "current" if args.current else "stream"
        spec = {"schema": 1, "kind": "analyze", "campaign_id": "bench", "task_id": "bench", "key": "bench", "attempt": 1,
                "seed": 1, "threads": args.threads, "site": {}, "params": params,
                "inputs": [{"name": kind, "path": name, "sha256": ""} for name in names]}
        with open("spec.json", "w") as file:
            json.dump(spec, file)
        exact = CONDUCTIVITY * IONS * D / (VOLUME * TEMPERATURE)
        for _ in range(args.repeat):
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
            subprocess.run([program, "--spec", "spec.json", "--result", "result.json"], check=True,
                           stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            metrics = json.load(open("result.json"))["metrics"]
            print(json.dumps({"wall_s": round(time.time() - start, 3),
                              "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3),
                              "sigma_over_exact": metrics["sigma_s_per_m"] and round(metrics["sigma_s_per_m"] / exact, 3),
                              "s_tot": metrics["s_tot"], "status": metrics["status"]}), flush=True)


if __name__ == "__main__":
    main()
