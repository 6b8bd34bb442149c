"""Loads an adapter with peft and prints the log-probabilities of rows: by hand, to hold ours against.

    python check_adapter.py MODEL ADAPTER ROWS.jsonl

A line of JSON for each row and answer: sum of log p over the answer with the adapter and without it, on the row's image
and, for the chosen answer, on its negative images. ADAPTER may be in transformers 4's names or 5's.
"""
import json
import sys
from pathlib import Path

import torch
from transformers import logging

from judge import Judge
from qwen_judge import QwenJudge


@torch.no_grad()
def main(model, adapter, rows_file):
    family = json.loads((model / "config.json").read_text())["model_type"]
    judge = {"llava": Judge, "qwen2_5_vl": QwenJudge}[family](model, adapter)
    for line in rows_file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        negatives = [n["image"] for n in row.get("negative_images", [])]
        prompt = judge.prompt(row.get("prompt") or row["question"], True)
        for name, images in (("chosen", [row["image"], *negatives]), ("rejected", [row["image"]])):
            for image in images:
                pictures = [judge.pixels(rows_file.parent / image)[1]]
                _, ids, start = judge.sequence(prompt, row[name], pictures)
                adapted = judge.token_logps(ids, start, pictures)
                with judge.policy.disable_adapter():
                    base = judge.token_logps(ids, start, pictures)
                print(json.dumps({"image": image, "answer": name, "adapter": round(adapted.double().sum().item(), 5),
                                  "base": round(base.double().sum().item(), 5),
                                  "token_logprobs": [round(x, 5) for x in adapted.tolist()]}))


if __name__ == "__main__":
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(*map(Path, sys.argv[1:4]))
