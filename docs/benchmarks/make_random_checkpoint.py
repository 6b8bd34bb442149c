"""Writes a random LLaVA-1.5 or Qwen2.5-VL checkpoint of any size: a valid Hugging Face folder, streamed tensor by tensor.

    python make_random_checkpoint.py OUT --preset llava-100m [--dtype bf16 --layers 4 ...]

Presets: tiny-llava, tiny-qwen, llava-100m, llava-400m, llava-1b, llava-1.5-7b, qwen2.5-vl-3b, qwen2.5-vl-7b. The last three
have the very shapes and configuration of the published models. Names of tensors and files are the published ones too.
Weights: deviation 1/sqrt(fan in), norms 1, small biases, so that activations stay finite at any depth. Output rows of special
tokens are 0 and the best of the others is well above, so greedy answers do not end before their limit. Large tensors
repeat pieces of one block of random numbers, at random places: 14 GB of bf16 take a minute or two, not half an hour.
Every id of the vocabulary decodes: behind a small trained part the tokenizer is filled up with placeholders.
Needs numpy and tokenizers; a development tool for the benchmarks of this folder.
"""
import argparse
import functools
import itertools
import json
import shutil
from math import prod
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

BLOCK = (1 << 24) + 43  # elements; odd, so that repeated pieces never fall on the same columns
DTYPES = {"f32": ("F32", 4, "float32"), "bf16": ("BF16", 2, "bfloat16")}
MEAN, DEVIATION = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]

LLAVA = {"family": "llava", "dtype": "f32", "hidden": 768, "intermediate": 2048, "layers": 12, "heads": 12, "key_value_heads": 12,
         "vocabulary": 8192, "context": 4096, "tied": False, "image_size": 336, "patch": 14,
         "vision_hidden": 384, "vision_intermediate": 1536, "vision_layers": 12, "vision_heads": 6}
CLIP_LARGE = {"vision_hidden": 1024, "vision_intermediate": 4096, "vision_layers": 24, "vision_heads": 16}
QWEN = {"family": "qwen2_5_vl", "dtype": "bf16", "hidden": 3584, "intermediate": 18944, "layers": 28, "heads": 28, "key_value_heads": 4,
        "vocabulary": 152064, "context": 128000, "tied": False, "image_size": 0, "patch": 14,
        "vision_hidden": 1280, "vision_intermediate": 3420, "vision_layers": 32, "vision_heads": 16}
PRESETS = {
    "tiny-llava": {**LLAVA, "hidden": 64, "intermediate": 128, "layers": 2, "heads": 4, "key_value_heads": 2, "vocabulary": 1024, "image_size": 56,
                   "vision_hidden": 32, "vision_intermediate": 64, "vision_layers": 3, "vision_heads": 4},
    "tiny-qwen": {**QWEN, "hidden": 64, "intermediate": 128, "layers": 2, "heads": 4, "key_value_heads": 2, "vocabulary": 1024, "context": 4096,
                  "vision_hidden": 32, "vision_intermediate": 64, "vision_layers": 4, "vision_heads": 2},
    "llava-100m": LLAVA,
    # 36 image tokens: a row of 64 tokens has room for words.
    "llava-400m": {**LLAVA, "hidden": 1536, "intermediate": 4096, "heads": 12, "key_value_heads": 12, "vocabulary": 32000, "image_size": 84},
    "llava-1b": {**LLAVA, **CLIP_LARGE, "hidden": 2048, "intermediate": 5632, "layers": 16, "heads": 16, "key_value_heads": 16, "vocabulary": 32000},
    "llava-1.5-7b": {**LLAVA, **CLIP_LARGE, "dtype": "bf16", "hidden": 4096, "intermediate": 11008, "layers": 32, "heads": 32,
                     "key_value_heads": 32, "vocabulary": 32064},
    "qwen2.5-vl-3b": {**QWEN, "hidden": 2048, "intermediate": 11008, "layers": 36, "heads": 16, "key_value_heads": 2, "vocabulary": 151936, "tied": True},
    "qwen2.5-vl-7b": QWEN,
}


# ---- tensors: name -> (shape, deviation, or None for ones) ---------------------------------------------------

