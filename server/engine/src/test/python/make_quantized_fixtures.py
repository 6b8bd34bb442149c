"""Writes what transformers, peft and torch's autograd say about the LLaVA fixtures after their linear layers and head were
quantized and dequantized by quantize.py; the head always in 8 bits.

    python make_quantized_fixtures.py OUT

OUT/llava/CASE/quantized.json for each case of make_llava_fixtures.py, and OUT/quantized/{adapter/, gradients-int*.safetensors,
golden.json}: loss and gradients of make_training_fixtures.py on a model whose layers divide into blocks.
"""
import json
import sys
from pathlib import Path

import torch
from peft import get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import logging

import make_training_fixtures as training
from judge import Judge
from make_llava_fixtures import answers, tidy_adapter, write_json
from quantize import dequantize, quantize

MODEL, BITS, HEAD_BITS = "../llava/grouped-untied-f16-crossing/model", (4, 8), 8


def round_weights(model, bits):
    """Every linear layer of the language model and the head; a tied embedding keeps its own weights."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and "lora_" not in name and (".language_model." in name or "lm_head" in name):
            weight = module.weight.detach().float().numpy()
            own = HEAD_BITS if "lm_head" in name else bits
            rounded = dequantize(*quantize(weight, own), own, weight.shape[1])
            module.weight = torch.nn.Parameter(torch.from_numpy(rounded.copy()), requires_grad=False)


def rounded_judge(folder, bits, adapter=None):
    judge = Judge(folder, adapter)
    round_weights(judge.model, bits)
    return judge


def describe_case(folder, images):
    rows = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["rows"]
    described = {}
    for bits in BITS:
        base, adapted = rounded_judge(folder / "model", bits), rounded_judge(folder / "model", bits, folder / "adapter")
        said = []
        for row in rows:
            pictures = [base.pixels(images / row["image"])[1]] if row["image"] else []
            said.append({"base": answers(base, row, pictures), "adapter": answers(adapted, row, pictures)})
        described[f"int{bits}"] = said
        moves = [abs(a["base"]["sum"] - b["base"]["sum"]) for a, b in zip(said, rows)]
        print(folder.name, bits, "sums move by", min(moves), "to", max(moves), flush=True)
    write_json(folder / "quantized.json", described)


def describe_gradients(out):
    out.mkdir(exist_ok=True)
    rows = training.make_rows()
    described = {}
    for bits in BITS:
        judge = training.adapted(Judge(out / MODEL))
        judge.policy.save_pretrained(out / "adapter")
        tidy_adapter(out / "adapter", base=MODEL)
        round_weights(judge.model, bits)
        loss, metrics, _ = training.batch_loss(judge, rows, out, "none")
        loss.backward()
        gradients = {n.replace(".default.", "."): p.grad.clone() for n, p in judge.policy.named_parameters() if p.requires_grad}
        assert gradients.keys() == get_peft_model_state_dict(judge.policy).keys()
        save_file(gradients, out / f"gradients-int{bits}.safetensors", metadata={"format": "pt"})
        described[f"int{bits}"] = metrics
    write_json(out / "golden.json", described)


def main(out):
    for folder in sorted(f.parent for f in (out / "llava").glob("*/golden.json")):
        describe_case(folder, out / "llava" / "images")
    describe_gradients(out / "quantized")


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(Path(sys.argv[1]))
