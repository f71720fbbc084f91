#!/usr/bin/env python3
"""Learning curve on a DFT set that is split by run: test and training errors at 50, 100, 200, … training frames.

    bench/generalisation.py [--build build/release] [--data bench/data/lpscl] [--size M] [--seeds 1] [--threads 2] [--frames 50 100 200 400] [--folds 3] [--test FOLDER]

Every fourth run of the frames in <data>/*.xyz (key `run` = 3, 7, 11, …) is a test run and is never seen in training; --folds 0 1 2 3 takes the
runs that leave 0, 1, 2 and 3 on division by 4 in turn, so that every run is a test run once; with --test every run is for training and the frames of that folder are the test. The training frames are
shuffled once, so that the smaller sets are parts of the larger ones; 0 means all of them. Prints one JSON line per training: errors, those of
every source, and force RMSE of the test runs over that of the training frames.
"""
import argparse
import glob
import itertools
import json
import os
import random
import re
import tempfile
import types

from oracle_sets import frames_of
from training_accuracy import one


def frames_by_run(folder):
    """(number of the run, text) of every frame."""
    for path in sorted(glob.glob(os.path.join(folder, "*.xyz"))):
        for frame in frames_of(path):
            run = re.search(r"\brun=(\d+)", frame.split("\n", 2)[1])
            if not run:
                raise SystemExit(f"{path}: a frame without a number of its run, expected run=N in its second line")
            yield int(run.group(1)), frame


def split(args, fold):
    """Training and test frames, each a list of texts."""
    frames = list(frames_by_run(args.data))
    if args.test:
        train, test = [frame for _, frame in frames], [frame for _, frame in frames_by_run(args.test)]
    else:
        train, test = ([frame for number, frame in frames if (number % 4 == fold) == wanted] for wanted in (False, True))
    random.Random(0).shuffle(train)
    return train, test


def per_source(folder):
    """Force RMSE of the training frames and the test frames of every source (key `source` of the frames), meV/Å."""
    parts = {}
    for task in ("train", "eval"):
        with open(os.path.join(folder, task, "result.json")) as file:
            metrics = json.load(file)["metrics"]
        for name, errors in metrics.get(task, metrics).get("per_source", {}).items():
            parts.setdefault(name, {})["test" if task == "eval" else task] = round(errors["force_rmse_mev_per_angstrom"], 1)
    return parts


def name_of(folder):
    return os.path.basename(os.path.abspath(folder))


def train_and_test(args, fold, frames, seed):
    train, test = split(args, fold)
    train = train[:frames or len(train)]
    with tempfile.TemporaryDirectory() as folder:
        for name, texts in (("train", train), ("test", test)):
            with open(os.path.join(folder, f"set_{name}.xyz"), "w") as file:
                file.writelines(texts)
        options = types.SimpleNamespace(build=args.build, data=folder, size=args.size, params=args.params, threads=args.threads, models="")
        line = one(options, "set", seed, folder)
        line["per_source"] = per_source(folder)
    key = "force_rmse_mev_per_angstrom"
    line.update(system=name_of(args.data), train_frames=len(train), test_frames=len(test),
                **({"tested_on": name_of(args.test)} if args.test else {"fold": fold}),
                force_rmse_ratio=round(line["test"][key] / line["train"][key], 3))
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--data", default="bench/data/lpscl")
    parser.add_argument("--test", default="", help="folder of test frames; all runs of --data are for training then")
    parser.add_argument("--size", default="M")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frames", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--folds", type=int, nargs="+", default=[3], choices=range(4))
    parser.add_argument("--params", default="{}", help="further params of the task train")
    args = parser.parse_args()
    if args.test and os.path.realpath(args.test) == os.path.realpath(args.data):
        parser.error("--test: expected another folder than --data")
    if args.test:
        args.folds = [None]
    for fold, frames, seed in itertools.product(args.folds, args.frames, args.seeds):
        print(json.dumps(train_and_test(args, fold, frames, seed)), flush=True)


if __name__ == "__main__":
    main()
