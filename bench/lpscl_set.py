#!/usr/bin/env python3
"""Diverse DFT sets of Li-P-S-Cl, split by run: crystals, glasses and mixtures, 300-1500 K, drawn by active learning.

    bench/lpscl_set.py [--build build/release] [--out .] [--work lpscl_work] [--frames 10] [--jobs 1]
    bench/lpscl_set.py --seeds bench/data/lpscl/*.xyz --frames 4 [...]
    bench/lpscl_set.py --seeds bench/data/lpscl/*.xyz bench/data/lpscl_large/*.xyz --frames 1 --runs 135 675 [...]

The first command makes the set of small cells (13-52 atoms, 54 runs), the second that of large ones (32-52 atoms, 135 runs), whose first
potential is trained on the files given, the third 540 further runs of the large cells, one frame each, with one potential. All labels: pw.x, PBE, 25 Ry, the recipes of dft_adapter/pseudopotentials, fixed cells. Shifted k-point
grids, finer for smaller cells; Γ for glasses in large ones.
1. Seeds: short first-principles MD (kind `aimd`) of every system, not part of the set. A potential is trained on them.
2. First round: MD of two thirds of the runs with that potential; two frames of each are labelled. A second potential is trained on these and the seeds.
3. Main round: longer MD of every run with the second potential, from run 18 (36) on with one trained on what is finished; the other frames are
   labelled, and lpscl_run-NN.xyz is written.
With --seeds there is the main round alone.
Every run is an MD trajectory of its own: own velocities and temperature, and for disordered compositions own random points (large cells: PS4 and P2S7
units and ions at random places), made a glass by the built-in Morse-Coulomb force field with invented parameters, then annealed with the potential. What is finished is not repeated.
"""
import argparse
import collections
import concurrent.futures
import glob
import json
import math
import os
import re
import tempfile

from lpscl_structures import LARGE_CELLS, SMALL_CELLS, start_structure, write
from oracle_sets import frames_of
from run_task import run_task

AIMD = {"steps": 30, "sample_every": 5, "timestep_fs": 3.0}
MD_TIMESTEP_FS = 2.0
MODEL = {"size": "M", "max_time_s": 150}
LARGEST_FORCE = 12.0  # eV/Å: frames with more are left out
# ps of MD between frames: the slower, the colder
FIRST_ROUND_FRAMES, FIRST_ROUND_PS, MAIN_PS = 2, 1.0, 1.5


def spacing_ps(least, temperature):
    return least * max(1.0, 900.0 / temperature)


def labeler(kpoints):
    shift = [1, 1, 1] if kpoints != [1, 1, 1] else [0, 0, 0]
    return {"kind": "qe", "mode": "auto", "functional": "PBE", "ecutwfc_ry": 25, "kpoints": kpoints, "kshift": shift,
            "conv_thr_ry": 1e-6,
            "pseudopotentials": {"Li": "Li.pbe-tm-nlcc.UPF", "P": "P.pbe-tm.UPF", "S": "S.pbe-tm.UPF",
                                 "Cl": "Cl.pbe-tm.UPF"}}


TEMPERATURES_K = (300, 500, 700, 900, 1100, 1300, 1500)
Run = collections.namedtuple("Run", "system temperature")


def runs_of(systems, number):
    """Run k: system k mod 9. Test runs are every fourth (k mod 4 = 3): 36 runs test every system once. Any prefix is balanced."""
    return [Run(systems[k % len(systems)], TEMPERATURES_K[2 * k % len(TEMPERATURES_K)]) for k in range(number)]


SMALL_RUNS, LARGE_RUNS = runs_of(SMALL_CELLS, 54), (0, 135)
FIRST_ROUND_RUNS, RETRAINED_AT_SMALL, RETRAINED_AT_LARGE = 36, (0, 18, len(SMALL_RUNS)), (36,)
SEED_TEMPERATURES_K = (600, 1200)


def report(**line):
    print(json.dumps(line), flush=True)


