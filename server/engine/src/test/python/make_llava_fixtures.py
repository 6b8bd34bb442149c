"""Writes tiny random LLaVA checkpoints with adapters, and what transformers and peft say about them.

    python make_llava_fixtures.py OUT [CASE...]

OUT/images/, and for each case OUT/CASE/{model/, adapter/, adapter-transformers-4/, golden.json}. The two adapters are
the same weights in the names that peft writes under transformers 5 and under transformers 4.
"""
import base64
import json
import re
import sys
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from PIL import Image
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration, logging

from judge import Judge, load_adapter
from llava_cases import CASES, Case
from llava_tokenizers import CHATML_TEMPLATE

STEPS, MOVES = 24, 0.15  # MOVES: by how much another image, or no adapter, must move a sum of log p
PICTURES = ("dots-53x31.png", "waves-97x130.jpg", "blocks-28x28.png")
EXTRA = tuple(f"extra-{size}.png" for size in ("47x54", "37x61", "61x47", "57x40", "42x33", "33x52"))
QUESTIONS = (("What is in the picture?", "A red square and blue dots."),
             ("Is there any dog here? Tell me more.", "Yes, a small dog, très bright — nothing else."))
SYSTEM = "You are a careful describer of pictures."
MEAN, DEVIATION = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


# ---- pictures ------------------------------------------------------------------------------------------------

