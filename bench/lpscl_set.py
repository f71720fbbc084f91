#!/usr/bin/env python3
"""A diverse DFT set of Li-P-S-Cl, split by run: crystals, glasses and mixtures of 13-52 atoms, 300-1500 K.

    bench/lpscl_set.py [--build build/release] [--out .]

Every run is first-principles MD (kind `aimd`, pw.x, PBE, 25 Ry, the recipes of dft_adapter/pseudopotentials) in a fixed cell, or labels of
random displacements, and writes lpscl_run-NN.xyz; finished runs are not repeated. k-point grids are shifted, and
finer for smaller cells; the 52-atom cell has the Gamma point. Start structures of disordered compositions: random points,
melted and cooled to the temperature of the run by the built-in Morse-Coulomb force field with invented parameters.
"""
import argparse
import json
import math
import os
import random
import tempfile

from oracle_sets import frames_of
from run_task import run_task

VOLUME = {"Li2S": 46.3, "LiCl": 33.8, "Li3PS4": 154.5, "Li7P3S11": 414.0, "Li6PS5Cl": 239.0}  # Å^3 per formula unit
TIMESTEP_FS = 3.0


def ion(valence, radius):
    return {"valence": valence, "radius_angstrom": radius, "principal_quantum_number": 1}


# Only makes start structures: bond lengths near those of thiophosphates, P fourfold coordinated.
INVENTED = {
    "kind": "oracle", "form": "morse_coulomb", "cutoff_angstrom": 6.0, "stress": False,
    "coulomb": {"species": {"Li": ion(1, 1.0), "P": ion(5, 0.85), "S": ion(-2, 1.3), "Cl": ion(-1, 1.3)}, "fbvs": 1.0,
                "interactions": [["Li", "Li"], ["Li", "P"], ["P", "P"], ["S", "S"], ["S", "Cl"], ["Cl", "Cl"]]},
    "morse": [{"pair": ["Li", "S"], "d_ev": 1.0, "alpha_per_angstrom": 1.9, "rmin_angstrom": 2.2},
              {"pair": ["Li", "Cl"], "d_ev": 0.8, "alpha_per_angstrom": 1.9, "rmin_angstrom": 2.3},
              {"pair": ["P", "S"], "d_ev": 5.0, "alpha_per_angstrom": 1.9, "rmin_angstrom": 1.85}],
    "angular": [{"triple": ["P", "S", "S"], "cutoff_angstrom": 3.4, "alpha_ev": 1.5, "beta_angstrom": 1.0, "gamma": -0.1}]}


def labeler(kpoints):
    shift = [1, 1, 1] if kpoints != [1, 1, 1] else [0, 0, 0]
    return {"kind": "qe", "mode": "auto", "functional": "PBE", "ecutwfc_ry": 25, "kpoints": kpoints, "kshift": shift,
            "conv_thr_ry": 1e-6,
            "pseudopotentials": {"Li": "Li.pbe-tm-nlcc.UPF", "P": "P.pbe-tm.UPF", "S": "S.pbe-tm.UPF",
                                 "Cl": "Cl.pbe-tm.UPF"}}


def xyz(cell, atoms):
    lattice = " ".join(f"{x:.8f}" for row in cell for x in row)
    rows = [f"{s} {x:.8f} {y:.8f} {z:.8f}" for s, (x, y, z) in atoms]
    return "\n".join([str(len(rows)), f'Lattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"'] + rows) + "\n"


def cubic(a, b, c):
    return [[a, 0, 0], [0, b, 0], [0, 0, c]]


FACES = [(0, 0, 0), (0, .5, .5), (.5, 0, .5), (.5, .5, 0)]


def place(cell, fractional):
    return [(s, [sum(f[k] * cell[k][a] for k in range(3)) for a in range(3)]) for s, f in fractional]


def antifluorite_pair(a=5.70):
    one = [("S", f) for f in FACES] + [("Li", (x, y, z)) for x in (.25, .75) for y in (.25, .75) for z in (.25, .75)]
    cell = cubic(a, a, 2 * a)
    return cell, place(cell, [(s, (x, y, (z + k) / 2)) for s, (x, y, z) in one for k in (0, 1)])


def rocksalt_pair(a=5.13):
    one = [("Cl", f) for f in FACES] + [("Li", ((x + .5) % 1, y, z)) for x, y, z in FACES]
    cell = cubic(a, a, 2 * a)
    return cell, place(cell, [(s, (x, y, (z + k) / 2)) for s, (x, y, z) in one for k in (0, 1)])