def linear(name, out, size, bias=False):
    yield f"{name}.weight", (out, size), size ** -0.5
    if bias:
        yield f"{name}.bias", (out,), 0.02


def norm(name, size, bias=False):
    yield f"{name}.weight", (size,), None
    if bias:
        yield f"{name}.bias", (size,), 0.02


def decoder_tensors(o, body, head, bias):
    """A Llama, or a Qwen2 with its biases."""
    width = o.hidden // o.heads
    yield f"{body}.embed_tokens.weight", (o.vocabulary, o.hidden), o.hidden ** -0.5 if o.tied else 0.5
    for i in range(o.layers):
        layer = f"{body}.layers.{i}"
        for name, heads in (("q", o.heads), ("k", o.key_value_heads), ("v", o.key_value_heads)):
            yield from linear(f"{layer}.self_attn.{name}_proj", heads * width, o.hidden, bias)
        yield from linear(f"{layer}.self_attn.o_proj", o.hidden, o.heads * width)
        yield from linear(f"{layer}.mlp.gate_proj", o.intermediate, o.hidden)
        yield from linear(f"{layer}.mlp.up_proj", o.intermediate, o.hidden)
        yield from linear(f"{layer}.mlp.down_proj", o.hidden, o.intermediate)
        yield from norm(f"{layer}.input_layernorm", o.hidden)
        yield from norm(f"{layer}.post_attention_layernorm", o.hidden)
    yield from norm(f"{body}.norm", o.hidden)
    if not o.tied:
        yield from linear(head, o.vocabulary, o.hidden)


