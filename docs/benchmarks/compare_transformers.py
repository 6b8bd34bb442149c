"""Runs our engine and transformers on one checkpoint in turn and prints the ratios as a Markdown table.

    python compare_transformers.py MODEL [--rounds 3] [--threads 2] [--repeats 3] [--only generation | training]

Build first: ./plumbline mvn -q -pl server/engine -am test-compile dependency:build-classpath -Dmdep.outputFile=target/benchmark.classpath
The best of all rounds counts. `cpu` is processor time of all threads: on a machine with other work it says more than the clock,
with --threads 1 most of all (an idle thread of torch spins, one of ours sleeps). Needs the packages of rival_transformers.py.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENGINE = HERE.parents[1] / "server/engine"


def ours(args):
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    folders = [ENGINE / "target/classes", ENGINE / "target/test-classes"]
    classpath = ":".join([*map(str, folders), (ENGINE / "target/benchmark.classpath").read_text().strip()])
    # By the environment: ONNX Runtime 1.29 overflows its stack where a process has a command line of some thousand characters.
    command = [java, f"-Dthreads={args.threads}", "--enable-native-access=ALL-UNNAMED", "dev.plumbline.engine.bench.EngineBenchmark",
               str(args.model.resolve()), str(args.repeats), args.only or ""]
    return run(command, cwd=ENGINE, env={**os.environ, "CLASSPATH": classpath})


def theirs(args):
    only = ["--only", args.only] if args.only else []
    command = [sys.executable, str(HERE / "rival_transformers.py"), str(args.model.resolve()), "--threads", str(args.threads),
               "--repeats", str(args.repeats), *only]
    return run(command, env={**os.environ, "OMP_NUM_THREADS": str(args.threads)})


def run(command, **where):
    text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, **where).stdout
    return json.loads(text[text.index("{"):])


def our_figures(report):
    figures = {}
    if g := report.get("generation"):
        cpu = g["process_cpu_seconds"]
        figures["vision"] = (g["vision_seconds"]["least"], cpu["vision"]["least"])
        figures["vision and prefill"] = (g["prefill_seconds"]["least"], cpu["prefill"]["least"])
        figures["decode, a token"] = (1 / g["decode_tokens_per_second"]["most"], cpu["decode_token"]["least"])
    for passes in ("recompute", "unit_weight") if "training" in report else ():
        step = report["training"][passes]
        figures[f"training step, {passes.replace('_', ' ')}"] = (step["step_seconds"]["least"], step["process_cpu_seconds"]["least"])
    return figures


def their_figures(report):
    figures = {}
    if g := report.get("generation"):
        figures["vision"] = (g["vision_seconds"]["least"], g["vision_seconds"]["cpu"])
        figures["vision and prefill"] = (g["prefill_seconds"]["least"], g["prefill_seconds"]["cpu"])
        rate = g["decode_tokens_per_second"]
        figures["decode, a token"] = (1 / rate["most"], rate["cpu_seconds_per_token"])
    if t := report.get("training"):
        for passes in ("recompute", "unit weight"):
            figures[f"training step, {passes}"] = (t["step_seconds"]["least"], t["step_seconds"]["cpu"])
    return figures


def best(rounds):
    return {name: tuple(min(r[name][i] for r in rounds) for i in (0, 1)) for name in rounds[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    for name, default in (("rounds", 3), ("threads", 2), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", choices=("generation", "training"))
    args = parser.parse_args()
    rounds = [(our_figures(ours(args)), their_figures(theirs(args))) for _ in range(args.rounds)]
    mine, rival = best([r[0] for r in rounds]), best([r[1] for r in rounds])
    print("| seconds | ours | transformers | ratio | ours, cpu | transformers, cpu | ratio, cpu |\n|---|---|---|---|---|---|---|")
    for name, (clock, cpu) in mine.items():
        other, other_cpu = rival[name]
        print(f"| {name} | {clock:.4f} | {other:.4f} | {other / clock:.2f} | {cpu:.4f} | {other_cpu:.4f} | {other_cpu / cpu:.2f} |", flush=True)


if __name__ == "__main__":
    main()
