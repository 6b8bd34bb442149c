"""Where the time of a decode step, a prefill and a training step goes: ONNX Runtime's own profile, by operator, and what is left.

Runs our engine with profiles on (which costs a few percent) and sums, over the runs of the graphs, what the kernels took, what ONNX Runtime
took beside them, and what of the whole the engine's own Java took (tokens, sampling, copies in and out, the optimizer).
"""
import json
import tempfile
from collections import Counter
from pathlib import Path


def runs(file):
    """Each run of one session: microseconds in all, by operator, and how many tokens a sequence had."""
    text = file.read_text()
    events = json.loads(text) if text else []  # none of a graph that the self-test has refused
    starts = sorted((e for e in events if e.get("name") == "model_run"), key=lambda e: e["ts"])
    nodes = sorted((e for e in events if e.get("cat") == "Node" and e["name"].endswith("_kernel_time")), key=lambda e: e["ts"])
    at = 0
    for run in starts:
        operators, rows = Counter(), None
        while at < len(nodes) and nodes[at]["ts"] < run["ts"] + run["dur"]:
            node, args = nodes[at], nodes[at]["args"]
            at += 1
            if node["ts"] < run["ts"]:
                continue
            operators[args["op_name"]] += node["dur"]
            if args["op_name"] == "GroupQueryAttention" and rows is None:
                shapes = [s for t in args.get("input_type_shape", []) for s in t.values()]
                rows = shapes[0][:2] if shapes else None
        yield run["dur"], operators, rows


def kind(operators, rows):
    if "Conv" in operators:
        return "vision"
    if "GroupQueryAttention" in operators:
        return "decode" if rows and rows[1] == 1 else "prefill"
    return "training"


def profile(args, table, model, precision):
    """Seconds by kind of run: how many runs, in all, by operator."""
    from benchmarks import ours
    with tempfile.TemporaryDirectory() as folder:
        kept = args.jvm
        args.jvm = [*kept, f"-Dplumbline.onnxruntime.profiles={folder}/p"]
        report = ours(args, table, model, precision)
        args.jvm = kept
        sums = {}
        for file in sorted(Path(folder).glob("*.json")):
            for total, operators, rows in runs(file):
                if sum(operators.values()) < 20:
                    continue  # the runtime's self-test
                of = sums.setdefault(kind(operators, rows), {"runs": 0, "seconds": 0.0, "operators": Counter()})
                of["runs"] += 1
                of["seconds"] += total / 1e6
                of["operators"].update({k: v / 1e6 for k, v in operators.items()})
    return report, sums


def rows_of(title, wall, runs_, per):
    """`per`: by how many the sums are divided."""
    kernels = sum(runs_["operators"].values()) / per
    graphs = runs_["seconds"] / per
    lines = [("kernels: " + op, value / per) for op, value in runs_["operators"].most_common(6)]
    lines.append(("other kernels", kernels - sum(v for _, v in lines)))
    lines += [("ONNX Runtime beside its kernels", graphs - kernels), ("our Java, copies", wall - graphs)]
    return [f"| {title if i == 0 else ''} | {what} | {1000 * value:.3f} ms | {100 * value / wall:.1f} % |" for i, (what, value) in enumerate(lines)]


def profiles(args, _):
    from benchmarks import checkpoint, say
    table, raw = ["| what | where | time | share |", "|---|---|---|---|"], []
    mean = lambda values: sum(values) / len(values)
    for name in args.model:
        model = checkpoint(args, name)
        for precision in args.precision:
            for what, figure in (("decode", "decode, a token"), ("prefill", "prefill, a prompt"), ("vision", "vision, a picture")):
                say(f"profile, {model.name}, {precision}: {what}")
                args.prompt = 512 if what == "prefill" else 32
                report, sums = profile(args, what, model, precision)
                raw.append(report)
                wall = mean(report["figures"][figure]["seconds"])
                title = f"{model.name}, {precision}: {figure}, {1000 * wall:.2f} ms"
                table += rows_of(title, wall, sums[what], sums[what]["runs"])
            say(f"profile, {model.name}, {precision}: train-step")
            report, sums = profile(args, "train-step", model, precision)
            raw.append(report)
            walls = [mean(f["seconds"]) for f in report["figures"].values()]
            # One step more than the noted ones, of each kind of passes.
            steps, merged = args.repeats + 1, {"seconds": 0.0, "operators": Counter()}
            for of in sums.values():
                merged["seconds"] += of["seconds"]
                merged["operators"].update(of["operators"])
            table += rows_of(f"{model.name}, {precision}: training steps, {' + '.join(report['figures'])}, {sum(walls):.2f} s", sum(walls), merged, steps)
    return table, raw
