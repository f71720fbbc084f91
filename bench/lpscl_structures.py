"""Start structures of Li-P-S-Cl for lpscl_set.py: crystals, and glasses that a force field with invented parameters makes of random points or units."""
import collections
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


def repeat(a, motif, times):
    """Cell of `times` (three integers) cubes of edge a, from fractional coordinates in one."""
    shifts = [(x, y, z) for x in range(times[0]) for y in range(times[1]) for z in range(times[2])]
    cell = cubic(*(a * n for n in times))
    return cell, place(cell, [(s, [(f[k] + t[k]) / times[k] for k in range(3)]) for s, f in motif for t in shifts])


def antifluorite(times, a=5.70):
    return repeat(a, [("S", f) for f in FACES] + [("Li", (x, y, z)) for x in (.25, .75) for y in (.25, .75) for z in (.25, .75)], times)


def rocksalt(times, a=5.13):
    return repeat(a, [("Cl", f) for f in FACES] + [("Li", ((x + .5) % 1, y, z)) for x, y, z in FACES], times)


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


def unit(vector):
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector]


def thiophosphate_tip(center, axis, turn):
    """Three S around a P at `center` whose fourth S lies along the unit vector `axis`."""
    e1 = unit([axis[1], -axis[0], 0.0] if abs(axis[2]) < 0.9 else [0.0, axis[2], -axis[1]])
    e2 = [axis[1] * e1[2] - axis[2] * e1[1], axis[2] * e1[0] - axis[0] * e1[2], axis[0] * e1[1] - axis[1] * e1[0]]
    angles = [turn + 2 * math.pi * k / 3 for k in range(3)]
    side = math.sqrt(8) / 3
    return [("S", [center[x] + 2.03 * (-axis[x] / 3 + side * (math.cos(t) * e1[x] + math.sin(t) * e2[x])) for x in range(3)]) for t in angles]


def ps4():
    return [("P", [0, 0, 0]), ("S", [0, 0, 2.03])] + thiophosphate_tip([0, 0, 0], [0, 0, 1], 0)


def p2s7():
    """Two tetrahedra with a corner in common, P-S-P 109 degrees."""
    atoms = [("S", [0, 0, 0])]
    for sign in (1, -1):
        p = [2.12 * x for x in (sign * math.sin(0.951), math.cos(0.951), 0)]
        atoms += [("P", p)] + thiophosphate_tip(p, unit([-x for x in p]), math.pi)
    return atoms


# Å between atoms of different units where there is room
CLOSEST = {"Li": 1.05, "P": 1.9, "S": 1.65, "Cl": 1.7}


def rotation(rng):
    """Of a random unit quaternion."""
    w, x, y, z = unit([rng.gauss(0, 1) for _ in range(4)])
    return [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]


def clash(edge, share, atoms, others):
    for s, p in atoms:
        for t, q in others:
            d2 = sum(((p[x] - q[x] + edge / 2) % edge - edge / 2) ** 2 for x in range(3))
            if d2 < (share * (CLOSEST[s] + CLOSEST[t])) ** 2:
                return True
    return False


def random_units(units, volume, rng):
    """Units (lists of atoms) at random places and angles of a cube, the distances of CLOSEST shrunk until all fit in."""
    edge, share, placed, tries = volume ** (1 / 3), 1.0, [], 0
    todo = sorted(units, key=len, reverse=True)
    while len(placed) < len(todo):
        r, at = rotation(rng), [edge * rng.random() for _ in range(3)]
        turned = [(s, [at[x] + sum(r[x][k] * p[k] for k in range(3)) for x in range(3)]) for s, p in todo[len(placed)]]
        if not clash(edge, share, turned, [atom for one in placed for atom in one]):
            placed, tries = placed + [turned], 0
        elif (tries := tries + 1) > 400:
            placed, tries, share = [], 0, share * 0.97
    atoms = [(s, [x % edge for x in p]) for one in placed for s, p in one]
    return cubic(edge, edge, edge), sorted(atoms, key=lambda atom: atom[0])


def glass_of(counts, volume):
    """counts: {unit: how many}; unit: "PS4", "P2S7" or an element."""
    made = {"PS4": ps4(), "P2S7": p2s7()}
    units = [made.get(name, [(name, [0.0, 0.0, 0.0])]) for name, n in counts.items() for _ in range(n)]
    return lambda rng: random_units(units, volume, rng)


def disordered(units, compounds):
    composition = {}
    for counts, n in units:
        for s, k in counts.items():
            composition[s] = composition.get(s, 0) + k * n
    volume = sum(VOLUME[name] * n for name, n in compounds)
    return lambda rng: random_cell(composition, volume, rng)


