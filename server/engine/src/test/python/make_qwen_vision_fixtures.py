"""Writes tiny random vision towers of Qwen2.5-VL, and what transformers makes of a few pictures.

    python make_qwen_vision_fixtures.py OUT

OUT/images/, and for each case OUT/CASE/{config.json, preprocessor_config.json or processor_config.json, model.safetensors,
golden.safetensors}. The golden file holds, by picture, what the image processor of the Pillow backend and the tower say:

    NAME.grid      [2], I64       rows and columns of patches
    NAME.levels    [patches, 3 * size * size], U8   the 8-bit level of each pixel value (of one frame: all are equal)
    NAME.features  [tokens, out_hidden_size], F32   of the tower in float32
    values         [3, 256], F32  what each level of each channel becomes
    smart_resize   [n, 4], I64    heights and widths, and what they are resized to
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import logging
from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLVisionConfig
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VisionTransformerPretrainedModel
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil, smart_resize

MEAN, DEVIATION = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
PICTURES = {"landscape": (71, 43), "portrait": (38, 90), "tiny": (3, 4), "exact": (56, 56), "wide": (150, 11)}
SIZES = [(1, 1), (10, 2000), (28, 28), (42, 42), (14, 70), (31, 53), (97, 130), (480, 640), (768, 1024), (1080, 1920), (3000, 15),
         (4032, 3024), (5000, 5000), (6000, 9000), (200, 1), (1, 200), (1234, 567)]

# Two windows a side and more, ragged at the borders; one layer looks at the whole picture, in the middle or at the end.
CASES = {
    "small-patches": {  # keys as published: bounds by name, in_chans, the old model_type
        "vision": dict(depth=4, hidden_size=32, intermediate_size=44, num_heads=2, out_hidden_size=24, patch_size=4, spatial_merge_size=2,
                       temporal_patch_size=2, window_size=16, fullatt_block_indexes=[1], hidden_act="silu"),
        "published": dict(model_type="qwen2_5_vl", in_chans=3, spatial_patch_size=4, tokens_per_second=2),
        "processor": dict(min_pixels=1024, max_pixels=4096, patch_size=4, temporal_patch_size=2, merge_size=2),
        "file": "preprocessor_config.json"},
    "large-patches": {  # keys as transformers 5 saves them; three tokens a side, heads of another width, other normalization
        "vision": dict(depth=4, hidden_size=24, intermediate_size=52, num_heads=2, out_hidden_size=20, patch_size=8, spatial_merge_size=2,
                       temporal_patch_size=2, window_size=55, fullatt_block_indexes=[3], hidden_act="silu"),
        "processor": dict(size={"shortest_edge": 36 * 256, "longest_edge": 60 * 256}, patch_size=8, temporal_patch_size=2, merge_size=2,
                          image_mean=[0.5, 0.4, 0.3], image_std=[0.5, 0.25, 0.125], resample=2),
        "file": "processor_config.json"},
    "three-merged": {  # other merging, activation and frames
        "vision": dict(depth=3, hidden_size=16, intermediate_size=36, num_heads=2, out_hidden_size=16, patch_size=2, spatial_merge_size=3,
                       temporal_patch_size=1, window_size=13, fullatt_block_indexes=[0], hidden_act="gelu"),
        "processor": dict(min_pixels=324, max_pixels=1500, patch_size=2, temporal_patch_size=1, merge_size=3),
        "file": "preprocessor_config.json"},
}


def make_pictures(folder):
    """Odd sizes, fine texture and saturated colors."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(11)
    for name, (width, height) in PICTURES.items():
        y, x = np.mgrid[:height, :width]
        period, tilt, phase = noise.uniform(3, 17, 3), noise.uniform(-1, 1, 3), noise.uniform(0, 6, 3)
        picture = 128 + 110 * np.sin((x[..., None] + tilt * y[..., None]) * 2 * np.pi / period + phase) + noise.normal(0, 12, (height, width, 3))
        picture[height // 4:height // 2, width // 3:width // 2] = noise.integers(0, 256, 3)
        Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(folder / f"{name}.png")


def build(vision, seed):
    tower = Qwen2_5_VisionTransformerPretrainedModel(Qwen2_5_VLVisionConfig(**vision)).eval()
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in tower.named_parameters():
            if "norm" in name or "ln_q" in name:
                weight.normal_(1, 0.1)
            elif weight.dim() < 2:
                weight.normal_(0, 0.3)
            else:
                weight.normal_(0, 1.3 * weight[0].numel() ** -0.5)
    return tower


def save_checkpoint(case, tower, folder):
    save_file({f"visual.{k}": w.contiguous() for k, w in tower.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    vision = {**case["vision"], **case["published"]} if "published" in case else json.loads(tower.config.to_json_string(use_diff=False))
    write_json(folder / "config.json", {"model_type": "qwen2_5_vl", "vision_config": vision})
    images = {"image_mean": MEAN, "image_std": DEVIATION, "image_processor_type": "Qwen2VLImageProcessor", **case["processor"]}
    write_json(folder / case["file"], images if case["file"].startswith("pre") else {"image_processor": images})
    return Qwen2VLImageProcessorPil(**{k: v for k, v in images.items() if k != "image_processor_type"})


def levels_of(patches, processor):
    """The 8-bit levels that pixel values came from, of one frame."""
    frames, size = processor.temporal_patch_size, processor.patch_size
    patches = patches.reshape(-1, 3, frames, size * size)
    assert (patches == patches[:, :, :1]).all()
    mean, deviation = (np.asarray(v, np.float64).reshape(1, 3, 1) for v in (processor.image_mean, processor.image_std))
    return np.rint((patches[:, :, 0] * deviation + mean) * 255).astype(np.uint8).reshape(len(patches), -1)


def values_of(processor):
    """What each level becomes: a row of them, as high as one token is, that needs no resizing."""
    factor = processor.patch_size * processor.merge_size
    width = -(-256 // factor) * factor
    row = np.minimum(np.arange(width), 255).astype(np.uint8)
    picture = Image.fromarray(np.broadcast_to(row[None, :, None], (factor, width, 3)).copy())
    patches = processor(picture, do_resize=False, return_tensors="np")["pixel_values"]
    levels, values = levels_of(patches, processor), np.full((3, 256), np.nan, np.float32)
    plane = processor.patch_size ** 2
    kept = patches.reshape(-1, 3, processor.temporal_patch_size, plane)[:, :, 0]
    for channel in range(3):
        values[channel, levels[:, channel * plane:(channel + 1) * plane]] = kept[:, channel]
    assert not np.isnan(values).any()
    return values


def golden(processor, tower, images):
    values = values_of(processor)
    said = {"values": torch.from_numpy(values)}
    for file in sorted(images.glob("*.png")):
        inputs = processor(Image.open(file), return_tensors="pt", input_data_format="channels_last")
        pixels, (_, rows, columns) = inputs["pixel_values"], inputs["image_grid_thw"][0].tolist()
        levels = levels_of(pixels.numpy(), processor)
        plane = processor.patch_size ** 2
        again = np.stack([values[c, levels[:, c * plane:(c + 1) * plane]] for c in range(3)], axis=1)
        assert (np.repeat(again[:, :, None], processor.temporal_patch_size, 2).reshape(pixels.shape) == pixels.numpy()).all()
        with torch.no_grad():
            features = tower(pixels, grid_thw=inputs["image_grid_thw"]).pooler_output
        print(file.stem, rows, columns, tuple(features.shape), f"{features.std():.3f}")
        said |= {f"{file.stem}.grid": torch.tensor([rows, columns]), f"{file.stem}.levels": torch.from_numpy(levels),
                 f"{file.stem}.features": features.contiguous()}
    factor, bounds = processor.patch_size * processor.merge_size, (processor.size["shortest_edge"], processor.size["longest_edge"])
    said["smart_resize"] = torch.tensor([(h, w, *smart_resize(h, w, factor, *bounds)) for h, w in SIZES])
    return said


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(out):
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    make_pictures(out / "images")
    for seed, (name, case) in enumerate(CASES.items()):
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        print(name)
        tower = build(case["vision"], seed)
        processor = save_checkpoint(case, tower, folder)
        save_file(golden(processor, tower, out / "images"), folder / "golden.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
