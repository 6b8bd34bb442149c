"""Mining 1,000 rows against a pool of 20,000 synthetic embeddings of ViT-L/14's size: rows a second by selector, peak memory."""
import os
from pathlib import Path

CANDIDATES, DIMENSION, ROWS = 20_000, 768, 1000


def mining(args, _):
    from benchmarks import java, run
    command = [java(), "-Xmx4g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "dev.plumbline.engine.select.MiningBenchmark",
               CANDIDATES, DIMENSION, ROWS, args.threads]
    environment = {**os.environ, "CLASSPATH": os.environ["PLUMBLINE_BENCHMARK_CLASSPATH"]}
    reports = [run(command, env=environment, cwd=Path(__file__).resolve().parents[2] / "server/engine") for _ in range(args.rounds)]
    rows = ["| selector | rows a second |", "|---|---|"]
    for name in ("random", "similarity", "sae"):
        rows.append(f"| {name} | {max(r[name + '_rows_per_second'] for r in reports):.1f} |")
    return rows + ["", f"- Peak resident memory of all three in one process: {max(r['peak_bytes'] for r in reports) / 1e9:.2f} GB."], reports
