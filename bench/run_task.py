"""Runs one task of docs/task_contract.md with a runner program of the build."""
import json
import os
import subprocess


def run_task(build, program, kind, folder, params, inputs, seed=1, threads=1):
    """Result document (dict) of the task run in `folder`, which is made; inputs: {name: path or list of paths}."""
    os.makedirs(folder, exist_ok=True)
    files = [(name, path) for name, paths in inputs.items() for path in ([paths] if isinstance(paths, str) else paths)]
    spec = {"schema": 1, "kind": kind, "campaign_id": "bench", "task_id": "bench", "key": "bench", "attempt": 1,
            "seed": seed, "threads": threads, "params": params, "site": {},
            "inputs": [{"name": name, "path": os.path.abspath(path), "sha256": ""} for name, path in files]}
    with open(os.path.join(folder, "spec.json"), "w") as file:
        json.dump(spec, file)
    path = os.path.join(os.path.abspath(build), "bin", program)
    subprocess.run([path, "--spec", "spec.json", "--result", "result.json"], cwd=folder, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "result.json")) as file:
        result = json.load(file)
    if result["status"]["code"] != "OK":
        raise RuntimeError(f"{kind} in {folder}: {result['status']}")
    return result
