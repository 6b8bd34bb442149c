"""The Qwen2.5-VL checkpoints: each differs from the others in many ways at once, as in `llava_cases.py`."""
from dataclasses import dataclass, field

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from llava_tokenizers import WORDS

PROJECTIONS = "(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
# Matches both generations' module names, and none of the tower, whose blocks have an mlp of the same names.
ALL_TARGETS = r"model\.(language_model\.)?layers\..*\." + PROJECTIONS
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>")
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


@dataclass(frozen=True)
class QwenCase:
    name: str
    seed: int
    text: dict
    vision: dict
    tied: bool
    dtype: torch.dtype = torch.float32
    shards: int = 1
    names: str = "published"  # of tensors: published (`visual.`, `model.layers.`; transformers 5 saves them, too), or new (as in memory)
    layout: str = "published"  # of the folder: published (flat config.json), or new (nested, as transformers 5 writes it)
    template: str = "json"  # where it stands: chat_template.json, chat_template.jinja, or nowhere
    pixels: dict = field(default_factory=dict)  # of the image processor, in the keys of the layout
    spare_rows: int = 0  # of the embedding, beyond the tokenizer's ids, as published checkpoints have
    lora: dict = field(default_factory=dict)


def text(**more):
    return {"hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
            "max_position_embeddings": 512, "rms_norm_eps": 1e-6, **more}


def vision(**more):
    """Several windows even of small pictures; one layer looks at all of them."""
    return {"hidden_size": 32, "intermediate_size": 40, "depth": 3, "num_heads": 2, "patch_size": 14, "window_size": 56,
            "fullatt_block_indexes": [1], "spatial_merge_size": 2, "temporal_patch_size": 2, "tokens_per_second": 2, **more}


CASES = [
    QwenCase("untied-f32-published", 21, text(num_key_value_heads=1, mrope_section=[2, 2, 2]), vision(), tied=False, spare_rows=9,
             pixels={"min_pixels": 56 * 56, "max_pixels": 28 * 28 * 1280},
             lora={"r": 4, "lora_alpha": 8, "target_modules": ["k_proj", "o_proj", "q_proj", "v_proj"]}),
    QwenCase("tied-bf16-sharded-published", 22,
             text(hidden_size=64, intermediate_size=72, mrope_section=[2, 3, 3], rope_theta=10000.0),
             vision(patch_size=8, window_size=32, fullatt_block_indexes=[0, 2]), tied=True, dtype=torch.bfloat16, shards=3,
             pixels={"min_pixels": 16 * 16, "max_pixels": 80 * 96},
             lora={"r": 4, "lora_alpha": 8, "target_modules": ALL_TARGETS, "use_rslora": True}),
    QwenCase("tied-f32-new", 23, text(mrope_section=[1, 2, 3]), vision(num_heads=4, depth=2), tied=True, names="new", layout="new",
             template="jinja", pixels={"size": {"shortest_edge": 28 * 28 * 6, "longest_edge": 28 * 28 * 12}},
             lora={"r": 4, "lora_alpha": 6, "target_modules": ALL_TARGETS, "rank_pattern": {"q_proj": 2}}),
    QwenCase("untied-bf16-sharded-new", 24, text(num_key_value_heads=4, num_hidden_layers=3, mrope_section=[4, 1, 1]),
             vision(patch_size=8, window_size=48), tied=False, dtype=torch.bfloat16, shards=2, names="new", layout="new", template="none",
             pixels={"size": {"shortest_edge": 16 * 16 * 2, "longest_edge": 16 * 16 * 30}},
             lora={"r": 4, "lora_alpha": 8, "target_modules": ALL_TARGETS}),
]


def tokenizer():
    """As Qwen2.5-VL's: characters composed, words found by a regular expression, merges over bytes, nothing prepended."""
    made = Tokenizer(models.BPE())
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    made.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    made.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    trainer = trainers.BpeTrainer(
        vocab_size=256 + 120, show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    made.train_from_iterator([" ".join(WORDS), "\n".join(WORDS)] * 3, trainer)
    made.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    return made