def argyrodite(primitive, rng, a=9.85):
    """Li6PS5Cl, F-43m, lithium on the 24g sites (between the pairs of 48h), a little displaced."""
    u = 0.1198  # 16e: the sulfur of PS4 around 4b
    motif = [("P", (.5, .5, .5)), ("S", (.25, .25, .25)), ("Cl", (0, 0, 0))]
    motif += [("S", (.5 + u * p, .5 + u * q, .5 + u * p * q)) for p in (1, -1) for q in (1, -1)]
    lithium = [(.25 + s * .235 * (k == 0), .25 + s * .235 * (k == 1), .25 + s * .235 * (k == 2)) for k in range(3) for s in (1, -1)]
    if primitive:
        cell = [[0, a / 2, a / 2], [a / 2, 0, a / 2], [a / 2, a / 2, 0]]
        shifts = [(0, 0, 0)]
    else:
        cell, shifts = cubic(a, a, a), FACES
    atoms = []
    for shift in shifts:
        sites = motif + [("Li", [x + rng.uniform(-.015, .015) for x in f]) for f in lithium]
        atoms += [(s, [a * (f[k] + shift[k]) for k in range(3)]) for s, f in sites]
    return cell, sorted(atoms, key=lambda atom: atom[0])


def nearest(cell, p, q):
    best = 1e9
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            for k in (-1, 0, 1):
                d = [p[x] - q[x] + i * cell[0][x] + j * cell[1][x] + k * cell[2][x] for x in range(3)]
                best = min(best, sum(x * x for x in d))
    return math.sqrt(best)


def random_cell(composition, volume, rng):
    """Random points with PS4-like distances kept free; the force field does the rest."""
    a = volume ** (1 / 3)
    cell = cubic(a, a, a)
    species = [s for s, n in composition.items() for _ in range(n)]
    least, atoms = 2.3, []
    while len(atoms) < len(species):
        for _ in range(500):
            p = [a * rng.random() for _ in range(3)]
            if all(nearest(cell, p, q) > least for _, q in atoms):
                atoms.append((species[len(atoms)], p))
                break
        else:
            atoms, least = [], least - 0.02
    return cell, atoms


def disordered(units, compounds):
    composition = {}
    for counts, n in units:
        for s, k in counts.items():
            composition[s] = composition.get(s, 0) + k * n
    volume = sum(VOLUME[name] * n for name, n in compounds)
    return lambda rng: random_cell(composition, volume, rng)


LI3PS4, LI2S, LICL = {"P": 1, "S": 4, "Li": 3}, {"S": 1, "Li": 2}, {"Cl": 1, "Li": 1}
# name: (start structure of a generator of random numbers, disordered?, k-points, steps between frames)
SYSTEMS = {
    "li6ps5cl-13": (lambda rng: argyrodite(True, rng), False, [2, 2, 2], 5),
    "li6ps5cl-52": (lambda rng: argyrodite(False, rng), False, [1, 1, 1], 4),
    "li2s-24": (lambda rng: antifluorite_pair(), False, [2, 2, 1], 5),
    "licl-16": (lambda rng: rocksalt_pair(), False, [2, 2, 1], 5),
    "li3ps4-16": (disordered([(LI3PS4, 2)], [("Li3PS4", 2)]), True, [2, 2, 1], 5),
    "li7p3s11-21": (disordered([({"P": 3, "S": 11, "Li": 7}, 1)], [("Li7P3S11", 1)]), True, [2, 1, 1], 5),
    "li5ps4cl2-24": (disordered([(LI3PS4, 2), (LICL, 4)], [("Li3PS4", 2), ("LiCl", 4)]), True, [2, 1, 1], 5),
    "li3scl-20": (disordered([(LI2S, 4), (LICL, 4)], [("Li2S", 4), ("LiCl", 4)]), True, [2, 2, 1], 5),
    "li7ps6-14": (disordered([(LI3PS4, 1), (LI2S, 2)], [("Li3PS4", 1), ("Li2S", 2)]), True, [2, 2, 2], 5)}
