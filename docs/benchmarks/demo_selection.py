"""What selectors chose on the demo's pool, against the truth: demo_selection.py MINED.jsonl ... prints a Markdown row for each.

False negatives as eval-harness/demo/make/cure.py counts them: chosen negatives on which every object the answer affirms is present and every
one it denies is absent (positions and places not counted, so an upper bound). The truth is for this table alone.
"""
import json
import re
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "eval-harness/demo/data"


def spoken(answer, names):
    """Objects that an answer speaks of."""
    return {n for n in names if re.search(rf"\b{re.escape(n)}s?\b", answer.lower())}


def main():
    own = json.loads((DATA / "images_objects.json").read_text())
    truth = json.loads((DATA / "pool_objects.json").read_text())
    names = sorted({o for objects in truth.values() for o in objects}, key=len, reverse=True)
    print("| mined set | rows | false negatives | left out: false negatives, near-duplicates | cosine of embeddings | cosine of latents | different pictures | objects a row's K cover |")
    print("|---|---|---|---|---|---|---|---|")
    for file in map(Path, sys.argv[1:]):
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        chosen = false = covered = 0
        pictures = set()
        for row in rows:
            said = spoken(row["chosen"], names)
            affirmed = said & set(own[Path(row["image"]).name])
            denied = said - affirmed
            objects = set()
            for negative in row["negative_images"]:
                there = set(truth.get(Path(negative["image"]).name, []))
                chosen += 1
                false += affirmed <= there and not denied & there
                objects |= there
                pictures.add(negative["image"])
            covered += len(objects)
        mean = lambda name: (lambda v: f"{sum(v) / len(v):.3f}" if v else "–")([r[name] for r in rows if name in r])
        share = lambda name: (lambda v: f"{100 * sum(v) / len(v):.2f} %" if v else "–")([r[name] for r in rows if name in r])
        print(f"| {file.stem} | {len(rows)} | {100 * false / chosen:.1f} % | {share('excluded_false_negatives')}, {share('excluded_near_duplicates')} | "
              f"{mean('pairwise_cosine')} | {mean('latent_cosine')} | {len(pictures)} | {covered / len(rows):.2f} |")


if __name__ == "__main__":
    main()
