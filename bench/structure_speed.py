#!/usr/bin/env python3
"""Times RDF, van Hove functions, density of states and hops: bench/structure_speed.py PROGRAM [frames] [threads]

Writes a trajectory of 1,000 atoms (400 Li that walk, 600 S that vibrate, 0.0505 atoms per cubic angstrom) in a
temporary folder and runs superion-analyze (PROGRAM) on it; prints seconds and the largest memory.
"""
import array
import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

ATOMS, LI, BOX, INTERVAL = 1000, 400, 27.05, 0.01


def write_trajectory(path, frames):
    rng = random.Random(1)
    header = {"format": "superion-trajectory", "version": 1, "species": ["Li"] * LI + ["S"] * (ATOMS - LI),
              "masses_u": [6.94] * LI + [32.06] * (ATOMS - LI), "interval_ps": INTERVAL, "temperature_k": 600.0,
              "provenance": {}}
    home = [BOX * rng.random() for _ in range(3 * ATOMS)]
    kicks = [0.05 * rng.gauss(0, 1) for _ in range(1 << 17)]
    waves = [[0.2 * math.sin(2 * math.pi * (f / 20.0 + k / 64.0)) for k in range(64)] for f in range(20)]
    with open(path, "wb") as out:
        out.write((json.dumps(header) + "\n").encode())
        for frame in range(frames):
            wave, start = waves[frame % 20], rng.randrange(len(kicks) - 3 * LI)
            for i in range(3 * LI):
                home[i] += kicks[start + i]
            moved = home[:3 * LI] + [home[i] + wave[i % 64] for i in range(3 * LI, 3 * ATOMS)]
            record = [frame * INTERVAL, BOX, 0, 0, 0, BOX, 0, 0, 0, BOX] + moved
            out.write(array.array("d", record).tobytes())


def main():
    program = os.path.abspath(sys.argv[1])
    frames = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    with tempfile.TemporaryDirectory() as folder:
        write_trajectory(folder + "/a.traj", frames)
        for observables in (["rdf", "van-hove", "vdos"], ["rdf"], ["van-hove"], ["vdos"], ["sites"]):
            spec = {"schema": 1, "kind": "structure", "campaign_id": "b", "task_id": "t1", "key": "b", "attempt": 1,
                    "seed": 1, "threads": threads, "params": {"observables": observables}, "site": {},
                    "inputs": [{"name": "trajectory", "path": folder + "/a.traj", "sha256": ""}]}
            with open(folder + "/spec.json", "w") as out:
                json.dump(spec, out)
            start = time.time()
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([program, "--spec", "spec.json", "--result", "result.json"], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(f"{'+'.join(observables)}: {time.time() - start:.1f} s, CPU "
                  f"{used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime:.1f} s, "
                  f"largest memory so far {used.ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
