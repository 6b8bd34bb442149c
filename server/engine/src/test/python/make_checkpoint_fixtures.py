"""Makes the fixtures of the package checkpoint beside this script, in ../resources/checkpoint.

A development tool (torch, transformers, peft, safetensors), never run by the build:

    python make_checkpoint_fixtures.py
"""

import json
import math
import pathlib
import shutil

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

OUT = pathlib.Path(__file__).resolve().parent.parent / "resources" / "checkpoint"


def tiny_llava(seed=0):
    torch.manual_seed(seed)
    config = LlavaConfig(
        text_config=LlamaConfig(vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
                                num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=64),
        vision_config=CLIPVisionConfig(hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
                                       image_size=8, patch_size=4, projection_dim=8),
        image_token_index=31, tie_word_embeddings=False)
    return LlavaForConditionalGeneration(config).eval()


def half_precision_shards():
    """A bf16 checkpoint in several shards, and its tensors in fp32 by the same names."""
    folder = OUT / "sharded-bf16"
    model = tiny_llava().to(torch.bfloat16)
    model.save_pretrained(folder, max_shard_size="6KB")
    (folder / "generation_config.json").unlink(missing_ok=True)
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    from safetensors.torch import load_file
    tensors = {}
    for shard in set(index["weight_map"].values()):
        tensors |= load_file(folder / shard)
    save_file({k: v.float() for k, v in tensors.items()}, OUT / "sharded-expected.safetensors")


def names():
    """The names that one model's tensors have in a saved folder and in memory (the new layout)."""
    model = tiny_llava()
    folder = OUT / "tmp"
    model.save_pretrained(folder)
    from safetensors import safe_open
    with safe_open(folder / "model.safetensors", "pt") as file:
        saved = sorted(file.keys())
    shutil.rmtree(folder)
    (OUT / "names.json").write_text(json.dumps({"saved": saved, "in_memory": sorted(model.state_dict())}, indent=1) + "\n")


def special_floats():
    """Values at the edges of each type, as torch widens them."""
    values = torch.tensor([0.0, -0.0, 1.0, -1.5, 6e-8, 6.1e-5, 65504.0, math.inf, -math.inf, 1e-40, -3e38, 0.1])
    tensors = {}
    for name, dtype in {"f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64}.items():
        stored = (values.double() * (1 + 1e-9)).to(dtype)
        tensors[name] = stored
        tensors[name + ".expected"] = stored.float()
    save_file(tensors, OUT / "floats.safetensors")


def adapter(name, **options):
    """An adapter as peft saves it, and each module's scaling as peft computes it."""
    model = get_peft_model(tiny_llava(), LoraConfig(lora_dropout=0.0, bias="none", **options))
    torch.manual_seed(1)
    scalings = {}
    for key, module in model.named_modules():
        if hasattr(module, "lora_A"):
            torch.nn.init.normal_(module.lora_B["default"].weight)
            scalings[key] = module.scaling["default"]
    model.peft_config["default"].base_model_name_or_path = "tiny-llava"
    model.save_pretrained(OUT / name)
    (OUT / name / "README.md").unlink(missing_ok=True)
    (OUT / name / "scalings.json").write_text(json.dumps(scalings, indent=1) + "\n")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    half_precision_shards()
    names()
    special_floats()
    language = r".*language_model.*\.(q_proj|v_proj|down_proj)"
    adapter("adapter-plain", r=2, lora_alpha=4, target_modules=language)
    adapter("adapter-patterns", r=2, lora_alpha=4, target_modules=language, use_rslora=True,
            rank_pattern={"v_proj": 3, r"layers\.1\.mlp\.down_proj": 1}, alpha_pattern={r"0\.self_attn\.q_proj": 7, "v_proj": 5})
    adapter("adapter-vision", r=2, lora_alpha=4, target_modules=["q_proj", "v_proj"])


if __name__ == "__main__":
    main()