LI3PS4, LI2S, LICL = {"P": 1, "S": 4, "Li": 3}, {"S": 1, "Li": 2}, {"Cl": 1, "Li": 1}
# Temperature of the invented force field that random points are melted at, and units of ions relaxed at.
MELT_K, RELAX_K = 2500, 600
# make: cell and atoms of a generator of random numbers; melt_k: MELT_K, RELAX_K or 0 for crystals
System = collections.namedtuple("System", "name make melt_k kpoints")
SMALL_CELLS = [
    System("li6ps5cl-13", lambda rng: argyrodite(True, rng), 0, [2, 2, 2]),
    System("li3ps4-16", disordered([(LI3PS4, 2)], [("Li3PS4", 2)]), MELT_K, [2, 2, 2]),
    System("li6ps5cl-52", lambda rng: argyrodite(False, rng), 0, [1, 1, 1]),
    System("li7p3s11-21", disordered([({"P": 3, "S": 11, "Li": 7}, 1)], [("Li7P3S11", 1)]), MELT_K, [2, 2, 2]),
    System("li5ps4cl2-24", disordered([(LI3PS4, 2), (LICL, 4)], [("Li3PS4", 2), ("LiCl", 4)]), MELT_K, [2, 2, 2]),
    System("li2s-24", lambda rng: antifluorite((1, 1, 2)), 0, [2, 2, 1]),
    System("li7ps6-14", disordered([(LI3PS4, 1), (LI2S, 2)], [("Li3PS4", 1), ("Li2S", 2)]), MELT_K, [2, 2, 2]),
    System("li3scl-20", disordered([(LI2S, 4), (LICL, 4)], [("Li2S", 4), ("LiCl", 4)]), MELT_K, [2, 2, 2]),
    System("licl-16", lambda rng: rocksalt((1, 1, 2)), 0, [2, 2, 1])]
V = VOLUME
LARGE_CELLS = [
    System("li6ps5cl-52", lambda rng: argyrodite(False, rng), 0, [1, 1, 1]),
    System("li3ps4-48", glass_of({"PS4": 6, "Li": 18}, 6 * V["Li3PS4"]), RELAX_K, [1, 1, 1]),
    System("li6ps5cl-52-glass", glass_of({"PS4": 4, "Li": 24, "S": 4, "Cl": 4}, 4 * V["Li6PS5Cl"]), RELAX_K, [1, 1, 1]),
    System("li7p3s11-42", glass_of({"PS4": 2, "P2S7": 2, "Li": 14}, 2 * V["Li7P3S11"]), RELAX_K, [1, 1, 1]),
    System("li5ps4cl2-48", glass_of({"PS4": 4, "Li": 20, "Cl": 8}, 4 * V["Li3PS4"] + 8 * V["LiCl"]), RELAX_K, [1, 1, 1]),
    System("li2s-48", lambda rng: antifluorite((2, 2, 1)), 0, [1, 1, 2]),
    System("li7ps6-42", glass_of({"PS4": 3, "Li": 21, "S": 6}, 3 * V["Li3PS4"] + 6 * V["Li2S"]), RELAX_K, [1, 1, 1]),
    System("li3scl-40", glass_of({"Li": 24, "S": 8, "Cl": 8}, 8 * V["Li2S"] + 8 * V["LiCl"]), RELAX_K, [1, 1, 1]),
    System("licl-32", lambda rng: rocksalt((2, 2, 1)), 0, [1, 1, 2])]


def glass(build, system, temperature, seed, folder):
    """Random points or units, melted or relaxed and cooled by the invented force field; others where its atoms come too close."""
    start = os.path.join(folder, "glass.xyz")
    for attempt in range(20):
        write(start, [xyz(*system.make(random.Random(1000 * attempt + seed)))])
        try:
            for hot in (system.melt_k, max(temperature, 300)):
                params = {"labeler": INVENTED, "temperature_k": hot, "steps": 2000, "timestep_fs": 1.0, "sample_every": 2000}
                run_task(build, "superion-dft", "aimd", f"{folder}/glass", params, {"structure": start}, seed)
                write(start, list(frames_of(f"{folder}/glass/labelled.xyz"))[-1:])
            return start
        except RuntimeError as error:
            failure = error
    raise failure


def start_structure(build, system, temperature, seed, folder):
    """File of the start structure of a run, its own by its seed."""
    if system.melt_k > 0:
        return glass(build, system, temperature, seed, folder)
    path = os.path.join(folder, "crystal.xyz")
    write(path, [xyz(*system.make(random.Random(seed)))])
    return path
