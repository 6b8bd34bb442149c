"""Measures our engine and its rivals in turn, and prints a table as Markdown. Started by run.sh.

    run.sh TABLE [--model PRESET|FOLDER ...] [--precision fp32 int4 ...] [--rounds 2] [--repeats 2] [--tokens 128] ...

A random checkpoint that is not there yet is made, in --models. Every round runs ours, then each rival, each in a process of its own;
all samples of all rounds count. A ratio above 1 means that ours is faster: of the best samples, then of the medians. Spread is how much
slower the slowest sample was than the best.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENGINE = ROOT / "server/engine"
NUMBERS = {"threads": 2, "rounds": 2, "repeats": 2, "prompt": 32, "tokens": 128, "batch": 8, "questions": 6, "side": 336, "negatives": 3, "rank": 8,
           "micro-batch": 0, "context": 0, "rows": 8, "row-batch": 8, "epochs": 2}
OURS_ONLY = {"rounds", "micro-batch", "context", "rows", "row-batch", "epochs"}
SMALL, LARGE = "llava-100m", "llava-1b"
TABLES = {  # what each measures by default
    "decode": {"model": [SMALL, LARGE], "precision": ["fp32", "int4", "w4a8"], "repeats": 1},
    "prefill": {"model": [SMALL, LARGE], "precision": ["fp32", "int8", "w8a8"], "prompt": 512},
    "vision": {"model": [SMALL, LARGE], "precision": ["fp32"]},
    "picture": {"model": [SMALL], "precision": ["fp32"], "tokens": 64},
    "batch": {"model": [SMALL, LARGE], "precision": ["fp32", "int4"], "tokens": 64, "repeats": 1},
    "questions": {"model": [SMALL], "precision": ["fp32"], "tokens": 16, "repeats": 1},
    "train-step": {"model": [SMALL], "precision": ["fp32"], "rounds": 1},
    "seven-b": {"model": ["llava-1.5-7b", "qwen2.5-vl-7b"], "precision": ["int4"], "rounds": 1, "repeats": 1, "tokens": 32, "context": 4096},
    "memory": {"model": ["llava-400m"], "precision": ["fp32"], "rounds": 1, "repeats": 1, "side": 84, "micro-batch": 1},
    "train-memory": {"model": [SMALL], "rounds": 1, "repeats": 1, "rows": 2, "row-batch": 1, "epochs": 1},
    "train-speed": {"model": [SMALL], "rounds": 1, "repeats": 1},
    "train-soak": {"rounds": 1, "repeats": 1},
    "identity": {"repeats": 5},
    "mining": {"rounds": 1},
    "embed": {"model": ["vit-b-32", "vit-l-14"]},
    "profile": {"model": [SMALL], "precision": ["fp32"], "tokens": 64, "repeats": 2},
}
GGUF_TYPES = {"fp32": "f32", "int8": "q8_0", "w8a8": "q8_0", "int4": "q4_0", "w4a8": "q4_0"}


# ---- running -------------------------------------------------------------------------------------------------

def run(command, **where):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **where)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout[done.stdout.index("{"):])


def java():
    home = os.environ.get("JAVA_HOME")
    found = [f"{home}/bin/java"] if home else [*map(str, Path("/usr/lib/jvm").glob("*25*/bin/java")), shutil.which("java")]
    return found[0]


def ours(args, table, model, precision, *more):
    # The class path by the environment: ONNX Runtime 1.29 overflows its stack where a command line has some thousand characters.
    options = [x for n in NUMBERS if n != "rounds" for x in (f"--{n}", number(args, n))]
    command = [java(), *args.jvm, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
               "dev.plumbline.engine.bench.EngineBenchmark", table, model, "--precision", precision, *options, *more]
    return run(command, cwd=ENGINE, env={**os.environ, "CLASSPATH": os.environ["PLUMBLINE_BENCHMARK_CLASSPATH"]})


def transformers(args, table, model, prompt):
    numbers = {**{n: number(args, n) for n in NUMBERS if n not in OURS_ONLY}, "prompt": prompt}
    command = [sys.executable, HERE / "rival_transformers.py", table, model, *(x for n, v in numbers.items() for x in (f"--{n}", v))]
    return run(command, env={**os.environ, "OMP_NUM_THREADS": str(args.threads)})


def llama_cpp(args, table, model, precision, prompt):
    decode = table == "decode"
    command = [os.environ.get("LLAMA_PYTHON", sys.executable), HERE / "rival_llama_cpp.py", model, "--bench", os.environ["LLAMA_BENCH"],
               "--type", GGUF_TYPES[precision], "--threads", args.threads, "--repeats", max(args.repeats, 2), "--prompt", prompt,
               "--tokens", args.tokens if decode else 0, "--prefill", 0 if decode else prompt]
    return run(command)


def number(args, name):
    return getattr(args, name.replace("-", "_"))


def checkpoint(args, name):
    """The folder of a model; a preset's is made if it is not there yet."""
    folder = Path(name) if os.sep in name else args.models / name
    if not (folder / "config.json").exists():
        args.models.mkdir(parents=True, exist_ok=True)
        part = folder.with_name(folder.name + ".part")
        say(f"making {folder} ...")
        print(run([sys.executable, HERE / "make_random_checkpoint.py", part, "--preset", name]), file=sys.stderr)
        part.rename(folder)
    return folder.resolve()


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


