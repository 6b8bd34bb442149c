"""Writes what torch's autograd and AdamW make of the loss `plackett-luce + 1.0 * dpo` on a tiny checkpoint.

    python make_training_fixtures.py OUT

OUT/{rows.jsonl, adapter/, golden.json, gradients-*.safetensors, trained-*.safetensors}, beside OUT/../llava, where the
model and the pictures lie. Tensors bear the names that peft writes.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import logging

from judge import Judge
from llava_cases import ALL_TARGETS
from make_llava_fixtures import EXTRA, PICTURES, tidy_adapter, write_json

MODEL, BETA, TEXT_WEIGHT, POOL = "../llava/grouped-tied-f32/model", 0.5, 1.0, 40
RATE, STEPS, MAX_GRAD_NORM = 1e-3, ((0, 1), (2, 3), (0, 1), (2, 3)), 20.0
TEXTS = (("What is in the picture?", "A red square and blue dots.", "A dog."),
         ("Is there any dog here?", "No, nothing else can be seen.", "Yes, a small dog."),
         ("Describe it.", "Bright waves on the left.", "Dark stripes and a large round block, très étrange."),
         ("Is there a square?", "Yes.", "No."))
IMAGES = (PICTURES[0], PICTURES[2], PICTURES[0], EXTRA[5])  # PNG only: decoders of JPEG differ by one step
NEGATIVES = ((0, 1, 2), (3, 4, 5), (5, 0), (2,))
WEIGHTINGS = ("none", "self_normalized")


def make_rows(images="../llava/images"):
    """Drawn with replacement from a pool of 40: log_weight = -log(K q)."""
    noise = np.random.default_rng(3)
    rows = []
    for i, ((question, chosen, rejected), picks) in enumerate(zip(TEXTS, NEGATIVES)):
        negatives = []
        for pick in picks:
            log_q = round(-math.log(POOL) + noise.normal(0, 1.2), 6)
            negatives.append({"image": f"{images}/{EXTRA[pick]}", "score": round(noise.uniform(0, 2), 6), "log_q": log_q,
                              "log_weight": round(-math.log(len(picks)) - log_q, 6), "selector": "drawn", "selector_version": "1", "flags": []})
        rows.append({"image": f"{images}/{IMAGES[i]}", "prompt": question, "chosen": chosen, "rejected": rejected,
                     "negative_images": negatives, "sampling": "with_replacement", "pool_size": POOL, "temperature": 1.0})
    return rows


# ---- the loss ------------------------------------------------------------------------------------------------

def adapted(judge, targets=ALL_TARGETS):
    """The judge's model under a fresh adapter with small but non-zero B, so that log-ratios are of order one."""
    judge.policy = get_peft_model(judge.model, LoraConfig(r=4, lora_alpha=8, target_modules=targets, lora_dropout=0.0, bias="none"))
    torch.manual_seed(7)
    with torch.no_grad():
        for name, weight in judge.policy.named_parameters():
            if "lora_" in name:
                weight.normal_(0, weight.shape[1] ** -0.5 if "lora_A" in name else 0.03)
    return judge


def trainable(judge):
    return [p for p in judge.policy.parameters() if p.requires_grad]


def sequences(judge, row, folder):
    """(name, token ids, answer start, pictures) of a row: chosen and rejected on its image, chosen on each negative."""
    prompt = judge.prompt(row["prompt"], True)
    look = lambda image: [judge.pixels(folder / image)[1]]
    parts = [("chosen", row["chosen"], row["image"]), ("rejected", row["rejected"], row["image"])]
    parts += [(f"negative {i}", row["chosen"], n["image"]) for i, n in enumerate(row["negative_images"])]
    return [(name, *judge.sequence(prompt, answer, look(image))[1:], look(image)) for name, answer, image in parts]


def sums(judge, row, folder):
    return torch.stack([judge.token_logps(ids, start, pictures).sum() for _, ids, start, pictures in sequences(judge, row, folder)])


def row_losses(judge, row, folder, weighting):
    """Image and text loss of a row, and the sums under policy and reference (chosen, rejected, negatives)."""
    with torch.no_grad(), judge.policy.disable_adapter():
        reference = sums(judge, row, folder)
    policy = sums(judge, row, folder)
    ratio = policy - reference
    a = BETA * (ratio[2:] - ratio[0])
    if weighting == "self_normalized":
        w = torch.tensor([n["log_weight"] for n in row["negative_images"]])
        a = a + w - torch.logsumexp(w, 0) + math.log(len(w))
    return -F.logsigmoid(-torch.logsumexp(a, 0)), -F.logsigmoid(BETA * (ratio[0] - ratio[1])), policy, reference


