#!/usr/bin/env python3
"""CPU time and largest memory of `superion-analyze` (kind analyze, all estimators and verdict) on Brownian ions.

usage: tracer_speed.py SUPERION_ANALYZE [FRAMES 100000] [ATOMS 1000] [THREADS 2] [MEMORY_MIB 2048]

Writes a trajectory of FRAMES x ATOMS (24 bytes each) into a scratch folder, half of the atoms diffusing with
D = 5e-5 cm2/s, and prints what came out. Needs numpy.
"""
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time

import numpy as np


def write(path, frames, atoms):
    rng = np.random.default_rng(1)
    half = atoms // 2
    header = dict(format="superion-trajectory", version=1, species=["Li"] * half + ["Cl"] * (atoms - half),
                  masses_u=[6.94] * half + [35.45] * (atoms - half), interval_ps=0.01, temperature_k=600.0,
                  provenance={})
    edge = 3.0 * atoms ** (1 / 3)
    r = rng.random((atoms, 3)) * edge
    with open(path, "wb") as out:
        out.write((json.dumps(header) + "\n").encode())
        for first in range(0, frames, 1000):
            n = min(1000, frames - first)
            steps = rng.standard_normal((n, atoms, 3)) * 0.1
            steps[:, half:] = 0
            x = r + np.cumsum(steps, axis=0)
            r = x[-1]
            rows = np.empty((n, 10 + 3 * atoms))
            rows[:, 0] = 0.01 * (first + np.arange(n))
            rows[:, 1:10] = np.diag([edge] * 3).ravel()
            rows[:, 10:] = x.reshape(n, -1)
            rows.tofile(out)


def main():
    program = os.path.abspath(sys.argv[1])
    frames, atoms, threads, memory = [int(a) for a in sys.argv[2:] + "100000 1000 2 2048".split()[len(sys.argv) - 2:]]
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: the largest memory of a child counts what its parent held.
        writer = multiprocessing.Process(target=write, args=(os.path.join(folder, "walk"), frames, atoms))
        writer.start()
        writer.join()
        spec = dict(schema=1, kind="analyze", campaign_id="c", task_id="t", key="k", attempt=1, seed=1, threads=threads,
                    params=dict(charges=dict(Li=1, Cl=-1), memory_mib=memory),
                    inputs=[dict(name="trajectory", path="walk", sha256="")], site={})
        with open(os.path.join(folder, "spec.json"), "w") as out:
            json.dump(spec, out)
        started = time.time()
        runner = subprocess.Popen([program, "--spec", "spec.json", "--result", "result.json"], cwd=folder,
                                  stdout=subprocess.DEVNULL)
        usage = os.wait4(runner.pid, 0)[2]
        wall = time.time() - started
        with open(os.path.join(folder, "result.json")) as text:
            metrics = json.load(text)["metrics"]
    print(f"{atoms} atoms x {frames} frames, {threads} threads: CPU {usage.ru_utime + usage.ru_stime:.1f} s "
          f"(user {usage.ru_utime:.1f}), wall {wall:.1f} s, {usage.ru_maxrss / 1024:.0f} MiB; "
          f"D = {metrics['d_tracer_cm2_per_s']['Li']['value']:.4g} cm2/s (5e-5 exact)")


main()
