"""How fast CLIP embeds pictures, beside transformers: from JPEG files of COCO's size, and the image tower alone.

Random checkpoints of the published shapes. Both decode and resize on all threads, then run the tower on a batch; transformers
takes the best of several batch sizes. The vectors of the first pictures must agree.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

SIDE, FOLDED = 224, (640, 480)
TEXT = dict(hidden_size=512, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=8)
SHAPES = {  # preset: (vision, text, projection)
    "vit-b-32": (dict(patch_size=32), TEXT, 512),
    "vit-b-16": (dict(patch_size=16), TEXT, 512),
    "vit-l-14": (dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, patch_size=14),
                 dict(TEXT, hidden_size=768, intermediate_size=3072, num_attention_heads=12), 768),
}
BATCHES = (4, 8, 16, 32)


def make_model(folder, preset):
    import torch
    from transformers import CLIPConfig, CLIPModel
    vision, text, projection = SHAPES[preset]
    torch.manual_seed(0)
    CLIPModel(CLIPConfig(vision_config=vision, text_config=text, projection_dim=projection)).save_pretrained(folder)
    demo = Path(__file__).resolve().parents[2] / "eval-harness/demo/clip"
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(demo / name, folder / name)
    processor = json.loads((demo / "preprocessor_config.json").read_text())
    processor.update(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))


def make_pictures(folder, size, count, ending):
    """Smooth shapes and fine noise, about as many bytes as a photograph."""
    from PIL import Image
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(3)
    for i in range(count):
        file = folder / f"{i:04d}.{ending}"
        if not file.exists():
            small = noise.integers(0, 256, (12, 16, 3), dtype=np.uint8)
            picture = np.asarray(Image.fromarray(small).resize(size, Image.BICUBIC), dtype=np.float32) + noise.normal(0, 8, (*size[::-1], 3))
            Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(file, **({"quality": 90} if ending == "jpg" else {}))


def torch_side(model, pictures, squares, threads, repeats):
    """Run in a process of its own."""
    import torch
    from PIL import Image
    from transformers import CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    torch.set_num_threads(threads)
    clip = CLIPModel.from_pretrained(model, dtype=torch.float32, attn_implementation="sdpa").eval()
    processor = CLIPImageProcessorPil.from_pretrained(model)
    files, pool = sorted(Path(pictures).iterdir()), ThreadPoolExecutor(threads)

    def pixels(file):
        return processor(Image.open(file).convert("RGB"), return_tensors="pt").pixel_values

    def embed(tensor):
        vectors = clip.get_image_features(pixel_values=tensor).pooler_output
        return vectors / vectors.norm(dim=-1, keepdim=True)

    ready = torch.cat(list(pool.map(pixels, sorted(Path(squares).iterdir()))))
    report = {"figures": {}, "batch": {}}
    with torch.inference_mode():
        for name, count, work in (
                ("the towers alone", len(ready), lambda at, size: embed(ready[at:at + size])),
                ("from files", len(files), lambda at, size: embed(torch.cat(list(pool.map(pixels, files[at:at + size])))))):
            best = {}
            for size in [b for b in BATCHES if b <= count]:
                for number in range(repeats + 1):  # the first warms up
                    start = time.perf_counter()
                    for at in range(0, count, size):
                        work(at, size)
                    best.setdefault(size, []).append((time.perf_counter() - start) / count)
            size = min(best, key=lambda b: min(best[b][1:]))
            report["batch"][name] = size
            report["figures"][f"{name}, a picture"] = {"seconds": best[size][1:]}
        report["embeddings"] = embed(torch.cat([pixels(f) for f in files[:4]])).tolist()
    print(json.dumps(report))


def embedding(args, _):
    from benchmarks import ENGINE, java, run, say
    rows = ["| model | what | ours, pictures a second (median, spread) | transformers | ratio of bests | of medians | batches |", "|---" * 7 + "|"]
    raw, notes = [], []
    for preset in args.model:
        model, count = args.models / preset, args.pictures if preset == "vit-b-32" else max(8, args.pictures // 4)
        if not (model / "preprocessor_config.json").exists():
            say(f"making {model} ...")
            model.mkdir(parents=True, exist_ok=True)
            make_model(model, preset)
        folders = args.models / f"pictures-{count}", args.models / f"squares-{count}"
        make_pictures(folders[0], FOLDED, count, "jpg")
        make_pictures(folders[1], (SIDE, SIDE), count, "png")
        samples = {}
        for number in range(args.rounds):
            say(f"embed, {preset}, round {number + 1} of {args.rounds}")
            arguments = [model.resolve(), *(f.resolve() for f in folders), args.threads, args.repeats]
            mine = run([java(), *args.jvm, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                        "dev.plumbline.engine.bench.EmbedBenchmark", *arguments], cwd=ENGINE,
                       env={**os.environ, "CLASSPATH": os.environ["PLUMBLINE_BENCHMARK_CLASSPATH"]})
            theirs = run([sys.executable, __file__, *arguments], env={**os.environ, "OMP_NUM_THREADS": str(args.threads)})
            raw += [mine, theirs]
            for who, report in (("ours", mine), ("theirs", theirs)):
                for figure, values in report["figures"].items():
                    samples.setdefault(figure, {}).setdefault(who, []).extend(values["seconds"])
        apart = np.abs(np.array(mine["embeddings"]) - np.array(theirs["embeddings"])).max()
        notes.append(f"- {preset}: {count} pictures of {FOLDED[0]} x {FOLDED[1]}; the vectors differ by {apart:.1e} at most.")
        for figure, by in samples.items():
            told = lambda v: f"{1 / min(v):.1f} ({1 / statistics.median(v):.1f}, {100 * (max(v) / min(v) - 1):.0f} %)"
            of = lambda f: f(by["theirs"]) / f(by["ours"])
            rows.append(f"| {preset} | {figure.split(',')[0]} | {told(by['ours'])} | {told(by['theirs'])} | {of(min):.2f} | {of(statistics.median):.2f} | "
                        f"{mine['batch']}, {theirs['batch'][figure.split(',')[0]]} |")
    return rows + [""] + notes, raw


if __name__ == "__main__":
    torch_side(*sys.argv[1:4], *map(int, sys.argv[4:6]))
