"""What transformers says about a Qwen2.5-VL checkpoint, in float32, attention eager, on the CPU; see `judge.py`."""
import json

import numpy as np
import torch
from PIL import Image
from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from judge import Judge, load_adapter
from template_cases import QWEN_VL

IMAGE = "<|image_pad|>"


class QwenJudge(Judge):
    """A picture is (pixel values [patches, values of a patch], grid [1, rows, columns] of patches)."""

    def __init__(self, folder, adapter=None):
        self.model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.images = Qwen2VLImageProcessorPil.from_pretrained(folder)
        self.config = self.model.config
        file = folder / "chat_template.json"
        self.template = json.loads(file.read_text())["chat_template"] if file.is_file() else self.tokenizer.chat_template or QWEN_VL
        self.ends = set(json.loads((folder / "generation_config.json").read_text())["eos_token_id"])
        self.policy = load_adapter(self.model, adapter, {r"^model\.layers\.": "model.language_model.layers."}) if adapter else None

    def prompt(self, question, pictures, system=None):
        messages = [{"role": "system", "content": [{"type": "text", "text": system}]}] if system else []
        messages.append({"role": "user", "content": [{"type": "image"}] * int(pictures) + [{"type": "text", "text": question}]})
        return self.tokenizer.apply_chat_template(messages, chat_template=self.template, add_generation_prompt=True, tokenize=False)

    def tokens(self, picture):
        """How many image tokens a picture takes."""
        return int(picture[1].prod()) // self.images.merge_size ** 2

    def ids(self, text, pictures=()):
        """Each image token repeated for its picture, as Qwen2_5_VLProcessor does it."""
        first, *rest = text.split(IMAGE)
        assert len(rest) == len(pictures)
        return self.tokenizer(first + "".join(IMAGE * self.tokens(p) + part for p, part in zip(pictures, rest))).input_ids

    def pixels(self, file):
        """Resized uint8 [height, width, 3], and the picture."""
        image = Image.open(file).convert("RGB")
        made = self.images(images=[image], return_tensors="pt")
        plain = self.images(images=[image], do_rescale=False, do_normalize=False, return_tensors="np")
        return self._unpatched(plain.pixel_values, made.image_grid_thw[0]), (made.pixel_values, made.image_grid_thw[0])

    def _unpatched(self, patches, grid):
        side, merge, (_, rows, columns) = self.images.patch_size, self.images.merge_size, grid.tolist()
        first = patches.reshape(rows // merge, columns // merge, merge, merge, 3, self.images.temporal_patch_size, side, side)[:, :, :, :, :, 0]
        return first.transpose(0, 2, 5, 1, 3, 6, 4).reshape(rows * side, columns * side, 3).astype(np.uint8)

    def positions(self, ids, pictures):
        """Temporal, height and width position of each token, and the position after the last."""
        if not pictures:
            return [list(range(len(ids)))] * 3, len(ids)
        inputs = self._pictures(ids, pictures)
        del inputs["pixel_values"]
        found, delta = self.model.model.get_rope_index(torch.tensor([ids]), **inputs)
        return found[:, 0].tolist(), len(ids) + delta.item()

    def _logits(self, ids, pictures):
        return self.model(input_ids=torch.tensor([ids]), **self._pictures(ids, pictures)).logits[0]

    def _pictures(self, ids, pictures):
        if not pictures:
            return {}
        return {"pixel_values": torch.cat([p[0] for p in pictures]), "image_grid_thw": torch.stack([p[1] for p in pictures]),
                "mm_token_type_ids": (torch.tensor([ids]) == self.config.image_token_id).int()}
