"""What transformers says about a checkpoint: ids, log-probabilities and greedy tokens, float32, attention eager, on the CPU."""
import torch
from peft import PeftModel
from PIL import Image
from transformers import AutoTokenizer, LlavaForConditionalGeneration, LlavaProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil


class Judge:
    def __init__(self, folder, adapter=None):
        self.model = LlavaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.processor = LlavaProcessor.from_pretrained(folder)
        self.images = CLIPImageProcessorPil(**pil_settings(self.processor.image_processor))
        self.config = self.model.config
        vision = self.config.vision_config
        self.image_tokens = (vision.image_size // vision.patch_size) ** 2 + (self.config.vision_feature_select_strategy == "full")
        self.ends = {self.tokenizer.eos_token_id}
        self.policy = load_adapter(self.model, adapter, {r"^language_model\.model\.": "model.language_model."}) if adapter else None

    def prompt(self, question, with_image, system=None):
        messages = [{"role": "system", "content": [{"type": "text", "text": system}]}] if system else []
        parts = [{"type": "image"}] if with_image else []
        messages.append({"role": "user", "content": parts + [{"type": "text", "text": question}]})
        template = self.processor.chat_template or self.tokenizer.chat_template
        return self.processor.apply_chat_template(messages, chat_template=template, add_generation_prompt=True, tokenize=False)

    def ids(self, text, pictures=()):
        """Every picture takes as many tokens as any other."""
        return self.tokenizer(text.replace("<image>", "<image>" * self.image_tokens)).input_ids

    def sequence(self, prompt, answer, pictures=()):
        """The prompt's ids, those of prompt and answer with the end token, and where the answer starts."""
        alone = self.ids(prompt, pictures)
        both = self.ids(prompt + ("" if prompt[-1].isspace() else " ") + answer, pictures)
        start = next((i for i, (a, b) in enumerate(zip(alone, both)) if a != b), min(len(alone), len(both)))
        return alone, both + [self.tokenizer.eos_token_id], start

    def pixels(self, file):
        """Resized and cropped uint8 [height, width, 3], and the picture: the normalized values [3, height, width]."""
        picture = Image.open(file).convert("RGB")
        cropped = self.images(images=[picture], do_rescale=False, do_normalize=False, return_tensors="np").pixel_values[0]
        return cropped.transpose(1, 2, 0).astype("uint8"), self.images(images=[picture], return_tensors="pt").pixel_values[0]

    def token_logps(self, ids, start, pictures):
        """log p of ids[start:], with gradients if they are on."""
        logits = self._logits(ids, pictures)[start - 1:-1]
        return torch.log_softmax(logits, -1).gather(1, torch.tensor(ids[start:])[:, None])[:, 0]

    @torch.no_grad()
    def greedy(self, ids, pictures, steps):
        """Up to `steps` tokens, the end token included, and how far the best logit leads at each."""
        ids, tokens, gaps = list(ids), [], []
        while len(tokens) < steps and (not tokens or tokens[-1] not in self.ends):
            top = self._logits(ids, pictures)[-1].topk(2)
            tokens.append(top.indices[0].item())
            gaps.append((top.values[0] - top.values[1]).item())
            ids.append(tokens[-1])
        return tokens, gaps

    def _logits(self, ids, pictures):
        inputs = {"pixel_values": torch.stack(tuple(pictures))} if pictures else {}
        return self.model(input_ids=torch.tensor([ids]), **inputs).logits[0]


def pil_settings(processor):
    """The settings of whichever backend was loaded, for Pillow's."""
    names = ("do_resize", "size", "resample", "do_center_crop", "crop_size", "do_rescale", "rescale_factor", "do_normalize",
             "image_mean", "image_std", "do_convert_rgb")
    settings = processor.to_dict()
    return {n: settings[n] for n in names if settings.get(n) is not None}


def load_adapter(model, folder, old):
    """peft's model, whether the adapter's tensors bear transformers 4's names (`old`: to 5's) or 5's; fails if any stays unread."""
    policy = PeftModel.from_pretrained(model, folder, key_mapping=old)  # applied after "base_model.model."
    unread = [n for n, p in policy.named_parameters() if "lora_B" in n and not p.any()]
    assert not unread, f"{folder}: no weights for {unread[:3]}"
    return policy.eval()
