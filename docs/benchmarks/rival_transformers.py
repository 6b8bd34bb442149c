"""Times transformers, torch and peft on a LLaVA checkpoint: prefill, decoding, one training step. Prints JSON.

    python rival_transformers.py MODEL [--image F] [--threads 2] [--tokens 64] [--repeats 5]

As fast as plain calls make it: float32, scaled-dot-product attention, a key/value cache, no generate() around the decode
loop, picture features computed once a picture in the training step, logits only where they count. Medians of repeats.
The training step is one row of `plackett-luce + 1.0 * dpo` with K negatives: reference pass, policy pass, backward,
AdamW; LoRA on all seven projections.
"""
import argparse
import json
import os
import statistics
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from PIL import Image
from transformers import AutoTokenizer, LlavaForConditionalGeneration, LlavaProcessor, logging

TARGETS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
QUESTION = "Describe the picture."
CHOSEN, REJECTED = "A large red ball and a blue boat on the left of a green field.", "A small dog and a red car on the right of a gray road."


def timed(call, repeats):
    seconds, cpu = [], []
    for _ in range(repeats + 1):
        start, cpu_start = time.perf_counter(), time.process_time()
        call()
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - cpu_start)
    return {"median": statistics.median(seconds[1:]), "least": min(seconds[1:]), "first": seconds[0], "cpu": min(cpu[1:])}


class Rival:
    def __init__(self, folder):
        self.model = LlavaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").eval()
        self.processor, self.tokenizer = LlavaProcessor.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)

    def prompt(self):
        message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}
        return self.processor.apply_chat_template([message], add_generation_prompt=True, tokenize=False)

    def pixels(self, images):
        return torch.as_tensor(np.stack([self.processor.image_processor(images=i, return_tensors="np").pixel_values[0] for i in images]))

    def ids(self, text):
        return self.tokenizer(text.replace("<image>", "<image>" * self.model.config.image_seq_length)).input_ids


# ---- generation ----------------------------------------------------------------------------------------------

@torch.inference_mode()
def generation(rival, image, tokens, repeats):
    model, ids, pixels = rival.model, torch.tensor([rival.ids(rival.prompt())]), rival.pixels([image])
    prefill = lambda: model(input_ids=ids, pixel_values=pixels, use_cache=True, logits_to_keep=1)

    def decode():
        out = prefill()
        started, cpu_started = time.perf_counter(), time.process_time()
        for _ in range(tokens - 1):
            out = model(input_ids=out.logits[:, -1:].argmax(-1), past_key_values=out.past_key_values, use_cache=True)
        return time.perf_counter() - started, time.process_time() - cpu_started

    vision = timed(lambda: model.get_image_features(pixel_values=pixels), repeats)
    prefilled = timed(prefill, repeats)
    decode()
    decoded = [decode() for _ in range(repeats)]
    rates = [(tokens - 1) / seconds for seconds, _ in decoded]
    generated = timed(lambda: model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=pixels,
                                             max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False), max(1, repeats // 2))
    return {"prompt_tokens": ids.shape[1], "vision_seconds": vision, "prefill_seconds": prefilled,
            "decode_tokens_per_second": {"median": statistics.median(rates), "most": max(rates),
                                         "cpu_seconds_per_token": min(cpu for _, cpu in decoded) / (tokens - 1)}, "decode_tokens": tokens - 1,
            "generate_seconds": generated}


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
    prompt = rival.prompt()
    answers = [CHOSEN, REJECTED] + [CHOSEN] * k
    start = len(rival.ids(prompt))
    rows = [rival.ids(f"{prompt} {a}") + [rival.tokenizer.eos_token_id] for a in answers]
    longest = max(map(len, rows))
    pad = lambda row, value: row + [value] * (longest - len(row))
    return {"ids": torch.tensor([pad(r, rival.tokenizer.pad_token_id) for r in rows]), "mask": torch.tensor([pad([1] * len(r), 0) for r in rows]),
            "labels": torch.tensor([pad([-100] * start + r[start:], -100) for r in rows])}


def training(rival, images, k, rank, repeats):
    policy = get_peft_model(rival.model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=TARGETS, lora_dropout=0.0, bias="none"))
    optimizer = torch.optim.AdamW([p for p in policy.parameters() if p.requires_grad], 1e-3, weight_decay=0.0)
    batch, parts = make_batch(rival, k), {"reference": [], "policy": [], "backward": [], "update": []}

    def step():
        clock = [time.perf_counter()]
        with torch.no_grad():
            seen = rival.model.get_image_features(pixel_values=rival.pixels(images)).pooler_output
            features = torch.cat([seen[0], seen[0], *seen[1:]])
            with policy.disable_adapter():
                reference = sums(policy, batch, features)
        clock.append(time.perf_counter())
        r = sums(policy, batch, features) - reference
        loss = -F.logsigmoid(-torch.logsumexp(0.5 * (r[2:] - r[0]), 0)) - F.logsigmoid(0.5 * (r[0] - r[1]))
        clock.append(time.perf_counter())
        loss.backward()
        clock.append(time.perf_counter())
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        clock.append(time.perf_counter())
        for name, a, b in zip(parts, clock, clock[1:]):
            parts[name].append(b - a)

    seconds = timed(step, repeats)
    return {"k": k, "rank": rank, "sequences": list(batch["ids"].shape), "step_seconds": seconds,
            "parts_seconds": {n: statistics.median(s[1:]) for n, s in parts.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--image", type=Path)
    for name, default in (("threads", 2), ("tokens", 64), ("repeats", 5), ("negatives", 3), ("rank", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", choices=("generation", "training"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    noise = np.random.default_rng(0)
    images = [Image.fromarray(noise.integers(0, 256, (336, 336, 3), dtype=np.uint8)) for _ in range(args.negatives + 1)]
    if args.image:
        images[0] = Image.open(args.image).convert("RGB")
    report = {"threads": args.threads, "load_before": os.getloadavg()[0], "torch": torch.__version__}
    rival = Rival(args.model)
    if args.only != "training":
        report["generation"] = generation(rival, images[0], args.tokens, args.repeats)
    if args.only != "generation":
        report["training"] = training(rival, images, args.negatives, args.rank, args.repeats)
    report["load_after"] = os.getloadavg()[0]
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main()
