"""Start structures of Li-P-S-Cl for lpscl_set.py: crystals, and glasses that a force field with invented parameters makes of random points."""
import math
import os
import random

from oracle_sets import frames_of
from run_task import run_task

VOLUME = {"Li2S": 46.3, "LiCl": 33.8, "Li3PS4": 154.5, "Li7P3S11": 414.0, "Li6PS5Cl": 239.0}  # Å^3 per formula unit


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


def write(path, texts):
    with open(path + ".part", "w") as out:
        out.writelines(texts)
    os.rename(path + ".part", path)


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
# (name, start structure of a generator of random numbers, disordered?, k-points)
SYSTEMS = [
    ("li6ps5cl-13", lambda rng: argyrodite(True, rng), False, [2, 2, 2]),
    ("li3ps4-16", disordered([(LI3PS4, 2)], [("Li3PS4", 2)]), True, [2, 2, 2]),
    ("li6ps5cl-52", lambda rng: argyrodite(False, rng), False, [1, 1, 1]),
    ("li7p3s11-21", disordered([({"P": 3, "S": 11, "Li": 7}, 1)], [("Li7P3S11", 1)]), True, [2, 2, 2]),
    ("li5ps4cl2-24", disordered([(LI3PS4, 2), (LICL, 4)], [("Li3PS4", 2), ("LiCl", 4)]), True, [2, 2, 2]),
    ("li2s-24", lambda rng: antifluorite_pair(), False, [2, 2, 1]),
    ("li7ps6-14", disordered([(LI3PS4, 1), (LI2S, 2)], [("Li3PS4", 1), ("Li2S", 2)]), True, [2, 2, 2]),
    ("li3scl-20", disordered([(LI2S, 4), (LICL, 4)], [("Li2S", 4), ("LiCl", 4)]), True, [2, 2, 2]),
    ("licl-16", lambda rng: rocksalt_pair(), False, [2, 2, 1])]


def glass(build, make, temperature, seed, folder):
    """Random points, melted and cooled by the invented force field; other points where its atoms come too close."""
    start = os.path.join(folder, "glass.xyz")
    for attempt in range(20):
        write(start, [xyz(*make(random.Random(1000 * attempt + seed)))])
        try:
            for hot in (2500, max(temperature, 300)):
                params = {"labeler": INVENTED, "temperature_k": hot, "steps": 2000, "timestep_fs": 1.0, "sample_every": 2000}
                run_task(build, "superion-dft", "aimd", f"{folder}/glass", params, {"structure": start}, seed)
                write(start, list(frames_of(f"{folder}/glass/labelled.xyz"))[-1:])
            return start
        except RuntimeError as error:
            failure = error
    raise failure


def start_structure(build, system, temperature, seed, folder):
    """File of the start structure of a run, its own by its seed."""
    _, make, is_disordered, _ = SYSTEMS[system]
    if is_disordered:
        return glass(build, make, temperature, seed, folder)
    path = os.path.join(folder, "crystal.xyz")
    write(path, [xyz(*make(random.Random(seed)))])
    return path
