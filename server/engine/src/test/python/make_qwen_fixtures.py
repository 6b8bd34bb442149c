"""Writes tiny random Qwen2.5-VL checkpoints with adapters, and what transformers and peft say about them.

    python make_qwen_fixtures.py OUT [CASE...]

For each case OUT/CASE/{model/, adapter/, adapter-transformers-4/, golden.json}; and OUT/training/, gradients of the loss on
one of them. The pictures are those of OUT/../llava/images.
"""
import json
import re
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, logging

import make_training_fixtures as training
from make_llava_fixtures import (DEVIATION, EXTRA, MEAN, MOVES, PICTURES, QUESTIONS, STEPS, SYSTEM, answers, draw, save_shards, tidy_adapter, write_json,
                                 write_old_adapter)
from qwen_cases import ALL_TARGETS, CASES, QwenCase, tokenizer
from qwen_judge import QwenJudge
from template_cases import QWEN_VL

TRAINED = "tied-bf16-sharded-published"
CERTAIN = 16
NEVER = ("<|endoftext|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>")


# ---- checkpoints ---------------------------------------------------------------------------------------------

def special_ids(made):
    return {"bos_token_id": made.token_to_id("<|endoftext|>"), "eos_token_id": made.token_to_id("<|im_end|>"),
            "vision_start_token_id": made.token_to_id("<|vision_start|>"), "vision_end_token_id": made.token_to_id("<|vision_end|>"),
            "image_token_id": made.token_to_id("<|image_pad|>"), "video_token_id": made.token_to_id("<|video_pad|>")}


def build(case: QwenCase, made, seed):
    ids = special_ids(made)
    fields = dict(case.text)
    rope = {"rope_type": "default", "rope_theta": fields.pop("rope_theta", 1e6), "mrope_section": fields.pop("mrope_section")}
    text = {**fields, "vocab_size": made.get_vocab_size() + case.spare_rows, "rope_parameters": rope,
            **{k: ids.pop(k) for k in ("bos_token_id", "eos_token_id")}}
    vision = {**case.vision, "out_hidden_size": case.text["hidden_size"]}
    config = Qwen2_5_VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=case.tied, **ids)
    model = Qwen2_5_VLForConditionalGeneration(config).eval()
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            draw(name.replace("ln_q", "norm"), weight)
        never = [made.token_to_id(t) for t in NEVER] + list(range(made.get_vocab_size(), text["vocab_size"]))
        for table in (model.get_input_embeddings(), model.get_output_embeddings()):
            table.weight[never] = 0  # logit 0, never the best: such tokens do not occur in answers
    return model.to(case.dtype)


def tensor_name(case, name):
    """The name in the file of a tensor that is called `name` in memory."""
    return name if case.names == "new" else re.sub(r"^model\.(language_model|visual)\.", lambda m: {"language_model": "model.", "visual": "visual."}[m[1]], name)


def config_json(case, model):
    config = {**json.loads(model.config.to_json_string()), "architectures": ["Qwen2_5_VLForConditionalGeneration"], "dtype": str(case.dtype)[6:]}
    if case.layout == "new":
        return config
    text = {k: v for k, v in config["text_config"].items() if k in (*case.text, "vocab_size", "bos_token_id", "eos_token_id")}
    vision = {"in_chans": 3, "spatial_patch_size": case.vision["patch_size"], "hidden_act": "silu", "out_hidden_size": text["hidden_size"], **case.vision}
    return {"architectures": config["architectures"], "attention_dropout": 0.0, "hidden_act": "silu", "initializer_range": 0.02, "max_window_layers": 2,
            "model_type": "qwen2_5_vl", **text, **{k: config[k] for k in config if k.endswith("_token_id")}, "rope_theta": case.text.get("rope_theta", 1e6),
            "rope_scaling": {"type": "mrope", "mrope_section": case.text["mrope_section"]}, "sliding_window": 256, "tie_word_embeddings": case.tied,
            "torch_dtype": config["dtype"], "transformers_version": "4.41.2", "use_cache": True, "use_sliding_window": False, "vision_config": vision}