def batch_loss(judge, rows, folder, weighting):
    """The mean over rows, differentiable, and what a line of metrics.jsonl says."""
    image, text, policy, reference = zip(*(row_losses(judge, row, folder, weighting) for row in rows))
    image_loss, text_loss = torch.stack(image).mean(), torch.stack(text).mean()
    loss = image_loss + TEXT_WEIGHT * text_loss
    margins = [BETA * ((p - r)[0] - (p - r)[1]).item() for p, r in zip(policy, reference)]
    metrics = {"loss": loss.item(), "image_loss": image_loss.item(), "text_loss": text_loss.item(),
               "chosen_logps": np.mean([p[0].item() for p in policy]), "rejected_logps": np.mean([p[1].item() for p in policy]),
               "margins": np.mean(margins)}
    return loss, metrics, list(zip(image, text, policy, reference))


def norm(tensors):
    return math.sqrt(sum(t.double().square().sum().item() for t in tensors))


# ---- golden values -------------------------------------------------------------------------------------------

def effective_samples(row):
    v = np.exp([n["log_weight"] for n in row["negative_images"]])
    return (v.sum() ** 2 / (v ** 2).sum()).item()


def describe_row(judge, row, folder, detail):
    _, _, policy, reference = detail
    named = [{"name": name, "input_ids": ids, "answer_start": start, "policy": p, "reference": r}
             for (name, ids, start, _), p, r in zip(sequences(judge, row, folder), policy.tolist(), reference.tolist())]
    return {"sequences": named, "ess": effective_samples(row)}


def gradients(judge, rows, out, weighting):
    judge.policy.zero_grad()
    loss, metrics, details = batch_loss(judge, rows, out, weighting)
    loss.backward()
    # peft's own naming: put the gradients where the weights are, and let it write
    by_name = {n.replace(".default.", "."): p.grad.clone() for n, p in judge.policy.named_parameters() if p.requires_grad}
    assert by_name.keys() == get_peft_model_state_dict(judge.policy).keys()
    assert all(g.any() for g in by_name.values())
    save_file(by_name, out / f"gradients-{weighting}.safetensors", metadata={"format": "pt"})
    each = [{"image_loss": i.item(), "text_loss": t.item()} for i, t, _, _ in details]
    return {**metrics, "grad_norm": norm(by_name.values()), "rows": each}, details


def train(rows, out, max_grad_norm, name):
    judge = adapted(Judge(out / MODEL))
    start = [p.detach().clone() for p in trainable(judge)]
    optimizer = torch.optim.AdamW(trainable(judge), RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    steps = []
    for batch in STEPS:
        optimizer.zero_grad()
        loss, metrics, _ = batch_loss(judge, [rows[i] for i in batch], out, "none")
        loss.backward()
        metrics["grad_norm"] = norm([p.grad for p in trainable(judge)])
        if max_grad_norm:
            torch.nn.utils.clip_grad_norm_(trainable(judge), max_grad_norm)
        optimizer.step()
        steps.append({"batch": list(batch), **metrics})
    moved = [p.detach() - s for p, s in zip(trainable(judge), start)]
    save_file({k: w.contiguous() for k, w in get_peft_model_state_dict(judge.policy).items()}, out / f"trained-{name}.safetensors", metadata={"format": "pt"})
    return {"max_grad_norm": max_grad_norm, "steps": steps, "moved": norm(moved)}, moved


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    rows = make_rows()
    (out / "rows.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    judge = adapted(Judge(out / MODEL))
    judge.policy.save_pretrained(out / "adapter")
    tidy_adapter(out / "adapter", MODEL)
    losses = {}
    for weighting in WEIGHTINGS:
        losses[weighting], details = gradients(judge, rows, out, weighting)
    free, moved = train(rows, out, 0.0, "free")
    clipped, moved_less = train(rows, out, MAX_GRAD_NORM, "clipped")
    print(json.dumps([losses, free, clipped], indent=1))
    assert all(s["grad_norm"] > MAX_GRAD_NORM for s in clipped["steps"][:2])
    print("clipping changes the way by", norm([a - b for a, b in zip(moved, moved_less)]) / norm(moved))
    write_json(out / "golden.json", {
        "model": MODEL, "adapter": "adapter", "rows_file": "rows.jsonl", "beta": BETA, "text_weight": TEXT_WEIGHT, "learning_rate": RATE,
        "rows": [describe_row(judge, r, out, d) for r, d in zip(rows, details)],
        "losses": losses, "training": {"free": free, "clipped": clipped}})


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(Path(sys.argv[1]))