# ---- tables of ours beside rivals ----------------------------------------------------------------------------

def rivals(args, table, precision):
    names = ["transformers fp32"] if table != "decode" or precision == "fp32" else []
    if table in ("decode", "prefill") and os.environ.get("LLAMA_BENCH") and (precision != "fp32" or args.llama_fp32):
        names.append("llama.cpp " + GGUF_TYPES[precision])
    return [] if args.alone else names


def measured(args, table, model, precision):
    """Samples by who and figure, and our reports."""
    samples, reports = {}, []
    for number in range(args.rounds):
        say(f"{table}, {model.name}, {precision}, round {number + 1} of {args.rounds}")
        more = (*(("--bandwidth", 1) if table == "decode" else ()), *(("--passes", args.passes) if args.passes else ()))
        reports.append(ours(args, table, model, precision, *more))
        collect(samples, "ours", reports[-1])
        prompt = reports[-1].get("prompt_tokens", args.prompt)
        for rival in rivals(args, table, precision):
            if rival.startswith("transformers"):
                report = transformers(args, table, model, prompt)
            else:
                report = llama_cpp(args, table, model, precision, prompt)
            collect(samples, rival, report)
            reports.append(report)
    return samples, reports


def collect(samples, who, report):
    for figure, values in report["figures"].items():
        samples.setdefault(figure, {}).setdefault(who, []).extend(values["seconds"])


def spread(values):
    return f"{100 * (max(values) / min(values) - 1):.0f} %"


def seconds(value):
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.1f} ms"


def compared(args, table):
    rows = ["| model | weights | what | ours, best (median, spread) | rival | its best (median, spread) | ratio of bests | of medians |",
            "|---|---|---|---|---|---|---|---|"]
    notes, raw = [], []
    for name in args.model:
        model = checkpoint(args, name)
        for precision in args.precision:
            samples, reports = measured(args, table, model, precision)
            raw += reports
            for figure, by in samples.items():
                mine = by.get("ours")
                if not mine:
                    continue
                told = lambda v: f"{seconds(min(v))} ({seconds(statistics.median(v))}, {spread(v)})"
                for rival in [r for r in by if r != "ours"] or [None]:
                    theirs = by.get(rival)
                    ratios = f"{min(theirs) / min(mine):.2f} | {statistics.median(theirs) / statistics.median(mine):.2f}" if theirs else "– | –"
                    rows.append(f"| {model.name} | {precision} | {figure} | {told(mine)} | {rival or '–'} | {told(theirs) if theirs else '–'} | {ratios} |")
            notes += table_notes(args, table, model, precision, samples, reports)
    return rows + [""] + notes, raw


