"""Trains LoRA with torch and peft as their users write the loop, and prints JSON: row by row, the reference recomputed at every step.

    python rival_training.py MODEL --rows 8 --row-batch 8 --epochs 2 [--checkpointing 1] ...

A row of `plackett-luce + 1.0 * dpo` with K negatives is one padded batch of K + 2 sequences, each with its picture, through the whole model:
once without gradients and with the adapter disabled, once with both. Rows of a batch add their gradients up. LoRA on all seven projections
of the language model, AdamW, gradient norm at most 1. Pictures are read from PNG files within the loop, as ours are.
"""
import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from PIL import Image
from transformers import AutoTokenizer, LlavaForConditionalGeneration, logging
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

TARGETS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
CHOSEN, REJECTED = "A large red ball and a blue boat on the left of a green field.", "A small dog and a red car on the right of a gray road."
BETA = 0.5


class Rows:
    """Rows whose pictures are noise of their own."""

    def __init__(self, folder, args):
        noise = np.random.default_rng(1000)
        self.rows = []
        for i in range(args.rows):
            files = [folder / f"{i}-{j}.png" for j in range(args.negatives + 1)]
            for file in files:
                Image.fromarray(noise.integers(0, 256, (args.side, args.side, 3), dtype=np.uint8)).save(file)
            self.rows.append({"chosen": CHOSEN, "rejected": REJECTED, "image": files[0], "negatives": files[1:]})


class Collator:
    def __init__(self, model_folder, image_tokens):
        self.tokenizer = AutoTokenizer.from_pretrained(model_folder)
        self.processor = CLIPImageProcessorPil.from_pretrained(model_folder)
        self.image_tokens = image_tokens

    def ids(self, text):
        return self.tokenizer(text.replace("<image>", "<image>" * self.image_tokens)).input_ids

    def __call__(self, row):
        message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Describe the picture."}]}
        prompt = self.tokenizer.apply_chat_template([message], add_generation_prompt=True, tokenize=False)
        answers = [row["chosen"], row["rejected"]] + [row["chosen"]] * len(row["negatives"])
        images = [Image.open(file).convert("RGB") for file in [row["image"], row["image"], *row["negatives"]]]
        start = len(self.ids(prompt))
        sequences = [self.ids(f"{prompt} {answer}") + [self.tokenizer.eos_token_id] for answer in answers]
        longest = max(map(len, sequences))
        pad = lambda values, value: values + [value] * (longest - len(values))
        labels = torch.tensor([pad([-100] * start + s[start:], -100) for s in sequences])
        return labels, {"input_ids": torch.tensor([pad(s, self.tokenizer.pad_token_id) for s in sequences]),
                        "attention_mask": torch.tensor([pad([1] * len(s), 0) for s in sequences]),
                        "pixel_values": torch.as_tensor(np.asarray(self.processor(images=images, return_tensors="np").pixel_values))}


def answer_logps(policy, labels, inputs):
    """Sum of log p over each sequence's answer."""
    logits = policy(**inputs, use_cache=False).logits[:, :-1]
    at = labels[:, 1:]
    logps = torch.gather(logits.log_softmax(-1), 2, at.clamp(min=0)[..., None])[..., 0]
    return (logps * (at >= 0)).sum(-1)


def loss_of(ratios):
    image = -F.logsigmoid(-torch.logsumexp(BETA * (ratios[2:] - ratios[0]), 0))
    return image - F.logsigmoid(BETA * (ratios[0] - ratios[1]))


def train(policy, rows, collate, args, report):
    optimizer = torch.optim.AdamW([p for p in policy.parameters() if p.requires_grad], 1e-4, weight_decay=0.0)
    for _ in range(args.epochs):
        for first in range(0, len(rows), args.row_batch):
            batch = rows[first:first + args.row_batch]
            start, total = time.perf_counter(), 0.0
            for row in batch:
                labels, inputs = collate(row)
                with torch.no_grad(), policy.disable_adapter():
                    reference = answer_logps(policy, labels, inputs)
                loss = loss_of(answer_logps(policy, labels, inputs) - reference) / len(batch)
                loss.backward()
                total += loss.item()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            report["figures"].setdefault("step", {"seconds": []})["seconds"].append(time.perf_counter() - start)
            report["last_loss"] = total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    for name, default in (("threads", 2), ("rows", 8), ("row-batch", 8), ("epochs", 2), ("negatives", 3), ("rank", 8), ("side", 336),
                          ("checkpointing", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    model = LlavaForConditionalGeneration.from_pretrained(args.model, dtype=torch.float32, attn_implementation="sdpa")
    if args.checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        model.enable_input_require_grads()
    config = LoraConfig(r=args.rank, lora_alpha=2 * args.rank, target_modules=TARGETS, lora_dropout=0.0, bias="none")
    policy = get_peft_model(model, config).train()
    collate = Collator(args.model, model.config.image_seq_length)
    report = {"torch": torch.__version__, "threads": args.threads, "figures": {}}
    with tempfile.TemporaryDirectory(prefix="rival-training-") as folder:
        rows = Rows(Path(folder), args).rows
        print("LOADED", flush=True)
        time.sleep(1)  # whoever watches this process's memory looks now
        start = time.perf_counter()
        train(policy, rows, collate, args, report)
        report["figures"]["run"] = {"seconds": [time.perf_counter() - start]}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main()