def md(args, model, start, temperature, every_ps, frames, seed, folder):
    """Frames of MD with the potential, and why it ended early (None: it did not). The gate looks at distances, forces and heat alone."""
    every = round(every_ps * 1000 / MD_TIMESTEP_FS)
    params = {"ensemble": "nvt", "temperature_k": temperature, "timestep_fs": MD_TIMESTEP_FS, "steps": every * frames,
              "equilibration_steps": every, "thermostat_time_fs": 100, "stream_every": 0, "snapshot_every": every,
              "snapshot_start_step": every, "gate": {"collect": 1e6, "stop": 1e6, "maximum_force_ev_per_angstrom": 25}}
    metrics = run_task(args.build, "superion-md", "md", folder, params, {"model": model, "structure": start}, seed)["metrics"]
    drawn = [text for text in frames_of(f"{folder}/snapshots.xyz") if " event=" not in text.split("\n")[1]]
    return drawn, metrics["stopped"]


def label(args, system, frames, seed, folder):
    write(f"{folder}/frames.xyz", frames)
    metrics = run_task(args.build, "superion-dft", "label", f"{folder}/label", {"labeler": labeler(system.kpoints)},
                       {"frames": f"{folder}/frames.xyz"}, seed)["metrics"]
    return list(frames_of(f"{folder}/label/labelled.xyz")), metrics["cpu_s"]


def short(text, info_of_run):
    """A labelled frame with six decimals, without what the set does not need; None where a force is too large."""
    lines = text.split("\n")
    info = dict(re.findall(r'(\w+)=("[^"]*"|\S+)', lines[1]))
    columns, at = {}, 0
    for key, _, width in re.findall(r"(\w+):(\w):(\d+)", info["Properties"]):
        columns[key] = slice(at, at := at + int(width))
    rows = []
    for line in lines[2:-1]:
        words = line.split()
        force = [float(x) for x in words[columns["forces"]]]
        if math.hypot(*force) > LARGEST_FORCE:
            return None
        rows.append(" ".join(words[columns["species"]] + [f"{float(x):.6f}" for x in words[columns["pos"]]] + [f"{x:.6f}" for x in force]))
    head = (f'Lattice={info["Lattice"]} Properties=species:S:1:pos:R:3:forces:R:3 energy={float(info["energy"]):.6f} pbc="T T T" '
            f'{info_of_run} label_hash={info["label_hash"][:16]}')
    return "\n".join([lines[0], head] + rows) + "\n"


def seeds(args):
    """First-principles MD from the start structures: labels between the lattice, or the invented glass, and the thermal ensemble."""
    for number in range(len(SEED_TEMPERATURES_K) * len(SMALL_CELLS)):
        system, temperature = SMALL_CELLS[number % len(SMALL_CELLS)], SEED_TEMPERATURES_K[number // len(SMALL_CELLS)]
        path = f"{args.work}/seed-{number:02d}.xyz"
        if os.path.exists(path):
            continue
        with tempfile.TemporaryDirectory() as folder:
            start = start_structure(args.build, system, temperature, 500 + number, folder)
            params = {"labeler": labeler(system.kpoints), "temperature_k": temperature, **AIMD}
            metrics = run_task(args.build, "superion-dft", "aimd", f"{folder}/aimd", params, {"structure": start}, 500 + number)["metrics"]
            write(path, list(frames_of(f"{folder}/aimd/labelled.xyz")))
        report(seed=number, system=system.name, temperature_k=temperature, frames=metrics["frames"], cpu_s=round(metrics["cpu_s"], 1))


def potential(args, name, files):
    """Model file of a potential trained on these files."""
    model = f"{args.work}/{name}/model.superion"
    if not os.path.exists(model):
        metrics = run_task(args.build, "superion-train", "train", f"{args.work}/{name}", MODEL, {"train": files})["metrics"]
        report(model=name, files=len(files), valid=metrics["valid"], wall_s=round(metrics["wall_s"]))
    return model


def sample(args, number, run, model, least_ps, frames, folder):
    """Labelled frames of a run drawn by MD with `model`; glasses are annealed at 1200 K or more first."""
    system, temperature = run
    start, note = start_structure(args.build, system, temperature, number, folder), None
    if system.melt_k > 0 and temperature < 1200:
        annealed, note = md(args, model, start, 1200, 2.0, 2, number + 1, f"{folder}/anneal")
        if annealed:
            write(f"{folder}/annealed.xyz", annealed[-1:])
            start = f"{folder}/annealed.xyz"
    drawn, stopped = md(args, model, start, temperature, spacing_ps(least_ps, temperature), frames, number + 1, f"{folder}/md")
    labelled, cpu_s = label(args, system, drawn, number + 1, folder) if drawn else ([], 0.0)
    info = f"source={system.name} run={number} temperature_k={temperature}"
    kept = [text for text in (short(text, info) for text in labelled) if text]
    report(run=number, system=system.name, temperature_k=temperature, drawn=len(drawn), labelled=len(labelled), kept=len(kept),
           anneal_stopped=note, stopped=stopped, cpu_s=round(cpu_s, 1))
    return kept


def each_run(args, model, least_ps, todo):
    """Writes the file of every run of {number: (run, path, frames that are there already, number of frames to draw)}."""
    def one(number):
        run, path, there, frames = todo[number]
        if os.path.exists(path):
            return
        with tempfile.TemporaryDirectory() as folder:
            try:
                if drawn := sample(args, number, run, model, least_ps, frames, folder):
                    write(path, there + drawn)
            except RuntimeError as error:
                report(run=number, error=str(error))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(one, todo))