def llava_tensors(o):
    tower, width = "vision_tower.vision_model", o.vision_hidden
    yield f"{tower}.embeddings.class_embedding", (width,), 0.3
    yield f"{tower}.embeddings.patch_embedding.weight", (width, 3, o.patch, o.patch), (3 * o.patch ** 2) ** -0.5
    yield f"{tower}.embeddings.position_embedding.weight", ((o.image_size // o.patch) ** 2 + 1, width), 0.3
    yield from norm(f"{tower}.pre_layrnorm", width, True)
    for i in range(o.vision_layers):
        layer = f"{tower}.encoder.layers.{i}"
        for name in "qkv":
            yield from linear(f"{layer}.self_attn.{name}_proj", width, width, True)
        yield from linear(f"{layer}.self_attn.out_proj", width, width, True)
        yield from norm(f"{layer}.layer_norm1", width, True)
        yield from linear(f"{layer}.mlp.fc1", o.vision_intermediate, width, True)
        yield from linear(f"{layer}.mlp.fc2", width, o.vision_intermediate, True)
        yield from norm(f"{layer}.layer_norm2", width, True)
    yield from norm(f"{tower}.post_layernorm", width, True)
    yield from linear("multi_modal_projector.linear_1", o.hidden, width, True)
    yield from linear("multi_modal_projector.linear_2", o.hidden, o.hidden, True)
    yield from decoder_tensors(o, "language_model.model", "language_model.lm_head", False)


def qwen_tensors(o):
    width = o.vision_hidden
    yield "visual.patch_embed.proj.weight", (width, 3, 2, o.patch, o.patch), (6 * o.patch ** 2) ** -0.5
    for i in range(o.vision_layers):
        block = f"visual.blocks.{i}"
        yield from norm(f"{block}.norm1", width)
        yield from norm(f"{block}.norm2", width)
        yield from linear(f"{block}.attn.qkv", 3 * width, width, True)
        yield from linear(f"{block}.attn.proj", width, width, True)
        yield from linear(f"{block}.mlp.gate_proj", o.vision_intermediate, width, True)
        yield from linear(f"{block}.mlp.up_proj", o.vision_intermediate, width, True)
        yield from linear(f"{block}.mlp.down_proj", width, o.vision_intermediate, True)
    yield from norm("visual.merger.ln_q", width)
    yield from linear("visual.merger.mlp.0", 4 * width, 4 * width, True)
    yield from linear("visual.merger.mlp.2", o.hidden, 4 * width, True)
    yield from decoder_tensors(o, "model", "lm_head", True)


# ---- random bytes --------------------------------------------------------------------------------------------

class Weights:
    """Pieces of one block of normal numbers, scaled and rounded once for each deviation."""

    def __init__(self, dtype, seed):
        self.bf16, self.random = dtype == "bf16", np.random.default_rng(seed)
        self.block = self.random.standard_normal(BLOCK, dtype=np.float32)

    @functools.lru_cache(maxsize=4)
    def scaled(self, deviation):
        return self.stored(self.block * np.float32(deviation))

    def stored(self, values):
        if not self.bf16:
            return values.astype("<f4")
        bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")

    def pieces(self, shape, deviation, zero_rows):
        """The tensor's elements in pieces; `zero_rows` of the first dimension are 0."""
        if deviation is None:
            yield self.stored(np.ones(shape, np.float32))
            return
        source, width = self.scaled(deviation), prod(shape[1:])
        step = max(1, BLOCK // 4 // width)  # whole rows
        for first in range(0, shape[0], step):
            rows = min(step, shape[0] - first)
            start = int(self.random.integers(0, BLOCK - rows * width))
            piece = source[start:start + rows * width]
            inside = [row - first for row in zero_rows if first <= row < first + rows]
            if inside:
                piece = piece.copy()
                piece.reshape(rows, width)[inside] = 0
            yield piece


def write_shards(folder, tensors, weights, options, zero_rows):
    code, size, _ = DTYPES[options.dtype]
    shards, filled = [[]], 0
    for tensor in tensors:
        bytes_ = prod(tensor[1]) * size
        if shards[-1] and filled + bytes_ > options.shard_bytes:
            shards.append([])
            filled = 0
        shards[-1].append(tensor)
        filled += bytes_
    where, total = {}, 0
    for number, shard in enumerate(shards, 1):
        file = "model.safetensors" if len(shards) == 1 else f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        header, offset = {"__metadata__": {"format": "pt"}}, 0
        for name, shape, _ in shard:
            end = offset + prod(shape) * size
            header[name] = {"dtype": code, "shape": list(shape), "data_offsets": [offset, end]}
            offset, where[name] = end, file
        total += offset
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(folder / file, "wb") as out:
            out.write(len(text).to_bytes(8, "little") + text)
            for name, shape, deviation in shard:
                zeros = zero_rows if shape[0] == options.vocabulary and len(shape) == 2 and ("lm_head" in name or options.tied) else ()
                for piece in weights.pieces(shape, deviation, zeros):
                    out.write(piece.tobytes() if not piece.flags.c_contiguous else memoryview(piece).cast("B"))
    if len(shards) > 1:
        write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": where})
    return total


# ---- tokenizers ----------------------------------------------------------------------------------------------

SYLLABLES = [a + b for a, b in itertools.product("bcdfghjklmnprstvwz", "aeiou")]


def grow(vocabulary, space, size):
    """Adds syllables and pairs of syllables, then placeholders, up to `size` tokens; returns the merges."""
    merges = []
    for left, right in itertools.chain((tuple(s) for s in SYLLABLES), ((space, s) for s in SYLLABLES),
                                       ((space + a, b) for a, b in itertools.product(SYLLABLES, SYLLABLES))):
        if len(vocabulary) == size:
            break
        vocabulary.append(left + right)
        merges.append((left, right))
    vocabulary += [f"{space}placeholder{i}" for i in range(size - len(vocabulary))]
    return merges


def llava_tokenizer(o):
    """Byte-fallback BPE as Llama's; <image> and <pad> stand at 32000 and 32001 where there are so many, else at the end."""
    special = ["<unk>", "<s>", "</s>"]
    vocabulary = special + [f"<0x{i:02X}>" for i in range(256)] + ["▁"] + [chr(c) for c in range(33, 127)]
    merges = grow(vocabulary, "▁", min(o.vocabulary - 2, 32000))
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(vocabulary)}, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in (*special, "<image>", "<pad>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "image_token": "<image>"}


QWEN_SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>",
                "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"]
QWEN_ADDED = ["<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"]
QWEN_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def qwen_tokenizer(o):
    """Byte-level BPE as Qwen2's, its special tokens at 151643 and on where there are so many, else at the end."""
    vocabulary = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = grow(vocabulary, "Ġ", min(o.vocabulary - len(QWEN_SPECIAL) - len(QWEN_ADDED), 151643))
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(vocabulary)}, merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(QWEN_SPLIT), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in QWEN_SPECIAL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in QWEN_ADDED])
    return tokenizer, {"bos_token": None, "eos_token": "<|im_end|>", "unk_token": None, "pad_token": "<|endoftext|>"}


