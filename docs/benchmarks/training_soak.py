"""Steps of the demo's run in a server with a fixed heap, while clients ask it over gRPC: does its memory grow? `train-soak`.

The server's proportional set size is read every second and told apart by the step that the run is at (lines of its metrics.jsonl). After the
discarded steps, means of equal spans of steps are fitted by a line; the interval is Student's, 95 %, of those means: neighboring readings
depend on each other, means of spans much less.
"""
import json
import math
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from one_copy import ROOT, Server, proportional

DEMO = ROOT / "eval-harness/demo"
ROWS, BATCH = 600, 16
SPANS = 20
PERIOD = 1.0
# Student's 97.5 % quantile by degrees of freedom.
QUANTILES = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 11: 2.201, 12: 2.179, 13: 2.160,
             14: 2.145, 15: 2.131, 16: 2.120, 17: 2.110, 18: 2.101}


class FixedHeapServer(Server):
    def __init__(self, home, heap):
        before = os.environ.get("JAVA_TOOL_OPTIONS")
        os.environ["JAVA_TOOL_OPTIONS"] = f"-Xms{heap} -Xmx{heap} -XX:+AlwaysPreTouch"
        try:
            super().__init__(home)
        finally:
            os.environ.pop("JAVA_TOOL_OPTIONS") if before is None else os.environ.update(JAVA_TOOL_OPTIONS=before)


class Traffic:
    """Clients in a process of their own."""

    def __init__(self, port, model, clients):
        from benchmarks import java
        cli = ROOT / "clients/cli/target"
        command = [java(), "-Xmx128m", "-cp", f"{cli}/plumbline-cli.jar:{cli}/lib/*", Path(__file__).with_name("GenerateTraffic.java"),
                   f"localhost:{port}", model, DEMO / "data/pool", clients]
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answers, self.errors = [], []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            when, seconds, kind, told = line.rstrip("\n").split(" ", 3)
            if kind == "tokens":
                self.answers.append((int(when) / 1000, float(seconds), int(told)))
            else:
                self.errors.append(told)

    def stop(self):
        self.process.stdin.close()
        self.thread.join(60)
        if self.process.wait(60):
            self.errors.append(f"the clients ended with {self.process.returncode}")


def lines(file):
    try:
        return file.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def slope(samples, first, last):
    """Bytes a step and half the width of the interval, from (step, bytes)."""
    kept = [(step, size) for step, size in samples if first <= step <= last]
    spans = min(SPANS, (last - first) // 5)
    if spans < 3 or len(kept) < 2 * spans:
        raise SystemExit(f"{len(kept)} readings of {last - first} steps are too few for a slope: more --steps")
    groups = [[] for _ in range(spans)]
    for step, size in kept:
        groups[min(spans - 1, (step - first) * spans // (last - first))].append((step, size))
    x, y = np.array([np.mean(group, axis=0) for group in groups if group]).T
    x = x - x.mean()
    line = x @ (y - y.mean()) / (x @ x)
    rest = y - y.mean() - line * x
    degrees = len(x) - 2
    return line, QUANTILES[degrees] * math.sqrt(rest @ rest / degrees / (x @ x))


def train(server, model, output, steps, failures):
    try:
        server.call("train", "--model", model, "--data", DEMO / "data/preferences.jsonl", "--selector", "random", "--pool", DEMO / "data/pool",
                    "-k", 3, "--loss", "plackett-luce + 1.0 * dpo", "--beta", 0.5, "--rank", 8, "--alpha", 16, "--batch-size", BATCH,
                    "--epochs", math.ceil(steps / math.ceil(ROWS / BATCH)), "--max-steps", steps, "--learning-rate", 1e-3, "--warmup", 0.03,
                    "--schedule", "cosine", "--max-grad-norm", 1, "--order", "shuffled", "--seed", 0, "--out", output)
    except SystemExit as e:
        failures.append(str(e))


def watch(server, metrics, training):
    """(seconds since 1970, steps done, bytes, anonymous bytes) while it trains."""
    samples = []
    while training.is_alive():
        size, anonymous = proportional(server.process.pid), proportional(server.process.pid, "Pss_Anon")
        samples.append((time.time(), lines(metrics), size, anonymous))
        training.join(PERIOD)
    return samples


def soak(args, _):
    from benchmarks import say
    home = Path(tempfile.mkdtemp(prefix="training-soak-"))
    server, failures, traffic = FixedHeapServer(home, args.heap), [], None
    try:
        server.ready()
        model = server.call("models", "load", DEMO / "llava", "--name", "soak")
        name = model.get("name", "models/soak")
        traffic = Traffic(server.port, name, args.clients)
        output = home / "adapter"
        training = threading.Thread(target=train, args=(server, "soak", output, args.steps, failures))
        say(f"training {args.steps} steps, {args.clients} clients asking meanwhile")
        training.start()
        samples = watch(server, output / "metrics.jsonl", training)
        traffic.stop()
        steps = [json.loads(line) for line in open(output / "metrics.jsonl")] if (output / "metrics.jsonl").exists() else []
    finally:
        if traffic and traffic.process.poll() is None:
            traffic.process.terminate()
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
    raw = {"samples": samples, "answers": traffic.answers, "errors": failures + traffic.errors, "steps": steps}
    if len(steps) < args.steps:
        raise SystemExit(f"{len(steps)} of {args.steps} steps were made: {raw['errors'][:3]}")
    return table(args, raw), raw


def table(args, raw):
    counted = [s for s in raw["samples"] if args.discard <= s[1] < args.steps]
    start, end = counted[0][0], counted[-1][0]
    answers = [a for a in raw["answers"] if start <= a[0] <= end]
    rows = ["| memory of the server | first counted reading | last | slope, MB a thousand steps (95 %) |", "|---|---|---|---|"]
    for what, at in (("proportional set size", 2), ("of it anonymous", 3)):
        line, half = slope([(s[1], s[at]) for s in raw["samples"]], args.discard, args.steps - 1)
        mega = lambda value: value * 1000 / 1e6
        rows.append(f"| {what} | {counted[0][at] / 1e6:.0f} MB | {counted[-1][at] / 1e6:.0f} MB | {mega(line):+.2f} [{mega(line - half):+.2f}, {mega(line + half):+.2f}] |")
    made = counted[-1][1] - counted[0][1]
    latency = sorted(a[1] for a in answers)
    asked = (f"{len(answers)} answers, {sum(a[2] for a in answers) / (end - start):.1f} tokens a second, an answer {statistics.median(latency):.2f} s in the "
             f"median, {latency[-1]:.2f} s at most" if answers else "no answers")
    return rows + ["", f"- {args.steps} steps of {BATCH} rows, K = 3, the first {args.discard} discarded; heap fixed at {args.heap}; {args.clients} clients.",
                   f"- While it counted ({end - start:.0f} s): {made / (end - start):.2f} steps a second; {asked}.",
                   f"- Errors: {len(raw['errors'])}" + (f", the first: {raw['errors'][0][:300]}" if raw["errors"] else "") + "."]
