"""What transformers says about checkpoints with an adapter merged into them, as MergedFolderTest writes them.

    MergedFolderTest with -Dmerged.out=MERGED, then
    python judge_merged.py RESOURCES MERGED OUT.json

MERGED/{llava,qwen}/CASE are the merged folders, RESOURCES/{llava,qwen}/CASE/golden.json the rows. OUT.json: for each case the
digest of each file of weights, by which the test knows that it made what was judged here, and token log-probabilities.
"""
import hashlib
import json
import sys
from pathlib import Path

import torch
from transformers import logging

from judge import Judge
from make_llava_fixtures import write_json
from qwen_judge import QwenJudge


@torch.no_grad()
def judged(folder, family, resources):
    judge = {"llava": Judge, "qwen": QwenJudge}[family](folder)
    rows = json.loads((resources / family / folder.name / "golden.json").read_text())["rows"]
    said = []
    for row in rows:
        images = row.get("images", [row.get("image")] if row.get("image") else [])
        if row["system"] or len(images) > 1:
            continue
        pictures = [judge.pixels(resources / "llava" / "images" / image)[1] for image in images]
        said.append([round(x, 6) for x in judge.token_logps(row["input_ids"], row["answer_start"], pictures).tolist()])
    files = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.glob("*.safetensors"))}
    return {"files": files, "token_logps": said}


def main(resources, merged, out):
    write_json(out, {f"{family}/{folder.name}": judged(folder, family, resources)
                     for family in ("llava", "qwen") for folder in sorted((merged / family).iterdir())})


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(*map(Path, sys.argv[1:4]))