def fill(tokenizer, size):
    """Placeholders for the rows of the head that no token has."""
    missing = size - tokenizer.get_vocab_size()
    tokenizer.add_tokens([AddedToken(f"<reserved_{i}>", special=False, normalized=False) for i in range(missing)])
    assert tokenizer.get_vocab_size() == size, (tokenizer.get_vocab_size(), size)


# ---- configuration -------------------------------------------------------------------------------------------

LLAVA_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}"
    "{# Render all images first #}{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
    "{# Render all text next #}{% if message['role'] != 'assistant' %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}"
    "{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}"
    "{% generation %}{{ content['text'] + ' '}}{% endgeneration %}{% endfor %}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}")
QWEN_TEMPLATE = (
    "{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}"
    "{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% elif content['type'] == 'video' or 'video' in content %}"
    "{% set video_count.value = video_count.value + 1 %}{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}"
    "<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def llava_config(o, tokenizer):
    dtype, image = DTYPES[o.dtype][2], tokenizer.token_to_id("<image>")
    return {"architectures": ["LlavaForConditionalGeneration"], "ignore_index": -100, "image_token_index": image, "model_type": "llava",
            "image_seq_length": (o.image_size // o.patch) ** 2, "pad_token_id": image + 1, "projector_hidden_act": "gelu",
            "text_config": {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": o.hidden, "hidden_act": "silu",
                            "intermediate_size": o.intermediate, "num_hidden_layers": o.layers, "num_attention_heads": o.heads,
                            "num_key_value_heads": o.key_value_heads, "max_position_embeddings": o.context, "rms_norm_eps": 1e-05,
                            "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0, "tie_word_embeddings": o.tied, "torch_dtype": dtype,
                            "vocab_size": o.vocabulary},
            "tie_word_embeddings": o.tied, "torch_dtype": dtype,
            "vision_config": {"hidden_size": o.vision_hidden, "image_size": o.image_size, "intermediate_size": o.vision_intermediate,
                              "model_type": "clip_vision_model", "num_attention_heads": o.vision_heads, "num_hidden_layers": o.vision_layers,
                              "patch_size": o.patch, "projection_dim": 768, "vocab_size": 32000},
            "vision_feature_layer": -2, "vision_feature_select_strategy": "default"}


def qwen_config(o, tokenizer):
    width = o.hidden // o.heads
    text = width // 8  # sections of the rotary frequencies, 16, 24, 24 of 64
    ids = {name: tokenizer.token_to_id(f"<|{token}|>") for name, token in (
        ("bos_token_id", "endoftext"), ("eos_token_id", "im_end"), ("vision_start_token_id", "vision_start"), ("vision_end_token_id", "vision_end"),
        ("vision_token_id", "vision_pad"), ("image_token_id", "image_pad"), ("video_token_id", "video_pad"))}
    full = [i for i in range(o.vision_layers) if i % (o.vision_layers // 4) == o.vision_layers // 4 - 1] if o.vision_layers > 4 else [o.vision_layers - 1]
    return {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "attention_dropout": 0.0, **ids, "hidden_act": "silu",
            "hidden_size": o.hidden, "initializer_range": 0.02, "intermediate_size": o.intermediate, "max_position_embeddings": o.context,
            "max_window_layers": o.layers, "model_type": "qwen2_5_vl", "num_attention_heads": o.heads, "num_hidden_layers": o.layers,
            "num_key_value_heads": o.key_value_heads, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768,
            "tie_word_embeddings": o.tied, "torch_dtype": DTYPES[o.dtype][2], "use_cache": True, "use_sliding_window": False,
            "vision_config": {"depth": o.vision_layers, "hidden_act": "silu", "hidden_size": o.vision_hidden,
                              "intermediate_size": o.vision_intermediate, "num_heads": o.vision_heads, "in_chans": 3, "out_hidden_size": o.hidden,
                              "patch_size": o.patch, "spatial_merge_size": 2, "spatial_patch_size": o.patch, "window_size": 112,
                              "fullatt_block_indexes": full, "tokens_per_second": 2, "temporal_patch_size": 2},
            "rope_scaling": {"type": "mrope", "mrope_section": [width // 2 - 2 * (3 * text // 2), 3 * text // 2, 3 * text // 2]},
            "vocab_size": o.vocabulary}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_side_files(o, tokenizer, special, config):
    tokenizer.save(str(o.out / "tokenizer.json"))
    qwen = o.family == "qwen2_5_vl"
    template = QWEN_TEMPLATE if qwen else LLAVA_TEMPLATE
    side = {"add_bos_token": not qwen, "clean_up_tokenization_spaces": False, "model_max_length": o.context, "padding_side": "left",
            "processor_class": "Qwen2_5_VLProcessor" if qwen else "LlavaProcessor", "tokenizer_class": "PreTrainedTokenizerFast"}
    write_json(o.out / "config.json", config)
    write_json(o.out / "tokenizer_config.json", {**special, **side, "chat_template": template})
    write_json(o.out / "chat_template.json", {"chat_template": template})
    eos = config.get("eos_token_id", 2)
    pad = tokenizer.token_to_id(special["pad_token"])
    write_json(o.out / "generation_config.json", {"bos_token_id": config.get("bos_token_id", 1), "pad_token_id": pad,
                                                  "eos_token_id": [eos, pad] if qwen else eos})
    images = {"do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": MEAN, "image_std": DEVIATION,
              "resample": 3, "rescale_factor": 1 / 255}
    if qwen:
        images |= {"image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2_5_VLProcessor", "min_pixels": 3136,
                   "max_pixels": 12845056, "patch_size": o.patch, "temporal_patch_size": 2, "merge_size": 2}
    else:
        images |= {"image_processor_type": "CLIPImageProcessor", "processor_class": "LlavaProcessor", "do_center_crop": True,
                   "crop_size": {"height": o.image_size, "width": o.image_size}, "size": {"shortest_edge": o.image_size}}
        write_json(o.out / "processor_config.json", {"image_token": "<image>", "num_additional_image_tokens": 1, "patch_size": o.patch,
                                                     "processor_class": "LlavaProcessor", "vision_feature_select_strategy": "default"})
    write_json(o.out / "preprocessor_config.json", images)


# ---- main ----------------------------------------------------------------------------------------------------

def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="Any number of a preset can be given another value.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--preset", choices=PRESETS, default="llava-100m")
    parser.add_argument("--dtype", choices=DTYPES)
    parser.add_argument("--tied", action=argparse.BooleanOptionalAction)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shard-bytes", type=int, default=5_000_000_000)
    for name, value in LLAVA.items():
        if isinstance(value, int) and not isinstance(value, bool):
            parser.add_argument("--" + name.replace("_", "-"), type=int)
    args = parser.parse_args()
    given = {k: v for k, v in vars(args).items() if v is not None}
    return argparse.Namespace(**{**PRESETS[args.preset], **given})


def main():
    o = parse()
    o.out.mkdir(parents=True, exist_ok=True)
    tokenizer, special = qwen_tokenizer(o) if o.family == "qwen2_5_vl" else llava_tokenizer(o)
    fill(tokenizer, o.vocabulary)
    never = [i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special]
    tensors = list((qwen_tensors if o.family == "qwen2_5_vl" else llava_tensors)(o))
    needed = sum(prod(shape) for _, shape, _ in tensors) * DTYPES[o.dtype][1]
    free = shutil.disk_usage(o.out).free
    if needed > free:
        raise SystemExit(f"{o.out} needs {needed / 1e9:.1f} GB and has {free / 1e9:.1f} GB free")
    config = (qwen_config if o.family == "qwen2_5_vl" else llava_config)(o, tokenizer)
    write_side_files(o, tokenizer, special, config)
    total = write_shards(o.out, tensors, Weights(o.dtype, o.seed), o, never)
    vision = sum(prod(s) for n, s, _ in tensors if n.startswith(("vision_tower", "visual")))
    print(json.dumps({"parameters": sum(prod(s) for _, s, _ in tensors), "vision_parameters": vision, "bytes": total}))


if __name__ == "__main__":
    main()