# (system, temperature in K, or 0 for labels of random displacements, frames); test runs are every fourth.
RUNS = [("li6ps5cl-13", 600, 12), ("li3ps4-16", 1100, 12), ("li7p3s11-21", 700, 12), ("li6ps5cl-13", 1000, 12),
        ("li2s-24", 1200, 10), ("li5ps4cl2-24", 1500, 12), ("li3scl-20", 600, 12), ("li3ps4-16", 700, 12),
        ("li6ps5cl-52", 0, 16), ("licl-16", 900, 10), ("li7ps6-14", 1200, 12), ("li7p3s11-21", 1200, 12),
        ("li3ps4-16", 1500, 12), ("li5ps4cl2-24", 700, 12), ("li6ps5cl-13", 1500, 12), ("li3scl-20", 1100, 12),
        ("li7p3s11-21", 300, 12), ("li6ps5cl-52", 900, 12), ("li2s-24", 500, 10), ("li5ps4cl2-24", 1100, 12),
        ("li3ps4-16", 300, 12), ("li7ps6-14", 600, 12), ("li6ps5cl-13", 300, 12), ("li6ps5cl-52", 600, 10),
        ("li7p3s11-21", 1500, 12), ("li3scl-20", 1500, 12), ("li5ps4cl2-24", 400, 12), ("li7ps6-14", 900, 12),
        ("li3ps4-16", 900, 12), ("li7ps6-14", 1500, 12), ("li6ps5cl-13", 800, 12), ("li7p3s11-21", 1000, 12),
        ("li3scl-20", 800, 12), ("li5ps4cl2-24", 900, 12), ("li7ps6-14", 300, 12), ("licl-16", 1400, 12),
        ("li3ps4-16", 500, 12), ("li6ps5cl-13", 1200, 12), ("li7p3s11-21", 500, 12), ("li3scl-20", 400, 12),
        ("li5ps4cl2-24", 1300, 12), ("li7ps6-14", 1050, 12)]


def aimd(args, folder, oracle, start, temperature, steps, sample_every, timestep_fs, seed):
    with open(os.path.join(folder, "start.xyz"), "w") as file:
        file.write(start)
    work = os.path.join(folder, "aimd")
    params = {"labeler": oracle, "temperature_k": temperature, "steps": steps, "timestep_fs": timestep_fs,
              "sample_every": sample_every}
    result = run_task(args.build, "superion-dft", "aimd", work, params, {"structure": os.path.join(folder, "start.xyz")}, seed)
    return list(frames_of(os.path.join(work, "labelled.xyz"))), result["metrics"]


def displaced(args, folder, oracle, start, frames, seed):
    path = os.path.join(folder, "start.xyz")
    with open(path, "w") as file:
        file.write(start)
    drawn, labelled = os.path.join(folder, "perturb"), os.path.join(folder, "label")
    run_task(args.build, "superion-learn", "perturb", drawn,
             {"frames": frames, "perturbation_angstrom": [0.04, 0.08, 0.12, 0.16], "strain": 0.0},
             {"structure": path}, seed)
    result = run_task(args.build, "superion-dft", "label", labelled, {"labeler": oracle},
                      {"frames": os.path.join(drawn, "frames.xyz")}, seed)
    return list(frames_of(os.path.join(labelled, "labelled.xyz"))), result["metrics"]


def run(args, number, folder):
    system, temperature, n_frames = RUNS[number]
    make, is_disordered, kpoints, every = SYSTEMS[system]
    start = xyz(*make(random.Random(number)))
    if is_disordered:
        for hot, steps in ((2500, 2000), (max(temperature, 300), 2000)):
            start = aimd(args, folder, INVENTED, start, hot, steps, steps, 1.0, number + 1)[0][-1]
    if temperature == 0:
        frames, metrics = displaced(args, folder, labeler(kpoints), start, n_frames, number + 1)
    else:
        frames, metrics = aimd(args, folder, labeler(kpoints), start, temperature, every * n_frames, every,
                               TIMESTEP_FS, number + 1)
    path = os.path.join(args.out, f"lpscl_run-{number:02d}.xyz")
    with open(path + ".part", "w") as out:
        out.writelines(frames)
    os.rename(path + ".part", path)
    print(json.dumps({"run": number, "system": system, "temperature_k": temperature, "frames": len(frames),
                      "cpu_s": round(metrics["cpu_s"], 1), "stopped": metrics.get("stopped")}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--out", default=".")
    parser.add_argument("--runs", nargs="+", type=int, default=range(len(RUNS)))
    args = parser.parse_args()
    for number in args.runs:
        if not os.path.exists(os.path.join(args.out, f"lpscl_run-{number:02d}.xyz")):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    run(args, number, folder)
                except RuntimeError as error:
                    print(json.dumps({"run": number, "error": str(error)}), flush=True)


if __name__ == "__main__":
    main()