def table_notes(args, table, model, precision, samples, reports):
    """What a ratio of two of our own figures, or of a figure and the memory, says."""
    mine = [r for r in reports if "weight_bytes" in r]
    notes = [f"{model.name}, {precision}: a prompt of {mine[0]['prompt_tokens']} tokens."] if "prompt_tokens" in mine[0] else []
    if table == "decode":
        read = mine[0]["decode_bytes"]
        best = min(samples["decode, a token"]["ours"])
        bandwidth = max(r[k] for r in mine for k in ("bandwidth_before", "bandwidth_after"))
        notes.append(f"{model.name}, {precision}: {1 / best:.1f} tokens a second; {read / 1e9:.2f} GB of weights a token are {read / best / 1e9:.1f} GB/s, "
                     f"{100 * read / best / bandwidth:.0f} % of the read bandwidth of {bandwidth / 1e9:.1f} GB/s measured in the same processes.")
    if table == "batch":
        for who in ("ours", "transformers fp32"):
            for kind in ("decode, a token", "whole answers, a token"):
                one, many = (samples.get(f"{kind}, {n} at once", {}).get(who) for n in (1, args.batch))
                if one and many:
                    notes.append(f"{model.name}, {precision}, {who}: {kind}: {1 / min(one):.1f} tokens a second alone, {1 / min(many):.1f} with "
                                 f"{args.batch} at once, {min(one) / min(many):.2f} times as many.")
    return [f"- {note}" for note in notes]


# ---- seven billion -------------------------------------------------------------------------------------------

SEVEN_B_PARTS = ("load", "picture", "decode", "train")


def seven_b(args, _):
    rows, raw = ["| what | " + " | ".join(f"{m}, {p}" for m in args.model for p in args.precision) + " |"], []
    columns = []
    for name in args.model:
        for precision in args.precision:
            column, reports = seven_b_column(args, checkpoint(args, name), precision)
            columns.append(column)
            raw += reports
    rows.append("|---" * (len(columns) + 1) + "|")
    rows += [f"| {what} | " + " | ".join(c.get(what, "–") for c in columns) + " |" for what in dict.fromkeys(w for c in columns for w in c)]
    return rows, raw


def gigabytes(report, *names):
    return ", ".join(f"{report['memory'][n] / 1e9:.2f} GB" for n in names)


def seven_b_column(args, model, precision):
    def step(table, *more):
        say(f"seven-b, {model.name}, {precision}: {table}")
        report = ours(args, table, model, precision, *more)
        reports.append(report)
        return report, {n: min(v["seconds"]) for n, v in report.get("figures", {}).items()}

    reports, column, cache = [], {}, model.with_name(model.name + "-cache")
    if args.convert:
        shutil.rmtree(cache, ignore_errors=True)
    starts = ("first start (conversion)", "second start") if args.convert or not cache.exists() else ("second start",)
    for start in starts if "load" in args.parts else ():
        report, figures = step("load")
        column[start] = f"{report['load_seconds']:.1f} s, first token after {figures['first answer, one token']:.1f} s more"
        column[f"{start}: most resident, most anonymous memory"] = gigabytes(report, "peak_resident", "peak_anonymous")
        column["parameters, bytes of the weights as served"] = f"{report['parameters'] / 1e9:.2f} G, {report['weight_bytes'] / 1e9:.2f} GB"
    if "picture" in args.parts:
        report, figures = step("picture")
        column["first token, a new picture"] = f"{figures['first token, a new picture']:.1f} s, a prompt of {report['prompt_tokens']} tokens"
        column["memory while answering: most resident, most anonymous, proportional"] = gigabytes(report, "peak_resident", "peak_anonymous", "proportional")
    if "decode" in args.parts:
        report, figures = step("decode", "--bandwidth", 1)
        token, read = figures["decode, a token"], report["decode_bytes"]
        bandwidth = max(report["bandwidth_before"], report["bandwidth_after"])
        column["decode"] = f"{1 / token:.2f} tokens a second"
        column["decode, share of the read bandwidth"] = f"{read / token / 1e9:.1f} of {bandwidth / 1e9:.1f} GB/s, {100 * read / token / bandwidth:.0f} %"
        if os.environ.get("LLAMA_BENCH") and not args.alone:
            say(f"seven-b, {model.name}, {precision}: llama.cpp")
            rival = llama_cpp(args, "decode", model, precision, report["prompt_tokens"])
            reports.append(rival)
            column["decode, llama.cpp " + GGUF_TYPES[precision]] = f"{1 / min(rival['figures']['decode, a token']['seconds']):.2f} tokens a second"
    if "train" in args.parts:
        # One step, the first: one that warms up would take as long again.
        report, figures = step("train-step", "--warm-steps", 0, "--passes", args.passes or "unit-weight")
        for name, value in figures.items():
            column[f"{name}, one row, K = {args.negatives}"] = f"{value:.0f} s"
        column["memory while training: most resident, most anonymous"] = gigabytes(report, "peak_resident", "peak_anonymous")
    return column, reports