def make_pictures(folder):
    """Odd sizes, fine texture and saturated colors; the training fixture takes the extra ones as negatives."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(5)
    for name in PICTURES + EXTRA:
        width, height = map(int, re.search(r"(\d+)x(\d+)", name).groups())
        y, x = np.mgrid[:height, :width]
        period, tilt, phase = noise.uniform(3, 17, 3), noise.uniform(-1, 1, 3), noise.uniform(0, 6, 3)
        picture = 128 + 110 * np.sin((x[..., None] + tilt * y[..., None]) * 2 * np.pi / period + phase)
        picture += noise.normal(0, 12, picture.shape)
        picture[height // 4:height // 2, width // 3:width // 2] = noise.integers(0, 256, 3)
        image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
        image.save(folder / name, **({"quality": 92} if name.endswith("jpg") else {}))


# ---- checkpoints ---------------------------------------------------------------------------------------------

def build(case: Case, tokenizer: Tokenizer, special, seed):
    ids = {k: special[k] and tokenizer.token_to_id(special[k]) for k in special}
    text = LlamaConfig(vocab_size=tokenizer.get_vocab_size() + case.spare_rows, bos_token_id=ids["bos_token"],
                       eos_token_id=ids["eos_token"], pad_token_id=ids["pad_token"], **case.text)
    config = LlavaConfig(vision_config=CLIPVisionConfig(**case.vision).to_dict(), text_config=text.to_dict(),
                         image_token_index=tokenizer.token_to_id("<image>"), image_seq_length=case.image_tokens, **case.llava)
    model = LlavaForConditionalGeneration(config).eval()
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            draw(name, weight)
        never = [ids["pad_token"], config.image_token_index, *range(tokenizer.get_vocab_size(), text.vocab_size)]
        for table in (model.get_input_embeddings(), model.get_output_embeddings()):
            table.weight[never] = 0  # logit 0, never the best: such tokens do not occur in answers
    return model.to(case.dtype)


def draw(name, weight):
    """Weights so large that signals live: deviation 1/sqrt(fan in) of matrices, norms about one, biases and embeddings 0.3."""
    if "norm" in name and name.endswith("weight"):
        weight.normal_(1, 0.1)
    elif weight.dim() < 2 or "embedding.weight" in name and "patch" not in name:
        weight.normal_(0, 0.3)
    elif "embed_tokens" in name:
        weight.normal_(0, 0.5)
    elif "lm_head" in name:
        weight.normal_(0, 3 * weight.shape[1] ** -0.5)
    else:
        weight.normal_(0, 1.3 * weight[0].numel() ** -0.5)


def tensor_names(case, name):
    """The name in the file of a tensor that is called `name` in memory."""
    name = re.sub(r"^model\.vision_tower\.(?!vision_model)", "model.vision_tower.vision_model.", name)
    if case.names == "new":
        return name
    name = name.replace("model.language_model.", "language_model.model.", 1) if name.startswith("model.language_model.") else name
    name = re.sub(r"^lm_head\.", "language_model.lm_head.", name)
    return re.sub(r"^model\.(?=vision_tower|multi_modal_projector)", "", name)


def save_weights(case, model, folder):
    if case.names == "saved":
        model.save_pretrained(folder)
        return
    weights = {tensor_names(case, k): w.contiguous() for k, w in model.state_dict().items()
               if not (k == "lm_head.weight" and model.config.tie_word_embeddings)}
    save_shards(weights, case.shards, folder)


def save_shards(weights, shards, folder):
    if shards == 1:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return
    names, where = sorted(weights), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05d}-of-{shards:05d}.safetensors"
        part = names[shard::shards]
        save_file({n: weights[n] for n in part}, folder / file, metadata={"format": "pt"})
        where.update({n: file for n in part})
    size = sum(w.numel() * w.element_size() for w in weights.values())
    write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": size}, "weight_map": dict(sorted(where.items()))})


def config_json(case, model):
    config = {**json.loads(model.config.to_json_string()), "architectures": ["LlavaForConditionalGeneration"], "dtype": str(case.dtype)[6:]}
    if not case.old_config:
        return config
    keep = ("image_token_index", "projector_hidden_act", "image_seq_length", *case.llava)
    text = {"model_type": "llama", "torch_dtype": str(case.dtype)[6:], "vocab_size": config["text_config"]["vocab_size"],
            **{k: v for k, v in case.text.items() if k != "rope_parameters"}}
    for k in ("bos_token_id", "eos_token_id", "pad_token_id"):
        text[k] = config["text_config"][k]
    if text["num_key_value_heads"] == text["num_attention_heads"]:
        del text["num_key_value_heads"]
    rope = dict(case.text.get("rope_parameters", {}))
    if rope:
        text["rope_theta"] = rope.pop("rope_theta")
        text["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}
    return {"architectures": config["architectures"], "ignore_index": -100, **{k: config[k] for k in keep}, "model_type": "llava",
            "text_config": text, "torch_dtype": text["torch_dtype"], "transformers_version": "4.36.0",
            "vision_config": {"model_type": "clip_vision_model", "vocab_size": 32000, **case.vision}}


def save_tokenizer(case, tokenizer, special, folder):
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {k: v for k, v in special.items()}
    config.update(clean_up_tokenization_spaces=False, model_max_length=case.text["max_position_embeddings"],
                  padding_side="left", processor_class="LlavaProcessor", tokenizer_class="PreTrainedTokenizerFast")
    if case.layout != "new":
        added = {str(i): {"content": t.content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
                 for i, t in sorted(tokenizer.get_added_tokens_decoder().items()) if t.special}
        config.update(add_bos_token=True, add_eos_token=False, added_tokens_decoder=added, legacy=False, sp_model_kwargs={})
        write_json(folder / "special_tokens_map.json", {
            k: {"content": v, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False} for k, v in special.items()})
    else:
        config["image_token"] = "<image>"
    if case.layout == "tokenizer":
        config["chat_template"] = case.template
    write_json(folder / "tokenizer_config.json", config)


def save_processor(case, folder):
    side = case.vision["image_size"]
    images = {"crop_size": {"height": side, "width": side}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True,
              "do_rescale": True, "do_resize": True, "image_mean": MEAN, "image_processor_type": "CLIPImageProcessor",
              "image_std": DEVIATION, "resample": 3, "rescale_factor": 1 / 255, "size": {"shortest_edge": case.shortest_edge or side}}
    expansion = {"image_token": "<image>", "num_additional_image_tokens": 1, "patch_size": case.vision["patch_size"],
                 "processor_class": "LlavaProcessor",
                 "vision_feature_select_strategy": case.llava.get("vision_feature_select_strategy", "default")}
    if case.layout == "new":
        write_json(folder / "processor_config.json", {"image_processor": images, **expansion})
        (folder / "chat_template.jinja").write_text(case.template, encoding="utf-8")
        return
    write_json(folder / "preprocessor_config.json", {**images, "processor_class": "LlavaProcessor"})
    if case.layout == "old":
        write_json(folder / "processor_config.json", {"image_token": "<image>", "processor_class": "LlavaProcessor"})
        write_json(folder / "chat_template.json", {"chat_template": case.template})


def save_checkpoint(case, folder, seed):
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    tokenizer, special = case.tokenizer()
    model = build(case, tokenizer, special, seed)
    save_weights(case, model, folder)
    write_json(folder / "config.json", config_json(case, model))
    ids = {k[:-6] + "_token_id": tokenizer.token_to_id(v) for k, v in special.items() if v and k != "unk_token"}
    write_json(folder / "generation_config.json", ids)
    save_tokenizer(case, tokenizer, special, folder)
    save_processor(case, folder)
    check_round_trip(model, folder)


def check_round_trip(model, folder):
    """transformers reads from the folder, by whatever names, the very weights that were drawn."""
    loaded, report = LlavaForConditionalGeneration.from_pretrained(folder, output_loading_info=True, dtype=model.dtype)
    assert not report["missing_keys"] and not report["unexpected_keys"] and not report["mismatched_keys"], report
    expected = model.state_dict()
    assert all(torch.equal(w, expected[k]) for k, w in loaded.state_dict().items())


# ---- adapters ------------------------------------------------------------------------------------------------

def save_adapters(case, model_folder, new, old, seed):
    model = LlavaForConditionalGeneration.from_pretrained(model_folder, dtype=torch.float32)
    policy = get_peft_model(model, LoraConfig(lora_dropout=0.0, bias="none", **case.lora))
    torch.manual_seed(seed + 1)
    with torch.no_grad():
        for name, weight in policy.named_parameters():
            if "lora_" in name:
                weight.normal_(0, weight.shape[1] ** -0.5 if "lora_A" in name else 0.5)
    policy.save_pretrained(new)
    tidy_adapter(new)
    write_old_adapter(new, old, "base_model.model.model.language_model.", "base_model.model.language_model.model.")


def write_old_adapter(new, old, prefix, old_prefix):
    """The same adapter in the names, and with the settings, of peft under transformers 4."""
    weights = load_file(new / "adapter_model.safetensors")
    assert all(k.startswith(prefix) for k in weights), sorted(weights)[:2]
    old.mkdir(exist_ok=True)
    save_file({k.replace(prefix, old_prefix, 1): w for k, w in weights.items()},
              old / "adapter_model.safetensors", metadata={"format": "pt"})
    config = json.loads((new / "adapter_config.json").read_text())
    known = ("alpha_pattern", "bias", "fan_in_fan_out", "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform",
             "lora_alpha", "lora_dropout", "modules_to_save", "peft_type", "r", "rank_pattern", "revision", "target_modules",
             "exclude_modules", "task_type", "use_rslora", "auto_mapping", "base_model_name_or_path")
    write_json(old / "adapter_config.json", {k: config[k] for k in known})


def tidy_adapter(folder, base="../model"):
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = base
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()  # peft keeps a set
    write_json(folder / "adapter_config.json", config)


# ---- golden values -------------------------------------------------------------------------------------------

def rows_of(case):
    rows = [(picture, question, answer, None) for picture in PICTURES for question, answer in QUESTIONS]
    rows.append((PICTURES[0], *QUESTIONS[0], SYSTEM))
    if case.template is CHATML_TEMPLATE:
        rows.append((None, *QUESTIONS[0], None))
    return rows


@torch.no_grad()
def answers(judge, row, pictures):
    logps = judge.token_logps(row["input_ids"], row["answer_start"], pictures)
    tokens, gaps = judge.greedy(row["prompt_ids"], pictures, STEPS)
    return {"token_logprobs": [round(x, 6) for x in logps.tolist()], "sum": round(logps.double().sum().item(), 6),
            "greedy": {"token_ids": tokens, "gaps": [round(g, 6) for g in gaps], "text": judge.tokenizer.decode(tokens, skip_special_tokens=True)}}


def golden(case, folder, images):
    base, old = Judge(folder / "model"), Judge(folder / "model", folder / "adapter-transformers-4")
    adapted = Judge(folder / "model", folder / "adapter")
    assert base.image_tokens == case.image_tokens
    pixels = {name: base.pixels(images / name) for name in PICTURES}
    rows = []
    for picture, question, answer, system in rows_of(case):
        prompt = base.prompt(question, picture is not None, system)
        alone, both, start = base.sequence(prompt, answer)
        check_expansion(base, prompt, images, picture, alone)
        row = {"image": picture, "system": system, "question": question, "answer": answer, "prompt": prompt,
               "prompt_ids": alone, "input_ids": both, "answer_start": start}
        values = [pixels[picture][1]] if picture else []
        row["base"], row["adapter"] = answers(base, row, values), answers(adapted, row, values)
        assert answers(old, row, values) == row["adapter"]
        rows.append(row)
    crossing = any(r["answer_start"] < len(r["prompt_ids"]) for r in rows)
    assert crossing == case.crossing, f"{case.name}: merges across the prompt's end: {crossing}"
    described = {name: describe(images / name, *p) for name, p in pixels.items()}
    return {"case": case.name, "image_tokens": case.image_tokens, "least_move": round(least_move(base, rows, pixels), 4), "images": described, "rows": rows}


def check_expansion(judge, prompt, images, picture, ids):
    """Our expansion of image tokens is the processor's own, where its folder says enough for it."""
    if picture and getattr(judge.processor, "patch_size", None):
        with Image.open(images / picture) as image:
            assert judge.processor(images=image.convert("RGB"), text=prompt).input_ids[0] == ids


