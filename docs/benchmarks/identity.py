"""The rank-one identity's worth: scoring a whole pool for one prompt, beside the written-out form (ours, and torch's) and torch's own factorised form.

ViT-L/14 shapes, 128 latents, fp32. The written-out forms take a share of the pool, in batches of 256.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CANDIDATES, DIMENSION, LATENTS, SHARE, BATCH = 118_287, 768, 128, 512, 256


def torch_forms(file, threads, repeats):
    """Run in a process of its own."""
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    size = DIMENSION * DIMENSION
    pool = torch.from_numpy(np.memmap(file, dtype=np.float32, mode="r").reshape(-1, DIMENSION))
    encoder, decoder = (torch.rand(LATENTS, size) - 0.5) * 2, (torch.rand(LATENTS, size) - 0.5) * 0.004
    bias, offset = torch.rand(LATENTS) - 0.5, (torch.rand(size) - 0.5) * 0.002
    own, text = (torch.nn.functional.normalize(torch.randn(DIMENSION), dim=0) for _ in range(2))
    gram, on_bias = decoder @ decoder.T, decoder @ offset
    report = {"factorised": [], "printed": []}
    with torch.inference_mode():
        for _ in range(repeats + 1):
            start = time.perf_counter()
            a = (encoder.view(-1, DIMENSION) @ text).view(LATENTS, DIMENSION)
            b = (decoder.view(-1, DIMENSION) @ text).view(LATENTS, DIMENSION)
            m = offset.view(DIMENSION, DIMENSION) @ text
            u = own - pool
            z = torch.sigmoid(torch.addmm(bias, u, a.T))
            errors = (u * u).sum(1) * text.dot(text) - 2 * ((u @ b.T) * z).sum(1) - 2 * u @ m + ((z @ gram) * z).sum(1) + 2 * z @ on_bias + offset.dot(offset)
            scores = errors / errors.max() + z.sum(1) / z.sum(1).max()
            report["factorised"].append(time.perf_counter() - start)
        del u, z, errors, scores
        for at in [0, *range(0, SHARE, BATCH)]:  # the first warms up
            start = time.perf_counter()
            d = ((own - pool[at:at + BATCH])[:, :, None] * text).view(BATCH, size)
            z = torch.sigmoid(torch.addmm(bias, d, encoder.T))
            errors = (d - torch.addmm(offset, z, decoder)).square().sum(1)
            z.sum(1)
            report["printed"].append(time.perf_counter() - start)
    report["factorised"], report["printed"] = report["factorised"][1:], sum(report["printed"][1:])
    report["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    print(json.dumps(report))


def identity(args, _):
    from benchmarks import java, run
    repeats = args.repeats
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pool.f32"
        random = np.random.default_rng(0)
        with open(file, "wb") as f:
            for at in range(0, CANDIDATES, 8192):
                rows = random.standard_normal((min(8192, CANDIDATES - at), DIMENSION), dtype=np.float32)
                (rows / np.linalg.norm(rows, axis=1, keepdims=True)).tofile(f)
        command = [java(), "-Xmx4g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "dev.plumbline.plugins.sae.IdentityBenchmark",
                    file, DIMENSION, LATENTS, args.threads, repeats, SHARE]
        environment = {**os.environ, "CLASSPATH": os.environ["PLUMBLINE_BENCHMARK_CLASSPATH"]}
        ours, theirs = [], []
        for _ in range(args.rounds):
            ours.append(run(command, env=environment, cwd=Path(__file__).resolve().parents[2] / "server/engine"))
            theirs.append(run([sys.executable, __file__, file, args.threads, repeats], env={**os.environ, "OMP_NUM_THREADS": str(args.threads)}))
    fast = min(t for r in ours for t in r["fast_seconds"])
    choosing = min(t for r in ours for t in r["choosing_seconds"])
    factorised = min(t for r in theirs for t in r["factorised"])
    printed = {"ours": min(r["printed_seconds"] for r in ours) / SHARE, "torch": min(r["printed"] for r in theirs) / SHARE}
    each = fast / CANDIDATES
    rows = ["| form | a candidate | the pool | times ours |", "|---|---|---|---|",
            f"| ours, factorised, scores in double | {each * 1e6:.2f} us | {fast:.2f} s | 1 |",
            f"| torch, factorised, all in fp32 | {factorised / CANDIDATES * 1e6:.2f} us | {factorised:.2f} s | {factorised / fast:.2f} |"]
    for who, value in printed.items():
        rows.append(f"| {who}, written out, batches of {BATCH} | {value * 1e6:.0f} us | {value * CANDIDATES:.0f} s (from {SHARE}) | {value / each:.0f} |")
    peak = max(r["peak_bytes"] for r in ours)
    rows += ["", f"- Choosing K = 3 by algorithm 1 out of the scored pool: {choosing:.2f} s more.",
             f"- Peak resident memory with all forms, the pool's {CANDIDATES * DIMENSION * 4 / 1e9:.2f} GB mapped: ours {peak / 1e9:.2f} GB (factorised alone "
             f"{max(r['fast_peak_bytes'] for r in ours) / 1e9:.2f} GB), torch {max(r['peak'] for r in theirs) / 1e9:.2f} GB."]
    return rows, ours + theirs


if __name__ == "__main__":
    torch_forms(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
