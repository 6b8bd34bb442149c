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
        self.policy = load_adapter(self.model, adapter) if adapter else None

    def prompt(self, question, with_image, system=None):
        messages = [{"role": "system", "content": [{"type": "text", "text": system}]}] if system else []
        parts = [{"type": "image"}] if with_image else []
        messages.append({"role": "user", "content": parts + [{"type": "text", "text": question}]})
        template = self.processor.chat_template or self.tokenizer.chat_template
        return self.processor.apply_chat_template(messages, chat_template=template, add_generation_prompt=True, tokenize=False)

    def ids(self, text):
        return self.tokenizer(text.replace("<image>", "<image>" * self.image_tokens)).input_ids

    def sequence(self, prompt, answer):
        """The prompt's ids, those of prompt and answer with the end token, and where the answer starts."""
        alone = self.ids(prompt)
        both = self.ids(prompt + ("" if prompt[-1].isspace() else " ") + answer)
        start = next((i for i, (a, b) in enumerate(zip(alone, both)) if a != b), min(len(alone), len(both)))
        return alone, both + [self.tokenizer.eos_token_id], start

    def pixels(self, file):
        """Resized and cropped uint8 [height, width, 3], and the normalized values [3, height, width]."""
        picture = Image.open(file).convert("RGB")
        cropped = self.images(images=[picture], do_rescale=False, do_normalize=False, return_tensors="np").pixel_values[0]
        return cropped.transpose(1, 2, 0).astype("uint8"), self.images(images=[picture], return_tensors="pt").pixel_values[0]

    def token_logps(self, ids, start, pixel_values):
        """log p of ids[start:], with gradients if they are on."""
        logits = self.model(input_ids=torch.tensor([ids]), **self._picture(pixel_values)).logits[0, start - 1:-1]
        return torch.log_softmax(logits, -1).gather(1, torch.tensor(ids[start:])[:, None])[:, 0]

    @torch.no_grad()
    def greedy(self, ids, pixel_values, steps):
        """Up to `steps` tokens, the end token included, and how far the best logit leads at each."""
        ids, tokens, gaps = list(ids), [], []
        while len(tokens) < steps and (not tokens or tokens[-1] != self.tokenizer.eos_token_id):
            top = self.model(input_ids=torch.tensor([ids]), **self._picture(pixel_values)).logits[0, -1].topk(2)
            tokens.append(top.indices[0].item())
            gaps.append((top.values[0] - top.values[1]).item())
            ids.append(tokens[-1])
        return tokens, gaps

    @staticmethod
    def _picture(pixel_values):
        return {} if pixel_values is None else {"pixel_values": pixel_values[None]}


def pil_settings(processor):
    """The settings of whichever backend was loaded, for Pillow's."""
    names = ("do_resize", "size", "resample", "do_center_crop", "crop_size", "do_rescale", "rescale_factor", "do_normalize",
             "image_mean", "image_std", "do_convert_rgb")
    settings = processor.to_dict()
    return {n: settings[n] for n in names if settings.get(n) is not None}


def load_adapter(model, folder):
    """peft's model, whether the adapter's tensors bear transformers 4's names or 5's; fails if any stays unread."""
    old = {r"^language_model\.model\.": "model.language_model."}
    renaming = {rf"^base_model\.model\.{k[1:]}": f"base_model.model.{v}" for k, v in old.items()}
    policy = PeftModel.from_pretrained(model, folder, key_mapping=renaming)
    unread = [n for n, p in policy.named_parameters() if "lora_B" in n and not p.any()]
    assert not unread, f"{folder}: no weights for {unread[:3]}"
    return policy.eval()