def least_move(judge, rows, pixels):
    """The least that another image, or the adapter taken away, moves a sum by: a test on these rows can fail."""
    moves = [abs(row["base"]["sum"] - row["adapter"]["sum"]) for row in rows]
    for row in rows:
        for other in pixels if row["image"] else ():
            if other != row["image"]:
                with torch.no_grad():
                    moved = judge.token_logps(row["input_ids"], row["answer_start"], [pixels[other][1]]).sum().item()
                moves.append(abs(row["base"]["sum"] - moved))
    return min(moves)


def describe(file, cropped, values):
    with Image.open(file) as image:
        width, height = image.size
    return {"width": width, "height": height, "shape": list(cropped.shape), "rgb": base64.b64encode(cropped.tobytes()).decode(),
            "pixel_values": {"mean": [round(v, 6) for v in values.mean((1, 2)).tolist()],
                             "standard_deviation": [round(v, 6) for v in values.std((1, 2), unbiased=False).tolist()],
                             "first_row_red": [round(v, 6) for v in values[0, 0].tolist()]}}


def write_json(file, value):
    """Indented, but lists of numbers on one line."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    text = re.sub(r"\[\s+((?:-?[\d.e+-]+,\s+)*-?[\d.e+-]+)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text)
    assert json.loads(text) == json.loads(json.dumps(value))
    file.write_text(text + "\n", encoding="utf-8")


def main(out, wanted):
    make_pictures(out / "images")
    for case in CASES:
        if wanted and case.name not in wanted:
            continue
        folder = out / case.name
        for seed in range(case.seed, case.seed + 2000, 100):
            save_checkpoint(case, folder / "model", seed)
            save_adapters(case, folder / "model", folder / "adapter", folder / "adapter-transformers-4", seed)
            result = golden(case, folder, out / "images")
            if result["least_move"] > MOVES:
                break
        else:
            sys.exit(f"{case.name}: no seed moves every sum by {MOVES}")
        write_json(folder / "golden.json", result)
        gaps = [g for r in result["rows"] for k in ("base", "adapter") for g in r[k]["greedy"]["gaps"]]
        print(case.name, sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) // 1000, "kB; rows",
              len(result["rows"]), "seed", seed, "least move", result["least_move"], "smallest gap", min(gaps), "sums", [r["base"]["sum"] for r in result["rows"]][:3], flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(Path(sys.argv[1]), sys.argv[2:])
