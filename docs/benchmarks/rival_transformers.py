"""Times transformers (and torch, peft) on a LLaVA or Qwen2.5-VL checkpoint, one table at a time. Prints JSON.

    python rival_transformers.py TABLE MODEL [--threads 2] [--repeats 3] [--prompt 32] [--tokens 128] ...

TABLE: decode, prefill, vision, picture, batch, questions, train-step; what each measures is in README.md of this folder. As fast as plain
calls make it: float32, scaled-dot-product attention, a key/value cache, no generate() around the decode loop, logits only where they
count, picture features computed once a picture in the training step. The training step is one row of `plackett-luce + 1.0 * dpo`
with K negatives: reference pass, policy pass, backward, AdamW; LoRA on all seven projections.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from PIL import Image
from transformers import AutoConfig, AutoTokenizer, LlavaForConditionalGeneration, Qwen2_5_VLForConditionalGeneration, logging
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

TARGETS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
QUESTION = "ba do ke mi ru ta"
CHOSEN, REJECTED = "A large red ball and a blue boat on the left of a green field.", "A small dog and a red car on the right of a gray road."


class Clock:
    """Samples of named durations, by the clock and by processor time."""

    def __init__(self):
        self.figures = {}

    @staticmethod
    def now():
        return time.perf_counter(), time.process_time()

    def add(self, name, start, end, parts=1):
        figure = self.figures.setdefault(name, {"seconds": [], "cpu": []})
        figure["seconds"].append((end[0] - start[0]) / parts)
        figure["cpu"].append((end[1] - start[1]) / parts)


class Rival:
    def __init__(self, folder, args):
        self.qwen = AutoConfig.from_pretrained(folder).model_type != "llava"
        kind = Qwen2_5_VLForConditionalGeneration if self.qwen else LlavaForConditionalGeneration
        dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[args.dtype]
        self.model = kind.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa").eval()
        self.processor = (Qwen2VLImageProcessorPil if self.qwen else CLIPImageProcessorPil).from_pretrained(folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.image_token = "<|image_pad|>" if self.qwen else "<image>"
        self.noise, self.side = np.random.default_rng(0), args.side

    def text(self, tokens, rows=1):
        return torch.as_tensor(self.noise.integers(300, 900, (rows, tokens)))

    def picture(self):
        return Image.fromarray(self.noise.integers(0, 256, (self.side, self.side, 3), dtype=np.uint8))

    def pixels(self, pictures):
        processed = [self.processor(images=[p], return_tensors="np") for p in pictures]
        inputs = {"pixel_values": torch.as_tensor(np.concatenate([p.pixel_values for p in processed])).to(self.model.dtype)}
        if self.qwen:
            inputs["image_grid_thw"] = torch.as_tensor(np.concatenate([p.image_grid_thw for p in processed]))
        return inputs

    def prompt(self, question=QUESTION):
        message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}
        return self.tokenizer.apply_chat_template([message], add_generation_prompt=True, tokenize=False)

    def ids(self, text, inputs):
        pieces = int(inputs["image_grid_thw"][0].prod()) // 4 if self.qwen else self.model.config.image_seq_length
        return self.tokenizer(text.replace(self.image_token, self.image_token * pieces)).input_ids

    def asked(self, picture):
        """All inputs of a question about a picture."""
        inputs = self.pixels([picture])
        ids = torch.tensor([self.ids(self.prompt(), inputs)])
        if self.qwen:
            inputs["mm_token_type_ids"] = (ids == self.model.config.image_token_id).int()
        return {"input_ids": ids, **inputs}

    def begin(self, inputs):
        return self.model(**inputs, use_cache=True, logits_to_keep=1)

    def go_on(self, out, steps):
        for _ in range(steps):
            out = self.model(input_ids=out.logits[:, -1:].argmax(-1), past_key_values=out.past_key_values, use_cache=True)
        return out


# ---- tables: each measures once ------------------------------------------------------------------------------

@torch.inference_mode()
def decode(rival, args, add):
    out = rival.begin({"input_ids": rival.text(args.prompt)})
    start = Clock.now()
    rival.go_on(out, args.tokens - 1)
    add("decode, a token", start, Clock.now(), args.tokens - 1)


@torch.inference_mode()
def prefill(rival, args, add):
    start = Clock.now()
    rival.begin({"input_ids": rival.text(args.prompt)}).logits[:, -1].argmax(-1)
    add("prefill, a prompt", start, Clock.now())


@torch.inference_mode()
def vision(rival, args, add):
    picture = rival.picture()
    start = Clock.now()
    rival.model.get_image_features(**rival.pixels([picture]))
    add("vision, a picture", start, Clock.now())


@torch.inference_mode()
def picture(rival, args, add):
    shown = rival.picture()
    start = Clock.now()
    out = rival.begin(rival.asked(shown))
    first = Clock.now()
    add("first token, a new picture", start, first)
    rival.go_on(out, args.tokens - 1)
    add("decode after it, a token", first, Clock.now(), args.tokens - 1)


@torch.inference_mode()
def batch(rival, args, add):
    for rows in (1, args.batch):
        start = Clock.now()
        out = rival.begin({"input_ids": rival.text(args.prompt, rows)})
        first = Clock.now()
        rival.go_on(out, args.tokens - 1)
        add(f"decode, a token, {rows} at once", first, Clock.now(), rows * (args.tokens - 1))
        add(f"whole answers, a token, {rows} at once", start, Clock.now(), rows * args.tokens)


@torch.inference_mode()
def questions(rival, args, add):
    """One by one, as a client of transformers asks them."""
    shown = rival.picture()
    start = Clock.now()
    for _ in range(args.questions):
        rival.go_on(rival.begin(rival.asked(shown)), args.tokens - 1)
    add(f"{args.questions} answers about a picture", start, Clock.now())


# ---- training ------------------------------------------------------------------------------------------------

def sums(policy, batch, features):
    """Sum of log p over each sequence's answer."""
    llava = policy.base_model.model
    embeds = llava.get_input_embeddings()(batch["ids"])
    where = (batch["ids"] == llava.config.image_token_id)[..., None].expand_as(embeds)
    embeds = embeds.masked_scatter(where, features)
    hidden = llava.model.language_model(inputs_embeds=embeds, attention_mask=batch["mask"], use_cache=False).last_hidden_state
    at = batch["labels"][:, 1:] >= 0
    logps = -F.cross_entropy(llava.lm_head(hidden[:, :-1][at]), batch["labels"][:, 1:][at], reduction="none")
    row = torch.arange(len(at))[:, None].expand_as(at)[at]
    return torch.zeros(len(at)).index_add(0, row, logps)