def save_tokenizer(case, made, folder):
    made.save(str(folder / "tokenizer.json"))
    names = [t for t in made.get_added_tokens_decoder().values() if t.special]
    added = {str(made.token_to_id(t.content)): {"content": t.content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
             for t in names}
    config = {"add_prefix_space": False, "bos_token": None, "clean_up_tokenization_spaces": False, "eos_token": "<|im_end|>", "errors": "replace",
              "model_max_length": 131072, "pad_token": "<|endoftext|>", "split_special_tokens": False, "tokenizer_class": "Qwen2Tokenizer", "unk_token": None}
    if case.layout == "published":
        config.update(add_bos_token=False, added_tokens_decoder=added, additional_special_tokens=[t.content for t in names[1:]])
    else:
        config.update(extra_special_tokens=[t.content for t in names[1:]], processor_class="Qwen2_5_VLProcessor")
    write_json(folder / "tokenizer_config.json", config)


def save_processor(case, folder):
    images = {"image_mean": MEAN, "image_std": DEVIATION, "image_processor_type": "Qwen2VLImageProcessor", "merge_size": case.vision["spatial_merge_size"],
              "patch_size": case.vision["patch_size"], "temporal_patch_size": case.vision["temporal_patch_size"], **case.pixels}
    if case.layout == "published":
        write_json(folder / "preprocessor_config.json", {**images, "processor_class": "Qwen2_5_VLProcessor"})
    else:
        more = {"do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True, "resample": 3, "rescale_factor": 1 / 255}
        write_json(folder / "processor_config.json", {"image_processor": {**images, **more}, "processor_class": "Qwen2_5_VLProcessor"})
    if case.template == "json":
        write_json(folder / "chat_template.json", {"chat_template": QWEN_VL})
    if case.template == "jinja":
        (folder / "chat_template.jinja").write_text(QWEN_VL, encoding="utf-8")


def save_checkpoint(case, folder, seed):
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    made = tokenizer()
    model = build(case, made, seed)
    weights = {tensor_name(case, k): w.contiguous() for k, w in model.state_dict().items() if not (k == "lm_head.weight" and case.tied)}
    save_shards(weights, case.shards, folder)
    write_json(folder / "config.json", config_json(case, model))
    ids = special_ids(made)
    write_json(folder / "generation_config.json", {"bos_token_id": ids["bos_token_id"], "pad_token_id": ids["bos_token_id"], "do_sample": True,
                                                   "eos_token_id": [ids["eos_token_id"], ids["bos_token_id"]], "temperature": 1e-6})
    save_tokenizer(case, made, folder)
    save_processor(case, folder)
    loaded, report = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, output_loading_info=True, dtype=model.dtype)
    assert not report["missing_keys"] and not report["unexpected_keys"] and not report["mismatched_keys"], report
    assert all(torch.equal(w, model.state_dict()[k]) for k, w in loaded.state_dict().items())
    drawn = model.config.text_config.rope_parameters
    assert {k: loaded.config.text_config.rope_parameters[k] for k in drawn} == drawn


# ---- adapters ------------------------------------------------------------------------------------------------

def save_adapters(case, model_folder, new, old, seed):
    policy = get_peft_model(Qwen2_5_VLForConditionalGeneration.from_pretrained(model_folder, dtype=torch.float32),
                            LoraConfig(lora_dropout=0.0, bias="none", **case.lora))
    torch.manual_seed(seed + 1)
    with torch.no_grad():
        for name, weight in policy.named_parameters():
            if "lora_" in name:
                weight.normal_(0, weight.shape[1] ** -0.5 if "lora_A" in name else 0.1)
    policy.save_pretrained(new)
    tidy_adapter(new)
    write_old_adapter(new, old, "base_model.model.model.language_model.", "base_model.model.model.")


# ---- golden values -------------------------------------------------------------------------------------------

def rows_of():
    rows = [([picture], *asked, None) for picture in PICTURES for asked in QUESTIONS]
    return rows + [([PICTURES[0]], *QUESTIONS[0], SYSTEM), ([PICTURES[0], PICTURES[1]], *QUESTIONS[0], None),
                   ([PICTURES[1], EXTRA[5], PICTURES[0]], *QUESTIONS[1], None), ([], *QUESTIONS[0], None)]


def golden(case, folder, images):
    base, old, adapted = (QwenJudge(folder / "model", *a) for a in ([], [folder / "adapter-transformers-4"], [folder / "adapter"]))
    seen = {name: base.pixels(images / name) for name in (*PICTURES, EXTRA[5])}
    rows = []
    for names, question, answer, system in rows_of():
        pictures = [seen[name][1] for name in names]
        prompt = base.prompt(question, len(names), system)
        alone, both, start = base.sequence(prompt, answer, pictures)
        positions, following = base.positions(both, pictures)
        row = {"images": names, "system": system, "question": question, "answer": answer, "prompt": prompt, "prompt_ids": alone, "input_ids": both,
               "answer_start": start, "positions": positions, "next": following}
        row["base"], row["adapter"] = answers(base, row, pictures), answers(adapted, row, pictures)
        assert answers(old, row, pictures) == row["adapter"]
        rows.append(row)
    described = {name: describe(base, *seen[name]) for name in seen}
    return {"case": case.name, "least_move": round(least_move(base, rows, seen), 4), "images": described, "rows": rows}


@torch.no_grad()
def least_move(judge, rows, seen):
    """The least that another image in the first's place, or the adapter taken away, moves a sum by."""
    moves = [abs(row["base"]["sum"] - row["adapter"]["sum"]) for row in rows]
    for row in rows:
        for other in seen if row["images"] else ():
            if other != row["images"][0]:
                pictures = [seen[name][1] for name in (other, *row["images"][1:])]
                _, both, start = judge.sequence(row["prompt"], row["answer"], pictures)
                moves.append(abs(row["base"]["sum"] - judge.token_logps(both, start, pictures).sum().item()))
    return min(moves)


def certain_steps(rows):
    """For how many steps, at least, no rounding decides a greedy token; an answer that ends is certain."""
    paths = [row[kind]["greedy"]["gaps"] for row in rows for kind in ("base", "adapter")]
    return min(next((i for i, gap in enumerate(gaps) if gap < 1e-3), STEPS) for gaps in paths)


def describe(judge, resized, picture):
    values, grid = picture
    return {"height": resized.shape[0], "width": resized.shape[1], "grid": grid.tolist(), "tokens": judge.tokens(picture),
            "pixel_values": {"shape": list(values.shape), "mean": round(values.mean().item(), 6), "first_patch_row": [round(v, 6) for v in values[0, :8].tolist()],
                             "last_patch_row": [round(v, 6) for v in values[-1, -8:].tolist()]}}


# ---- training ------------------------------------------------------------------------------------------------

def train(out):
    """Loss and gradients as in resources/training, on a model whose pictures take different numbers of tokens."""
    out.mkdir(parents=True, exist_ok=True)
    model = f"../{TRAINED}/model"
    rows = training.make_rows("../../llava/images")
    (out / "rows.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    judge = training.adapted(QwenJudge(out / model), ALL_TARGETS)
    judge.policy.save_pretrained(out / "adapter")
    tidy_adapter(out / "adapter", model)
    loss, details = training.gradients(judge, rows, out, "self_normalized")
    lengths = {len(s["input_ids"]) for r, d in zip(rows, details) for s in training.describe_row(judge, r, out, d)["sequences"]}
    assert len(lengths) > 8, "pictures of one size show nothing"
    write_json(out / "golden.json", {
        "model": model, "adapter": "adapter", "rows_file": "rows.jsonl", "beta": training.BETA, "text_weight": training.TEXT_WEIGHT,
        "rows": [training.describe_row(judge, r, out, d) for r, d in zip(rows, details)], "losses": {"self_normalized": loss}})


def main(out, wanted):
    for case in CASES:
        if wanted and case.name not in wanted:
            continue
        folder = out / case.name
        for seed in range(case.seed, case.seed + 2000, 100):
            save_checkpoint(case, folder / "model", seed)
            save_adapters(case, folder / "model", folder / "adapter", folder / "adapter-transformers-4", seed)
            result = golden(case, folder, out.parent / "llava" / "images")
            if result["least_move"] > MOVES and certain_steps(result["rows"]) >= CERTAIN:
                break
        else:
            sys.exit(f"{case.name}: no seed moves every sum by {MOVES} and is sure of {CERTAIN} steps")
        write_json(folder / "golden.json", result)
        gaps = [g for r in result["rows"] for k in ("base", "adapter") for g in r[k]["greedy"]["gaps"]]
        print(case.name, sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) // 1000, "kB; rows", len(result["rows"]), "seed", seed,
              "least move", result["least_move"], "smallest gap", min(gaps), "sums", [r["base"]["sum"] for r in result["rows"]][:3], flush=True)
    if not wanted or TRAINED in wanted:
        train(out / "training")


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(Path(sys.argv[1]), sys.argv[2:])
