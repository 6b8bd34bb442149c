"""Writes tiny random CLIP checkpoints, and the vectors that transformers makes with them.

    python make_clip_fixtures.py OUT

OUT/images/, and for each case OUT/CASE/{model/, golden.json}. The cases differ in many ways at once: the generation of
config.json (true end token or the old 2; `text_config_dict` that overrules `text_config`), where the end token stands in
the vocabulary, precision, shards, stored `position_ids`, activations, heads, patch sizes, lengths, layout of the folder.
"""
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, CLIPConfig, CLIPModel, CLIPTokenizer, logging
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from make_llava_fixtures import DEVIATION, MEAN, save_shards, write_json

WORDS = """a the photo of two three dogs and cats in park on left right red green blue ball bird tree house car under above
beside behind there is are no people sitting running it's don't we're describing pictures""".split()
TEXTS = (
    "a photo of two dogs", "", "   ", "A  PHOTO\tof\nTwo Dogs!", "it's 2026, don't   we're: 3.14",
    "a photo of the red ball and the blue bird on the left of a green tree " * 6,
    "zwei Hunde spielen im Park, schöne Grüße", "公園で遊んでいる二匹の犬", "собака и кошка в парке", "🐕‍🦺 👨‍👩‍👧 e\u0301", "كلبان في الحديقة",
    "a <|endoftext|> b", "a <extra> dog", "<|startoftext|>cats</w>")
PICTURES = ("grey-41x67.png", "wide-150x33.png", "tall-29x118.jpg", "square-64x64.png", "alpha-50x37.png")


@dataclass(frozen=True)
class Case:
    name: str
    seed: int
    text: dict
    vision: dict
    projection: int
    dtype: torch.dtype = torch.float32
    shards: int = 1
    old_end: bool = False
    ends_first: bool = False  # the special tokens stand before all others in the vocabulary
    extra: bool = False  # an added token follows the end token
    dicts: bool = False
    position_ids: bool = False
    new_layout: bool = False
    size: dict = field(default_factory=dict)


CASES = (
    Case("old-f32", 1, old_end=True, dicts=True, position_ids=True, projection=24,
         text=dict(hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4),
         vision=dict(hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=2, image_size=48, patch_size=16)),
    Case("old-f16-extra", 2, old_end=True, extra=True, dtype=torch.float16, projection=16, size={"shortest_edge": 50},
         text=dict(hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=3),
         vision=dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=40, patch_size=8)),
    Case("new-bf16-sharded", 3, extra=True, dtype=torch.bfloat16, shards=3, projection=40, new_layout=True,
         text=dict(hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, hidden_act="gelu"),
         vision=dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=8, hidden_act="gelu", image_size=56,
                     patch_size=14)),
    Case("new-f32-ends-first", 4, ends_first=True, projection=8, new_layout=True, size={"height": 42, "width": 42},
         text=dict(hidden_size=24, intermediate_size=40, num_hidden_layers=1, num_attention_heads=3, max_position_embeddings=30,
                   layer_norm_eps=1e-6),
         vision=dict(hidden_size=40, intermediate_size=40, num_hidden_layers=1, num_attention_heads=5, image_size=42, patch_size=21)),
)


def make_pictures(folder):
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(7)
    for name in PICTURES:
        width, height = map(int, name.split("-")[1].split(".")[0].split("x"))
        y, x = np.mgrid[:height, :width]
        period, phase = noise.uniform(4, 19, 4), noise.uniform(0, 6, 4)
        picture = 128 + 100 * np.sin((x[..., None] + 0.7 * y[..., None]) * 2 * np.pi / period + phase)
        picture = np.clip(picture + noise.normal(0, 14, picture.shape), 0, 255).astype(np.uint8)
        kind = name.split("-")[0]
        image = Image.fromarray(picture[..., 0] if kind == "grey" else picture[..., :3] if kind != "alpha" else picture)
        image.save(folder / name, **({"quality": 90} if name.endswith("jpg") else {}))


def make_tokenizer(case):
    """As OpenAI's: bytes, bytes at a word's end, merges, and the special tokens."""
    trained = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    words = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    trained.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(words, "removed", invert=True),
                                                    pre_tokenizers.ByteLevel(add_prefix_space=False)])
    trained.train_from_iterator([" ".join(WORDS)] * 3, trainers.BpeTrainer(vocab_size=420, end_of_word_suffix="</w>", show_progress=False))
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in json.loads(trained.to_str())["model"]["merges"]]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = letters + [c + "</w>" for c in letters] + list(dict.fromkeys(a + b for a, b in merges))
    special = ["<|startoftext|>", "<|endoftext|>"]
    tokens = special + tokens if case.ends_first else tokens + special
    tokenizer = CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=merges,
                              model_max_length=case.text.get("max_position_embeddings", 77))
    if case.extra:
        tokenizer.add_tokens(["<extra>"], special_tokens=True)
    return tokenizer


