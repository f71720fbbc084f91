#!/usr/bin/env python3
"""Labelled sets of the exact force fields LATP, LZP and LLZO: MD on the force field itself (kind `aimd`), 600-1200 K.

    bench/oracle_sets.py [--build build/release] [--data ../shared/data/oracles] [--out .] [--systems latp lzp llzo]

Writes <system>_train.xyz (300 frames) and <system>_test.xyz (100): per temperature one run of its own seed for either
file, NVT at the cell of the start structure, 2 fs, the first 2 ps dropped, then a frame every 0.1 ps. Prints one JSON line per run.
The labeler of each system is written beside them (<system>.json), for `superion label`.
"""
import argparse
import json
import os
import tempfile

from run_task import run_task

FOLDERS = {"latp": "fp_LATP", "lzp": "fp_LZP", "llzo": "pmd_BVS_LLZO"}
TEMPERATURES_K = (600, 750, 900, 1050, 1200)
TIMESTEP_FS, SAMPLE_EVERY, DROPPED_FRAMES = 2.0, 50, 20


def table(path):
    """Words of every line that is not a comment; none where there is no such file."""
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [line.split() for line in file if line.strip() and line.strip()[0] not in "#!"]


def labeler(folder):
    """The parameter files of nap as a labeler object of docs/task_contract.md."""
    ions, interactions, fbvs, in_pairs = {}, [], 1.0, False
    for words in table(f"{folder}/in.params.Coulomb"):
        if words[0] == "fbvs":
            fbvs = float(words[1])
        elif words[0] == "interactions":
            in_pairs = True
        elif in_pairs:
            interactions.append(words[:2])
        elif len(words) == 4:
            ions[words[0]] = {"valence": float(words[1]), "radius_angstrom": float(words[2]),
                              "principal_quantum_number": int(words[3])}
    settings = {words[0]: words[1] for name in ("in.pmd", "in.pmd.NpT") for words in table(f"{folder}/{name}")
                if len(words) > 1}
    morse = [{"pair": w[:2], "d_ev": float(w[2]), "alpha_per_angstrom": float(w[3]), "rmin_angstrom": float(w[4])}
             for w in table(f"{folder}/in.params.Morse")]
    angular = [{"triple": w[1:4], "cutoff_angstrom": float(w[4]), "alpha_ev": float(w[5]), "beta_angstrom": float(w[6]),
                "gamma": float(w[7])} for w in table(f"{folder}/in.params.angular")]
    return {"kind": "oracle", "form": "morse_coulomb", "cutoff_angstrom": float(settings["cutoff_radius"].replace("d", "e")),
            "coulomb": {"species": ions, "fbvs": fbvs, "interactions": interactions}, "morse": morse, "angular": angular,
            "stress": True}


def start_structure(folder):
    """`pmdini` as one frame of extended XYZ."""
    with open(f"{folder}/pmdini") as file:
        comments, rows = [], []
        for line in file:
            (comments if line[0] in "#!" else rows).append(line)
    species = next(line.split(":")[1].split() for line in comments if "specorder" in line)
    scale = float(rows[0])
    cell = [[scale * float(x) for x in row.split()[:3]] for row in rows[1:4]]
    lines = []
    for row in rows[5:5 + int(rows[4])]:
        words = row.split()
        position = [sum(float(words[1 + k]) * cell[k][a] for k in range(3)) for a in range(3)]
        lines.append(" ".join([species[int(float(words[0])) - 1]] + [f"{x:.10f}" for x in position]))
    lattice = " ".join(f"{x:.10f}" for row in cell for x in row)
    return "\n".join([str(len(lines)), f'Lattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"'] + lines) + "\n"


def frames_of(path):
    """The frames of an extended XYZ file as strings."""
    with open(path) as file:
        while head := file.readline():
            yield head + "".join(file.readline() for _ in range(int(head) + 1))


def run(args, system, oracle, start, temperature, n_frames, seed, out):
    steps = SAMPLE_EVERY * (DROPPED_FRAMES + n_frames)
    params = {"labeler": oracle, "temperature_k": temperature, "steps": steps, "timestep_fs": TIMESTEP_FS,
              "sample_every": SAMPLE_EVERY}
    with tempfile.TemporaryDirectory() as folder:
        metrics = run_task(args.build, "superion-dft", "aimd", folder, params, {"structure": start}, seed)["metrics"]
        frames = list(frames_of(os.path.join(folder, "labelled.xyz")))[DROPPED_FRAMES:]
    if len(frames) != n_frames:
        raise RuntimeError(f"{system} at {temperature} K: {len(frames)} frames instead of {n_frames}: {metrics}")
    out.writelines(frames)
    print(json.dumps({"system": system, "seed": seed, "frames": len(frames), "temperature_k": temperature,
                      "mean_temperature_k": round(metrics["mean_temperature_k"], 1),
                      "cpu_s": round(metrics["cpu_s"], 1)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="../shared/data/oracles")
    parser.add_argument("--out", default=".")
    parser.add_argument("--systems", nargs="+", default=list(FOLDERS))
    args = parser.parse_args()
    for system in args.systems:
        folder = os.path.join(args.data, FOLDERS[system])
        oracle, start = labeler(folder), os.path.join(args.out, f"{system}_start.xyz")
        with open(os.path.join(args.out, f"{system}.json"), "w") as file:
            json.dump(oracle, file, indent=1)
        with open(start, "w") as file:
            file.write(start_structure(folder))
        for name, n_frames, first_seed in (("train", 300, 1), ("test", 100, 101)):
            with open(os.path.join(args.out, f"{system}_{name}.xyz"), "w") as out:
                for k, temperature in enumerate(TEMPERATURES_K):
                    run(args, system, oracle, start, temperature, n_frames // len(TEMPERATURES_K), first_seed + k, out)


if __name__ == "__main__":
    main()