def finished(args, number):
    return f"{args.out}/lpscl_run-{number:02d}.xyz"


def main_round(args, runs, retrained_at, seed_files, first):
    """first: {number: (file of the first round, may its frames be in the set?)}."""
    for part, (begin, end) in enumerate(zip(retrained_at, retrained_at[1:]), 1):
        drawn = [path for number in range(begin) if os.path.exists(path := finished(args, number))]
        files = (seed_files if args.seeds or not drawn else []) + drawn + [first[number][0] for number in sorted(first) if number >= begin]
        there = {number: list(frames_of(first[number][0])) if first.get(number, ("", False))[1] else [] for number in range(begin, end)}
        each_run(args, potential(args, f"potential-{part}", files), MAIN_PS,
                 {number: (runs[number], finished(args, number), there[number], args.frames - len(there[number])) for number in range(begin, end)})


def small_cells(args):
    seeds(args)
    seed_files = sorted(glob.glob(f"{args.work}/seed-*.xyz"))
    first = {number: f"{args.work}/first-{number:02d}.xyz" for number in range(FIRST_ROUND_RUNS)}
    each_run(args, potential(args, "potential-0", seed_files), FIRST_ROUND_PS,
             {number: (SMALL_RUNS[number], path, [], FIRST_ROUND_FRAMES) for number, path in first.items()})
    # What the first potential does with glasses is not what DFT would do (S-S bonds, up to 0.3 eV per atom too high): good for training the
    # second, not for the set.
    first = {number: (path, SMALL_RUNS[number].system.melt_k == 0) for number, path in first.items() if os.path.exists(path)}
    main_round(args, SMALL_RUNS, RETRAINED_AT_SMALL, seed_files, first)


def large_cells(args):
    begin, end = args.runs
    cuts = sorted({begin, end} | {cut for cut in RETRAINED_AT_LARGE if begin < cut < end})
    main_round(args, runs_of(LARGE_CELLS, end), cuts, args.seeds, {})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--out", default=".")
    parser.add_argument("--work", default="lpscl_work", help="folder for seeds, first round and potentials; one for each set")
    parser.add_argument("--frames", type=int, default=10, help="of a run, with those of the first round")
    parser.add_argument("--seeds", nargs="+", default=[], help="labelled frames of small cells: makes the set of large ones")
    parser.add_argument("--runs", nargs=2, type=int, help="numbers of the first run and of that after the last (large cells; default 0 135)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    args = parser.parse_args()
    if args.runs and not args.seeds:
        parser.error("--runs is for large cells: expected --seeds too")
    args.runs = args.runs or LARGE_RUNS
    if not 0 <= args.runs[0] < args.runs[1]:
        parser.error(f"--runs {args.runs[0]} {args.runs[1]}: expected 0 <= first < end")
    os.makedirs(args.work, exist_ok=True)
    os.makedirs(args.out, exist_ok=True)
    if args.seeds:
        large_cells(args)
    else:
        small_cells(args)


if __name__ == "__main__":
    main()
