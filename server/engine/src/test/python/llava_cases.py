"""The checkpoints: each differs from the others in many ways at once, so that together they cover what the engine reads.

`text`, `vision` and `llava` are configuration fields; what stands at transformers' default is left out of old config
files, as old files leave it out.
"""
from dataclasses import dataclass, field

import torch

import llava_tokenizers

LANGUAGE_LAYERS = r".*language_model.*\."
ALL_TARGETS = LANGUAGE_LAYERS + "(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"


@dataclass(frozen=True)
class Case:
    name: str
    seed: int
    tokenizer: callable
    template: str
    text: dict
    vision: dict
    llava: dict = field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    shards: int = 1
    names: str = "old"  # of tensors: old (transformers 4), new (in memory since 4.52), saved (as transformers 5 writes them)
    layout: str = "old"  # of the folder: old, tokenizer (the template stands in tokenizer_config.json), new
    old_config: bool = False  # rope_scaling beside rope_theta, torch_dtype, defaults left out
    shortest_edge: int | None = None  # resized to this before the crop; the crop's size if absent
    spare_rows: int = 0  # of the embedding, beyond the tokenizer's ids, as published checkpoints have
    lora: dict = field(default_factory=dict)

    @property
    def crossing(self):
        return self.tokenizer is llava_tokenizers.crossing

    @property
    def patches(self):
        return (self.vision["image_size"] // self.vision["patch_size"]) ** 2

    @property
    def image_tokens(self):
        return self.patches + (self.llava.get("vision_feature_select_strategy", "default") == "full")


def vision(image_size, **more):
    return {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2,
            "image_size": image_size, "patch_size": 14, "projection_dim": 16, **more}


CASES = [
    Case("full-untied-f32-old", 11, llava_tokenizers.sentencepiece, llava_tokenizers.LLAVA_TEMPLATE,
         text={"hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 4,
               "num_key_value_heads": 4, "max_position_embeddings": 256},
         vision=vision(42), old_config=True, spare_rows=12,
         lora={"r": 4, "lora_alpha": 8, "target_modules": LANGUAGE_LAYERS + "(q_proj|v_proj)"}),
    Case("grouped-tied-bf16-sharded-new", 12, llava_tokenizers.byte_level, llava_tokenizers.CHATML_TEMPLATE,
         text={"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
               "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 512, "rms_norm_eps": 1e-5,
               "rope_parameters": {"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0,
                                   "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
               "tie_word_embeddings": True},
         vision=vision(56), llava={"tie_word_embeddings": True, "vision_feature_layer": 1},
         dtype=torch.bfloat16, shards=3, names="new", layout="new", shortest_edge=61,
         lora={"r": 4, "lora_alpha": 8, "target_modules": ALL_TARGETS, "use_rslora": True}),
    Case("grouped-untied-f16-crossing", 13, llava_tokenizers.crossing,
         llava_tokenizers.LLAVA_TEMPLATE,
         text={"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
               "num_key_value_heads": 1, "max_position_embeddings": 256, "attention_bias": True,
               "rope_parameters": {"rope_type": "linear", "rope_theta": 1000.0, "factor": 2.0}},
         vision=vision(28, hidden_act="gelu", num_attention_heads=4),
         llava={"vision_feature_layer": [-2, -1], "vision_feature_select_strategy": "full"},
         dtype=torch.float16, layout="new", old_config=True,
         lora={"r": 4, "lora_alpha": 8, "target_modules": ALL_TARGETS, "rank_pattern": {"q_proj": 2, "layers.1.mlp.down_proj": 6},
               "alpha_pattern": {"v_proj": 16, "layers.0.mlp.gate_proj": 3}}),
    Case("full-tied-f32-new", 14, llava_tokenizers.byte_level, llava_tokenizers.CHATML_TEMPLATE,
         text={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
               "num_key_value_heads": 2, "max_position_embeddings": 512, "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
               "tie_word_embeddings": True},
         vision=vision(42, num_hidden_layers=2), llava={"tie_word_embeddings": True, "vision_feature_layer": [1, 2]},
         names="new", layout="new",
         lora={"r": 4, "lora_alpha": 6, "exclude_modules": ".*vision_tower.*",
               "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]}),
    Case("grouped-tied-f32", 15, llava_tokenizers.crossing, llava_tokenizers.LLAVA_TEMPLATE,
         text={"hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 4,
               "num_key_value_heads": 2, "max_position_embeddings": 256, "tie_word_embeddings": True},
         vision=vision(28), llava={"tie_word_embeddings": True}, names="saved", layout="tokenizer", old_config=True,
         lora={"r": 4, "lora_alpha": 8, "target_modules": ALL_TARGETS}),
]
