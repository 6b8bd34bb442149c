"""Whole training runs, each in a process of its own whose memory is watched: `train-memory` and `train-speed`.

Memory is the proportional set size of /proc/PID/smaps_rollup, read five times a second from the moment that the process says it has
loaded its model. What is subtracted is the reading half a second later and, because weights are mapped from files and their pages come in
only when they are first read, as much as file-backed pages grow by afterwards, at most the bytes of the weights.
"""
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from one_copy import weights

HERE = Path(__file__).resolve().parent
PERIOD = 0.2
REST = 0.5  # after LOADED; the run starts a second after it
PASSES = ("recompute", "unit-weight")


def proportional(pid):
    """Bytes, and of them those that no file backs."""
    fields = {}
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            name, *rest = line.split()
            if name in ("Pss:", "Pss_Anon:"):
                fields[name] = int(rest[0]) << 10
    return fields["Pss:"], fields["Pss_Anon:"]


class Watch:
    """The most that a process has in use."""

    def __init__(self, pid):
        self.pid, self.loaded, self.peak, self.files, self.samples = pid, None, (0, 0), 0, 0
        self.on = True
        self.thread = threading.Thread(target=self.sample, daemon=True)

    def begin(self):
        time.sleep(REST)
        self.loaded = proportional(self.pid)
        self.thread.start()

    def sample(self):
        while self.on:
            try:
                now = proportional(self.pid)
            except (OSError, KeyError):
                return  # it has ended
            self.peak = tuple(map(max, self.peak, now))
            self.files = max(self.files, now[0] - now[1])
            self.samples += 1
            time.sleep(PERIOD)

    def report(self, weights):
        self.on = False
        if self.loaded is None or not self.samples:
            raise SystemExit("the process said nothing of its model, or its memory could not be read")
        late = max(0, min(weights, self.files - (self.loaded[0] - self.loaded[1])))
        loaded = self.loaded[0] + late
        return {"loaded": loaded, "late_weights": late, "peak": self.peak[0], "peak_anonymous": self.peak[1], "samples": self.samples,
                "taken": self.peak[0] - loaded}


