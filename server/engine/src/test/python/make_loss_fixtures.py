"""Writes what torch's autograd makes of the shipped losses: of numbers in float64, and of CHiP through a tiny checkpoint.

    python make_loss_fixtures.py OUT

OUT/{losses.json, chip.json, chip-gradients.safetensors}, beside OUT/../llava and OUT/../training, where the model and
the rows lie. The forms are written from the papers, not from the engine; tensors bear the names that peft writes.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from peft import get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import logging

from judge import Judge
from make_llava_fixtures import write_json
from make_training_fixtures import adapted, norm, sequences

MODEL, TRAINING = "../llava/grouped-tied-f32/model", "../training"
POOL = 100
CHIP = {"beta": 0.5, "visual_weight": 0.7, "segment_weight": 3.0, "token_weight": 2.0}
PL = {"beta": 0.7}
CASES = [("dpo", {"beta": 0.3}), ("dpo", {"beta": 0.3, "label_smoothing": 0.1}),
         *(("plackett-luce", {**PL, "weighting": w}) for w in ("none", "self_normalized", "pool", "raw", "printed")),
         ("plackett-luce", {**PL, "weighting": "clipped", "clip": 1.5}),
         ("mdpo", {"beta": 0.3, "conditional_weight": 0.7, "anchor_weight": 1.3, "anchor": 0.2}),
         ("chip", CHIP), ("chip", {**CHIP, "token_weight": 0.0, "visual_weight": 0.0})]


# ---- the losses: dictionaries of tensors to one number ----------------------------------------------------------

def preferred(margin):
    """-log sigmoid."""
    return F.softplus(-margin)


def ratios(x):
    return x["chosen"] - x["ref_chosen"], x["rejected"] - x["ref_rejected"], x["negatives"] - x["ref_negatives"]


def dpo(x, beta, label_smoothing=0.0):
    """Rafailov et al. 2023, Eq. 7; Mitchell 2023, Eq. 3."""
    chosen, rejected, _ = ratios(x)
    d = beta * (chosen - rejected)
    return (1 - label_smoothing) * preferred(d) + label_smoothing * preferred(-d)


def plackett_luce(x, beta, weighting, clip=2.0):
    """MISP-DPO, Eq. 6, the shifts of its weightings; `printed` has the coefficients of Eq. 8."""
    chosen, _, negatives = ratios(x)
    a, w, k = beta * (negatives - chosen), x["log_weights"], len(negatives)
    normalized = w - torch.logsumexp(w, 0) + math.log(k)
    shift = {"none": 0 * w, "printed": 0 * w, "raw": w, "pool": w - math.log(POOL / k), "self_normalized": normalized,
             "clipped": torch.minimum(normalized, torch.tensor(math.log(clip)))}[weighting]
    total = torch.logsumexp(a + shift, 0)
    if weighting != "printed":
        return F.softplus(total)
    coefficients = (beta * torch.sigmoid(total) * torch.exp(a - x["log_proposals"])).detach()
    slope = (coefficients * (negatives - chosen)).sum()
    return F.softplus(total).detach() + slope - slope.detach()


def mdpo(x, beta, conditional_weight, anchor_weight, anchor):
    """Wang et al. 2024; the mean over negatives."""
    chosen, _, negatives = ratios(x)
    images = torch.stack([preferred(beta * (chosen - negative)) for negative in negatives]).mean()
    return dpo(x, beta) + conditional_weight * images + anchor_weight * preferred(beta * chosen - anchor)


def chip(x, beta, visual_weight, segment_weight, token_weight):
    """Fu et al. 2025; the token level inside the sigmoid, as in the authors' code and TDPO."""
    chosen, rejected, negatives = ratios(x)
    drift = x["rejected_kl"].sum() - x["chosen_kl"].sum().detach()
    text = preferred(beta * (chosen - rejected) - beta * token_weight * drift)
    part = lambda answer: sum(p - r for p, r, c in zip(x[f"{answer}_tokens"], x[f"ref_{answer}_tokens"], x[f"{answer}_changed"]) if c)
    segments = preferred(beta * (part("chosen") - part("rejected")))
    visual = torch.stack([preferred(beta * (chosen - negative)) for negative in negatives]).mean()
    return text + segment_weight * segments + visual_weight * visual


LOSSES = {"dpo": dpo, "plackett-luce": plackett_luce, "mdpo": mdpo, "chip": chip}
DIFFERENTIATED = ("chosen", "rejected", "negatives", "chosen_tokens", "chosen_kl", "rejected_tokens", "rejected_kl")


# ---- of numbers -------------------------------------------------------------------------------------------------

