"""Writes a random LLaVA-1.5 of a given size, a valid Hugging Face folder with a tokenizer that covers the whole vocabulary.

    python make_random_llava.py OUT [--hidden 768 --layers 12 ...]

By default: a Llama of 98 M parameters, a CLIP tower for 336 pixels (576 image tokens) of 22 M, fp32, 0.5 GB. The end
token's logit is 0 and that of other tokens spread about it, so greedy answers do not end before their limit.
Needs torch, transformers, tokenizers; a development tool for the benchmarks of this folder.
"""
import argparse
import itertools
import json
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors
from transformers import CLIPVisionConfig, GenerationConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

PATCH = 14
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}")


def make_tokenizer(size):
    """Byte-fallback BPE as Llama's, of `size` tokens: specials, bytes, letters, then syllables and pairs of syllables."""
    special = ["<unk>", "<s>", "</s>"]
    vocabulary = special + [f"<0x{i:02X}>" for i in range(256)] + ["▁"] + [chr(c) for c in range(33, 127)]
    merges = []
    syllables = [a + b for a, b in itertools.product("bcdfghjklmnprstvwz", "aeiou")]
    for left, right in itertools.chain(
            (tuple(s) for s in syllables), (("▁", s) for s in syllables), (("▁" + a, b) for a, b in itertools.product(syllables, syllables))):
        if len(vocabulary) == size - 2:
            break
        vocabulary.append(left + right)
        merges.append((left, right))
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(vocabulary)}, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in (*special, "<image>", "<pad>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    assert tokenizer.get_vocab_size() == size
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>",
                                   padding_side="left", extra_special_tokens={"image_token": "<image>"})


def build(args, tokenizer):
    image = tokenizer.convert_tokens_to_ids("<image>")
    text = LlamaConfig(vocab_size=args.vocabulary, hidden_size=args.hidden, intermediate_size=args.intermediate, num_hidden_layers=args.layers,
                       num_attention_heads=args.heads, num_key_value_heads=args.key_value_heads, max_position_embeddings=4096, rms_norm_eps=1e-5,
                       bos_token_id=1, eos_token_id=2, pad_token_id=tokenizer.pad_token_id)
    vision = CLIPVisionConfig(hidden_size=args.vision_hidden, intermediate_size=4 * args.vision_hidden, num_hidden_layers=args.vision_layers,
                              num_attention_heads=args.vision_hidden // 64, image_size=args.image_size, patch_size=PATCH)
    config = LlavaConfig(vision_config=vision, text_config=text, image_token_index=image, image_seq_length=(args.image_size // PATCH) ** 2,
                         vision_feature_layer=-2, vision_feature_select_strategy="default")
    torch.manual_seed(args.seed)
    model = LlavaForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.5 if "embed" in name and "patch" not in name else weight[0].numel() ** -0.5)
        model.lm_head.weight[[0, 1, 2, image, tokenizer.pad_token_id]] = 0
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    for name, default in (("hidden", 768), ("intermediate", 2048), ("layers", 12), ("heads", 12), ("key-value-heads", 12), ("vocabulary", 8192),
                          ("vision-hidden", 384), ("vision-layers", 12), ("image-size", 336), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    tokenizer = make_tokenizer(args.vocabulary)
    model = build(args, tokenizer)
    model.save_pretrained(args.out)
    images = CLIPImageProcessorPil(size={"shortest_edge": args.image_size}, crop_size={"height": args.image_size, "width": args.image_size})
    LlavaProcessor(image_processor=images, tokenizer=tokenizer, patch_size=PATCH, vision_feature_select_strategy="default",
                   num_additional_image_tokens=1, chat_template=TEMPLATE).save_pretrained(args.out)
    images.save_pretrained(args.out)
    GenerationConfig(bos_token_id=1, eos_token_id=2, pad_token_id=tokenizer.pad_token_id).save_pretrained(args.out)
    count = lambda module: sum(p.numel() for p in module.parameters())
    print(json.dumps({"parameters": count(model), "language_model": count(model.model.language_model) + count(model.lm_head),
                      "vision_tower": count(model.model.vision_tower), "image_tokens": model.config.image_seq_length}))


if __name__ == "__main__":
    main()