def watched(command, weights, **where):
    """What it reports, and its memory; `weights`: their bytes."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **where)
    errors = []
    drain = threading.Thread(target=lambda: errors.extend(process.stderr), daemon=True)
    drain.start()
    watch, lines = Watch(process.pid), []
    for line in process.stdout:
        if line.strip() == "LOADED":
            watch.begin()
        else:
            lines.append(line)
    drain.join()
    if process.wait():
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{''.join(errors)[-3000:]}")
    text = "".join(lines)
    return {**json.loads(text[text.index("{"):]), "memory": watch.report(weights)}


def numbers(args, **own):
    values = {"threads": args.threads, "side": args.side, "rank": args.rank, "rows": args.rows, "row-batch": args.row_batch, "epochs": args.epochs,
              "negatives": args.negatives, **own}
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def ours(args, model, passes, micro_batch, jvm=(), **own):
    from benchmarks import ENGINE, java, say
    say(f"ours, {passes}, micro-batch {micro_batch}, {own or args.negatives}")
    command = [java(), *jvm, *args.jvm, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
               "dev.plumbline.engine.bench.EngineBenchmark", "train-run", model, "--passes", passes, "--micro-batch", micro_batch, *numbers(args, **own)]
    return watched(command, weights(model), cwd=ENGINE, env={**os.environ, "CLASSPATH": os.environ["PLUMBLINE_BENCHMARK_CLASSPATH"]})


def rival(args, model, checkpointing):
    from benchmarks import say
    say(f"torch and peft, gradient checkpointing {'on' if checkpointing else 'off'}")
    command = [sys.executable, HERE / "rival_training.py", model, "--checkpointing", int(checkpointing), *numbers(args)]
    return watched(command, weights(model), env={**os.environ, "OMP_NUM_THREADS": str(args.threads)})


def gigabytes(value):
    return f"{value / 1e9:.3f} GB"


# ---- memory --------------------------------------------------------------------------------------------------

def memory(args, _):
    from benchmarks import checkpoint
    model, raw, rows = checkpoint(args, args.model[0]), [], []
    fixed = args.micro_batch or 1
    points = [("recompute", fixed, k) for k in args.negative_counts]
    points += [(p, m, args.negatives) for p in PASSES for m in args.micro_batches]
    # A server's heap has grown to what it may be; here it is so from the start, and in both readings.
    jvm = [f"-Xms{args.heap}", f"-Xmx{args.heap}", "-XX:+AlwaysPreTouch"]
    done = {}
    for point in dict.fromkeys(points):
        passes, micro_batch, k = point
        done[point] = report = ours(args, model, passes, micro_batch, jvm, negatives=k)
        raw.append({"point": point, **report})
        taken = report["memory"]["taken"]
        planned = report["plan"]["peak_memory_bytes"]
        rows.append(f"| {passes}{', checkpointed' if report['plan']['checkpointed'] else ''} | {micro_batch} | {k} | {gigabytes(report['memory']['loaded'])} | "
                    f"{gigabytes(report['memory']['peak'])} | {gigabytes(taken)} | {gigabytes(planned)} | {100 * (planned / taken - 1):+.1f} % |")
    by_k = [done[("recompute", fixed, k)]["memory"]["taken"] for k in args.negative_counts]
    errors = [abs(r["plan"]["peak_memory_bytes"] / r["memory"]["taken"] - 1) for r in done.values()]
    first = raw[0]["plan"]
    head = ["| passes | micro-batch | K | loaded | peak | peak less loaded | the plan's figure | plan against measured |",
            "|---|---|---|---|---|---|---|---|"]
    notes = ["", f"- {model.name}: {raw[0]['parameters'] / 1e6:.0f} M parameters, {first['image_tokens']} image tokens, rows of at most {first['longest_sequence']} "
             f"tokens; {args.rows} rows, {args.row_batch} a step, {args.epochs} epochs; heap fixed at {args.heap}.",
             f"- K = {', '.join(map(str, args.negative_counts))}, recompute, micro-batch {fixed}: the largest peak is {100 * (max(by_k) / min(by_k) - 1):.1f} % above the smallest.",
             f"- The plan is at most {100 * max(errors):.1f} % off."]
    return head + rows + notes, raw


# ---- speed ---------------------------------------------------------------------------------------------------

def speed(args, _):
    from benchmarks import checkpoint
    model = checkpoint(args, args.model[0])
    passes = args.passes or "auto"
    mine = ours(args, model, passes, args.micro_batch)
    others = [] if args.alone else [("torch and peft", rival(args, model, False)), ("torch and peft, gradient checkpointing", rival(args, model, True))]
    seconds = lambda report: report["figures"]["run"]["seconds"][0]
    rows = ["| who | the run | its steps | last loss | peak | peak less the loaded model | ratio of times | our peak of theirs | less the loaded models |",
            "|---|---|---|---|---|---|---|---|---|"]
    told = mine["plan"]["passes"] + (", checkpointed" if mine["plan"]["checkpointed"] else "")
    for who, report in [(f"ours ({told})", mine), *others]:
        steps = ", ".join(f"{s:.1f}" for s in report["figures"]["step"]["seconds"])
        taken, peak = report["memory"]["taken"], report["memory"]["peak"]
        ratios = "– | – | –" if report is mine else (f"{seconds(report) / seconds(mine):.2f} | {mine['memory']['peak'] / peak:.2f} | "
                                                     f"{mine['memory']['taken'] / taken:.2f}")
        rows.append(f"| {who} | {seconds(report):.1f} s | {steps} s | {report['last_loss']:.4f} | {gigabytes(peak)} | {gigabytes(taken)} | {ratios} |")
    parts = sorted(mine["parts"].items(), key=lambda part: -part[1])
    rows += ["", f"- {model.name}: {args.rows} rows, {args.row_batch} a step, {args.epochs} epochs, K = {args.negatives}, r = {args.rank}; "
             f"{mine['plan']['image_tokens']} image tokens, sequences of at most {mine['plan']['longest_sequence']} tokens. Loading is not in the run's time, "
             "reading pictures is; ours has its plan and its one reference pass in it.",
             "- Parts of ours, by samples of the thread's stack: " + ", ".join(f"{name} {100 * share:.1f} %" for name, share in parts) + "."]
    return rows, {"ours": mine, **dict(others)}