def make_row(noise, k):
    logp = lambda *size: noise.uniform(-24, -20, size)
    tokens = {"chosen": noise.integers(2, 7), "rejected": noise.integers(2, 7)}
    row = {"chosen": logp(), "ref_chosen": logp(), "rejected": logp(), "ref_rejected": logp(), "negatives": logp(k), "ref_negatives": logp(k),
           "log_weights": noise.uniform(0, 4, k), "log_proposals": noise.uniform(-6, -3, k), "log_pool_size": np.array(math.log(POOL))}
    for answer, t in tokens.items():
        row |= {f"{answer}_tokens": noise.uniform(-3, 0, t), f"ref_{answer}_tokens": noise.uniform(-3, 0, t),
                f"{answer}_kl": noise.uniform(0, 0.5, t), f"{answer}_changed": noise.integers(0, 2, t)}
    return {name: np.float32(value).astype(np.float64).tolist() for name, value in row.items()}


def evaluate(loss, options, row):
    x = {name: torch.tensor(value, dtype=torch.float64, requires_grad=name in DIFFERENTIATED) for name, value in row.items()}
    value = LOSSES[loss](x, **options)
    value.backward()
    return {"loss": value.item(), "gradients": {n: x[n].grad.reshape(-1).tolist() for n in DIFFERENTIATED if x[n].grad is not None}}


# ---- through a model --------------------------------------------------------------------------------------------

def changed(a, b):
    """Per token, whether it lies outside the longest common subsequence; of several, the one that skips a's tokens first."""
    longest = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            longest[i][j] = 1 + longest[i + 1][j + 1] if a[i] == b[j] else max(longest[i + 1][j], longest[i][j + 1])
    i, j, left, right = 0, 0, [1] * len(a), [1] * len(b)
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            left[i] = right[j] = 0
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return left, right


def vocabulary_logps(judge, ids, start, pictures):
    return torch.log_softmax(judge._logits(ids, pictures)[start - 1:-1], -1)


def read(judge, row, folder):
    parts = sequences(judge, row, folder)
    with torch.no_grad(), judge.policy.disable_adapter():
        reference = [vocabulary_logps(judge, *part[1:]) for part in parts]
    policy = [vocabulary_logps(judge, *part[1:]) for part in parts]
    of = lambda logps: [l.gather(1, torch.tensor(ids[start:])[:, None])[:, 0] for l, (_, ids, start, _) in zip(logps, parts)]
    own, base = of(policy), of(reference)
    x = {"negatives": torch.stack([l.sum() for l in own[2:]]), "ref_negatives": torch.stack([l.sum() for l in base[2:]])}
    masks = changed(*(ids[start:] for _, ids, start, _ in parts[:2]))
    for i, answer in enumerate(("chosen", "rejected")):
        kl = F.kl_div(policy[i], reference[i], reduction="none", log_target=True).sum(-1)
        x |= {answer: own[i].sum(), f"ref_{answer}": base[i].sum(), f"{answer}_tokens": own[i], f"ref_{answer}_tokens": base[i],
              f"{answer}_kl": kl, f"{answer}_changed": masks[i]}
    return x


def gradients(judge, rows, folder, options):
    judge.policy.zero_grad()
    xs = [read(judge, row, folder) for row in rows]
    losses = torch.stack([chip(x, **options) for x in xs])
    losses.mean().backward()
    by_name = {n.replace(".default.", "."): p.grad.clone() for n, p in judge.policy.named_parameters() if p.requires_grad}
    assert by_name.keys() == get_peft_model_state_dict(judge.policy).keys()
    return xs, losses, by_name


def through_model(out):
    folder = out / TRAINING
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    judge = adapted(Judge(out / MODEL))
    _, _, without = gradients(judge, rows, folder, {**CHIP, "token_weight": 0.0})
    xs, losses, by_name = gradients(judge, rows, folder, CHIP)
    print("the KL moves the gradient by", norm([a - b for a, b in zip(by_name.values(), without.values())]) / norm(by_name.values()))
    save_file(by_name, out / "chip-gradients.safetensors", metadata={"format": "pt"})
    figures = lambda x, name: [round(float(v), 9) for v in torch.as_tensor(x[name]).detach()]
    write_json(out / "chip.json", {"options": CHIP, "loss": losses.mean().item(), "rows": [
        {"loss": loss.item(), **{n: figures(x, n) for n in ("chosen_kl", "rejected_kl", "chosen_changed", "rejected_changed")}}
        for loss, x in zip(losses, xs)]})


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(11)
    rows = [make_row(noise, k) for k in (1, 2, 3, 5)]
    cases = [{"loss": loss, "options": options, "rows": [evaluate(loss, options, row) for row in rows]} for loss, options in CASES]
    write_json(out / "losses.json", {"rows": rows, "cases": cases})
    through_model(out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(Path(sys.argv[1]))