# ---- main ----------------------------------------------------------------------------------------------------

def machine():
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    memory = next(int(l.split()[1]) for l in open("/proc/meminfo") if l.startswith("MemTotal"))
    return f"{cpu}, {os.cpu_count()} cores, {memory / 2 ** 20:.0f} GB, {platform.system()} {platform.release().split('-')[0]}"


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--model", nargs="+", help="presets of make_random_checkpoint.py, or folders")
    parser.add_argument("--precision", nargs="+")
    parser.add_argument("--models", type=Path, default=ROOT / "target/benchmark-models", help="where checkpoints are made")
    parser.add_argument("--alone", action="store_true", help="no rivals")
    parser.add_argument("--llama-fp32", action="store_true", help="llama.cpp beside fp32 too")
    parser.add_argument("--convert", action="store_true", help="seven-b: convert again what is in the cache")
    parser.add_argument("--parts", nargs="+", choices=SEVEN_B_PARTS, default=SEVEN_B_PARTS, help="seven-b: only these")
    parser.add_argument("--jvm", action="append", default=[], help="an option for Java, as --jvm=-Xmx4g; repeatable")
    parser.add_argument("--passes", help="train-step, seven-b: recompute, unit-weight or both with a comma between; train-speed: one, or auto")
    parser.add_argument("--negative-counts", type=int, nargs="+", default=[1, 3, 5, 8], help="train-memory: K, with recompute and one micro-batch size")
    parser.add_argument("--micro-batches", type=int, nargs="+", default=[1, 2, 4], help="train-memory: sizes, with both kinds of passes")
    parser.add_argument("--steps", type=int, default=2000, help="train-soak")
    parser.add_argument("--discard", type=int, default=200, help="train-soak: first steps that do not count")
    parser.add_argument("--clients", type=int, default=1, help="train-soak: that ask, one question after the other")
    parser.add_argument("--heap", default="512m", help="train-memory, train-soak: Java's, fixed")
    parser.add_argument("--pictures", type=int, default=96, help="embed: how many; a quarter of them for the large models")
    parser.add_argument("--raw", type=Path, help="a file for all that was reported, as JSON")
    for name, default in NUMBERS.items():
        parser.add_argument(f"--{name}", type=int)
    args = parser.parse_args()
    for name, value in {**NUMBERS, **TABLES[args.table]}.items():
        if number(args, name) is None:
            setattr(args, name.replace("-", "_"), value)
    return args


def main():
    args = parse()
    started, load = time.time(), os.getloadavg()[0]
    if args.table == "memory":
        from one_copy import one_copy as measure
    elif args.table == "profile":
        from profiles import profiles as measure
    elif args.table == "embed":
        from embedding import embedding as measure
    elif args.table == "mining":
        from mining import mining as measure
    elif args.table == "train-memory":
        from training_runs import memory as measure
    elif args.table == "train-speed":
        from training_runs import speed as measure
    elif args.table == "train-soak":
        from training_soak import soak as measure
    elif args.table == "identity":
        from identity import identity as measure
    else:
        measure = seven_b if args.table == "seven-b" else compared
    rows, raw = measure(args, args.table)
    print(f"**{args.table}**, {time.strftime('%Y-%m-%d %H:%M')}: {machine()}; {args.threads} threads; load average before {load:.1f}; "
          f"{args.rounds} rounds of {args.repeats}; took {time.time() - started:.0f} s.\n")
    print("\n".join(rows))
    if args.raw:
        args.raw.write_text(json.dumps(raw, indent=1))


if __name__ == "__main__":
    main()
