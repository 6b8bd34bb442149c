"""Writes what transformers, peft and torch say about tiny checkpoints whose weights were quantized and dequantized.

    python make_quantized_fixtures.py OUT

OUT/{golden.json, gradients-int8.safetensors, gradients-int4.safetensors}, beside OUT/../llava and OUT/../qwen, where the checkpoints
lie, and OUT/../training, whose rows and loss are used. The arithmetic is quantize.py's, written apart from the engine.

Quantized: the linear layers of the language model, and the head, in 8 bits at least. A head that is tied to the embedding is quantized where logits
are made; looked-up rows, norms, biases, the projector and the vision tower stay as they are.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import logging

import make_training_fixtures as training
from judge import Judge
from make_llava_fixtures import write_json
from quantize import dequantize, quantize
from qwen_judge import QwenJudge

CASES = ("llava/full-untied-f32-old", "llava/grouped-tied-bf16-sharded-new", "llava/grouped-untied-f16-crossing", "llava/grouped-tied-f32",
         "qwen/untied-f32-published", "qwen/tied-bf16-sharded-published", "qwen/tied-f32-new", "qwen/untied-bf16-sharded-new")
BITS, HEAD_BITS = {"int8": 8, "int4": 4}, 8


def quantized_modules(model):
    """By name, in memory: linear layers of the language model, and the head."""
    for name, module in model.named_modules():
        plain = name.removeprefix("base_model.model.").removesuffix(".base_layer")
        if isinstance(module, torch.nn.Linear) and "lora_" not in name and ("language_model.layers" in plain or plain == "lm_head"):
            yield plain, module


def through(weight, bits):
    """What the stored numbers and scales of a weight stand for."""
    numbers, scales = quantize(weight.detach().float().numpy(), bits)
    return torch.from_numpy(dequantize(numbers, scales, bits, weight.shape[1]).copy())


@torch.no_grad()
def quantize_model(model, precision):
    count = 0
    for name, module in quantized_modules(model):
        weight = through(module.weight, HEAD_BITS if name == "lm_head" else BITS[precision])
        assert not torch.equal(weight, module.weight)
        module.weight = torch.nn.Parameter(weight, requires_grad=module.weight.requires_grad)  # unties a head
        count += 1
    layers = model.config.text_config.num_hidden_layers
    assert count == 7 * layers + 1, count




@torch.no_grad()
def log_probabilities(case, precision):
    """Of the rows of the case's own golden.json, without and with its adapter."""
    rows = json.loads((case / "golden.json").read_text())["rows"]
    said = {}
    for name, adapter in (("base", None), ("adapter", case / "adapter")):
        judge = {"llava": Judge, "qwen": QwenJudge}[case.parent.name](case / "model", adapter)
        quantize_model(judge.model, precision)
        said[name] = []
        for row in rows:
            names = row["images"] if "images" in row else [row["image"]] if row["image"] else []
            pictures = [judge.pixels(case.parent.parent / "llava" / "images" / name)[1] for name in names]
            logps = judge.token_logps(row["input_ids"], row["answer_start"], pictures)
            said[name].append([round(x, 6) for x in logps.tolist()])
        moved = [abs(a - b) for row, logps in zip(rows, said[name]) for a, b in zip(row[name]["token_logprobs"], logps)]
        said[name + "_moved"] = round(sum(moved) / len(moved), 6)
        assert said[name + "_moved"] > 3e-3, "a test on these rows could not tell the precisions apart"
    return said


def gradients(out, precision):
    """Of the loss of make_training_fixtures.py over the quantized model; reference and policy are both quantized."""
    rows = training.make_rows()
    folder = out.parent / "training"
    assert [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()] == rows
    judge = training.adapted(Judge(folder / training.MODEL))
    for module in judge.policy.modules():
        layer = getattr(module, "base_layer", None)
        if layer is not None:
            with torch.no_grad():
                layer.weight = torch.nn.Parameter(through(layer.weight, BITS[precision]), requires_grad=False)
    head = judge.policy.get_base_model().lm_head
    head.weight = torch.nn.Parameter(through(head.weight, HEAD_BITS), requires_grad=False)
    loss, metrics, _ = training.batch_loss(judge, rows, folder, "none")
    loss.backward()
    by_name = {n.replace(".default.", "."): p.grad.clone() for n, p in judge.policy.named_parameters() if p.requires_grad}
    assert all(g.any() for g in by_name.values())
    save_file(by_name, out / f"gradients-{precision}.safetensors", metadata={"format": "pt"})
    return {**metrics, "grad_norm": training.norm(by_name.values())}


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    cases = {Path(case).name: {p: log_probabilities(out.parent / case, p) for p in BITS} for case in CASES}
    losses = {precision: gradients(out, precision) for precision in BITS}
    for case, said in cases.items():
        print(case, {p: (s["base_moved"], s["adapter_moved"]) for p, s in said.items()})
    print(json.dumps(losses))
    write_json(out / "golden.json", {"cases": cases, "losses": losses})


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(Path(sys.argv[1]))