def make_batch(rival, k):
    prompt, inputs = rival.prompt("Describe the picture."), {}
    answers = [CHOSEN, REJECTED] + [CHOSEN] * k
    start = len(rival.ids(prompt, inputs))
    rows = [rival.ids(f"{prompt} {a}", inputs) + [rival.tokenizer.eos_token_id] for a in answers]
    longest = max(map(len, rows))
    pad = lambda row, value: row + [value] * (longest - len(row))
    return {"ids": torch.tensor([pad(r, rival.tokenizer.pad_token_id) for r in rows]), "mask": torch.tensor([pad([1] * len(r), 0) for r in rows]),
            "labels": torch.tensor([pad([-100] * start + r[start:], -100) for r in rows])}


def trainer(rival, args):
    """A function that measures one step."""
    if rival.qwen:
        raise SystemExit("the training step of the rival is written for LLaVA")
    config = LoraConfig(r=args.rank, lora_alpha=2 * args.rank, target_modules=TARGETS, lora_dropout=0.0, bias="none")
    policy = get_peft_model(rival.model, config)
    optimizer = torch.optim.AdamW([p for p in policy.parameters() if p.requires_grad], 1e-3, weight_decay=0.0)
    batch = make_batch(rival, args.negatives)

    def step(rival, args, add):
        shown = [rival.picture() for _ in range(args.negatives + 1)]
        start = Clock.now()
        with torch.no_grad():
            seen = rival.model.get_image_features(**rival.pixels(shown)).pooler_output
            features = torch.cat([seen[0], seen[0], *seen[1:]])
            with policy.disable_adapter():
                reference = sums(policy, batch, features)
        r = sums(policy, batch, features) - reference
        loss = -F.logsigmoid(-torch.logsumexp(0.5 * (r[2:] - r[0]), 0)) - F.logsigmoid(0.5 * (r[0] - r[1]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        end = Clock.now()
        for passes in ("recompute", "unit-weight"):
            add(f"training step, {passes}", start, end)

    return step


TABLES = {f.__name__: f for f in (decode, prefill, vision, picture, batch, questions)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", choices=[*TABLES, "train-step"])
    parser.add_argument("model", type=Path)
    parser.add_argument("--dtype", choices=("f32", "bf16"), default="f32")
    for name, default in (("threads", 2), ("repeats", 3), ("prompt", 32), ("tokens", 128), ("batch", 8), ("questions", 6), ("side", 336),
                          ("negatives", 3), ("rank", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    started = time.perf_counter()
    rival, clock = Rival(args.model, args), Clock()
    report = {"table": args.table, "threads": args.threads, "torch": torch.__version__, "load_seconds": time.perf_counter() - started}
    measure = trainer(rival, args) if args.table == "train-step" else TABLES[args.table]
    measure(rival, args, lambda *figure: None)  # warms up
    for _ in range(args.repeats):
        measure(rival, args, clock.add)
    print(json.dumps({**report, "figures": clock.figures}, indent=1))


if __name__ == "__main__":
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main()