def draw(name, weight):
    """Weights so large that signals live."""
    if "norm" in name and name.endswith("weight"):
        weight.normal_(1, 0.1)
    elif weight.dim() < 2 or "embedding.weight" in name and "patch" not in name:
        weight.normal_(0, 0.3)
    else:
        weight.normal_(0, 1.3 * weight[0].numel() ** -0.5)


def build(case, tokenizer):
    ids = dict(bos_token_id=tokenizer.bos_token_id, eos_token_id=2 if case.old_end else tokenizer.eos_token_id)
    config = CLIPConfig(text_config=dict(case.text, vocab_size=len(tokenizer) + 3, **ids), vision_config=dict(case.vision),
                        projection_dim=case.projection)
    model = CLIPModel(config).eval()
    torch.manual_seed(case.seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            draw(name, weight) if weight.dim() else None
    return model.to(case.dtype)


def config_json(case, model):
    config = {**json.loads(model.config.to_json_string()), "architectures": ["CLIPModel"], "dtype": str(case.dtype)[6:]}
    if not case.old_end:
        return config
    config["torch_dtype"] = config.pop("dtype")
    text = {"model_type": "clip_text_model", **case.text, "vocab_size": config["text_config"]["vocab_size"], "bos_token_id": 0, "eos_token_id": 2}
    vision = {"model_type": "clip_vision_model", **case.vision}
    if case.dicts:  # What they say, and their defaults, overrule the rest.
        wrong = {"hidden_act": "gelu", "num_attention_heads": 1, "layer_norm_eps": 0.1}
        config.update(text_config={**text, **wrong, "eos_token_id": 7}, vision_config={**vision, **wrong, "patch_size": 8},
                      text_config_dict=text, vision_config_dict=vision)
    else:
        config.update(text_config=text, vision_config=vision, text_config_dict=None, vision_config_dict=None)
    return config


def save_processor(case, folder):
    side = case.vision["image_size"]
    images = {"crop_size": {"height": side, "width": side}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True,
              "do_rescale": True, "do_resize": True, "image_mean": MEAN, "image_processor_type": "CLIPImageProcessor", "image_std": DEVIATION,
              "resample": 3, "rescale_factor": 1 / 255, "size": case.size or {"shortest_edge": side}}
    if case.new_layout:
        write_json(folder / "processor_config.json", {"image_processor": images, "processor_class": "CLIPProcessor"})
        return
    if case.dicts:
        images = {"crop_size": side, "do_center_crop": True, "do_normalize": True, "do_resize": True, "feature_extractor_type": "CLIPFeatureExtractor",
                  "image_mean": MEAN, "image_std": DEVIATION, "resample": 3, "size": side}
    write_json(folder / "preprocessor_config.json", images)


def save(case, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    tokenizer = make_tokenizer(case)
    tokenizer.save_pretrained(folder)
    model = build(case, tokenizer)
    weights = {k: w.contiguous() for k, w in model.state_dict().items()}
    if case.position_ids:
        for tower, count in (("text_model", 77), ("vision_model", (case.vision["image_size"] // case.vision["patch_size"]) ** 2 + 1)):
            weights[f"{tower}.embeddings.position_ids"] = torch.arange(count)[None]
    save_shards(weights, case.shards, folder)
    write_json(folder / "config.json", config_json(case, model))
    save_processor(case, folder)
    loaded, report = CLIPModel.from_pretrained(folder, output_loading_info=True, dtype=model.dtype)
    assert not report["missing_keys"] and not report["mismatched_keys"], report
    assert all(torch.equal(w, model.state_dict()[k]) for k, w in loaded.state_dict().items())


def unit(vectors):
    return (vectors / vectors.norm(dim=-1, keepdim=True)).tolist()


@torch.no_grad()
def judge(folder, pictures):
    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer, processor = AutoTokenizer.from_pretrained(folder), CLIPImageProcessorPil.from_pretrained(folder)
    longest = model.config.text_config.max_position_embeddings
    ids = [tokenizer(t, truncation=True, max_length=longest).input_ids for t in TEXTS]
    texts = [model.get_text_features(input_ids=torch.tensor([i])).pooler_output[0] for i in ids]
    pixels = [processor(Image.open(pictures / p), return_tensors="pt").pixel_values for p in PICTURES]
    images = [model.get_image_features(pixel_values=p).pooler_output[0] for p in pixels]
    assert max(map(len, ids)) == longest and min(map(len, ids)) == 2
    return {"dimension": model.config.projection_dim, "context_length": longest, "texts": list(TEXTS), "input_ids": ids,
            "text_embeddings": unit(torch.stack(texts)), "images": list(PICTURES), "image_embeddings": unit(torch.stack(images))}


def main(out):
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    make_pictures(out / "images")
    for case in CASES:
        save(case, out / case.name / "model")
        write_json(out / case.name / "golden.json", judge(out / case.name / "model", out / "images"))
        print(case.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
