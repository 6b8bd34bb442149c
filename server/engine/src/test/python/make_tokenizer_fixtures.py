"""Writes ../resources/tokenizer: small tokenizers of the two kinds that vision-language models have, and their ids.

Needs transformers 5.18.0 (development only). Run: python make_tokenizer_fixtures.py
"""

import json
import pathlib
import random
import shutil

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

OUT = pathlib.Path(__file__).parent.parent / "resources" / "tokenizer"
QWEN_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
              r"|\s+(?!\S)|\s+")
CORPUS = [
    "A dog and a ball in a park. Is there a cat in the image? Yes, there is a cat.",
    "USER: What is in the picture? ASSISTANT: There is a dog on the left and a ball at the top, in a park.",
    "The quick brown fox jumps over the lazy dog; 3,141 times! It's what they'll do. Über naïve café déjà vu.",
    "Please answer the question in one word or short phrase. No. Describe the image in detail, please.",
] * 20
TEXTS = [
    "", " ", "  two  spaces  ", "A dog.", " A dog", "dog\ncat\n\n\nbird\t tab", "USER: <image>\nWhat is this? ASSISTANT:",
    "<image><image><image>", "<image> <image>\n<image>x", "a<image>b", "</s>", "text</s> more<s>", "<pad><unk>", "<0x41>",
    "▁under▁score", "naïve café", "nai\u0308ve cafe\u0301", "日本語のテキスト", "emoji 😀👩‍👩‍👧‍👦 end", "𝔘𝔫𝔦", "\u200bzero\u200bwidth",
    "it's they'll DON'T we're", "12345 67", "a" * 70, "... !!! ?!", "<|im_start|>user\n<|vision_start|><|image_pad|>"
    "<|vision_end|>Hi<|im_end|>\n", "tab\tand\r\nCRLF", "Привет, мир", "עברית العربية", "\u0000nul", "ﬁ ligature ①",
    "<imagex> <|im_start", "question:Yes", "question: Yes", "question: Yes ", "question:  Yes", "é" * 9, "end\n", "\n\n",
]


def llama_like():
    """As LLaVA-1.5's: BPE with byte fallback; <image> and <pad> come from tokenizer_config.json alone."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    special = ["<unk>", "<s>", "</s>"]
    pieces = special + [f"<0x{byte:02X}>" for byte in range(256)]
    splitter = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    splitter.normalizer = tokenizer.normalizer
    splitter.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    splitter.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=560, special_tokens=pieces, show_progress=False))
    trained = json.loads(splitter.to_str())
    tokenizer.model = models.BPE(
        vocab=trained["model"]["vocab"], merges=[tuple(merge) for merge in trained["model"]["merges"]],
        unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    tokenizer.enable_truncation(20)
    tokenizer.enable_padding(pad_id=0, pad_token="<unk>", length=8)
    config = {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
              "pad_token": "<pad>", "image_token": "<image>", "add_bos_token": False, "add_eos_token": True}
    return tokenizer, config, "llava"


def llama_plain():
    """No post-processor, flags that ask for one, a token in added_tokens_decoder alone."""
    tokenizer, config, family = llama_like()
    tokenizer.post_processor = None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    config = {"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": True, "bos_token": {"content": "<s>", "__type": "AddedToken"},
              "eos_token": {"content": "</s>", "__type": "AddedToken"}, "extra_special_tokens": ["<extra>"],
              "added_tokens_decoder": {str(tokenizer.get_vocab_size()): {"content": "<image>", "special": True, "lstrip": False, "rstrip": True,
                                               "normalized": False, "single_word": False}}}
    return tokenizer, config, family


def qwen_like():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN_SPLIT), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet, show_progress=False))
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"]
    tokenizer.add_special_tokens(names)
    tokenizer.add_tokens([AddedToken("<tool_call>", normalized=False)])
    config = {"tokenizer_class": "Qwen2Tokenizer", "bos_token": None, "eos_token": "<|im_end|>",
              "pad_token": "<|endoftext|>", "unk_token": None, "additional_special_tokens": names[1:]}
    return tokenizer, config, "qwen2_5_vl"


def ids_for_streaming(tokenizer, seed):
    """Texts with long runs, and random ids, broken characters among them."""
    source = random.Random(seed)
    lists = [tokenizer(text, add_special_tokens=False).input_ids for text in TEXTS]
    lists += [tokenizer(" ".join(source.sample(TEXTS, 12))).input_ids for _ in range(6)]
    lists += [[source.randrange(len(tokenizer)) for _ in range(length)] for length in (3, 20, 60, 150, 300)]
    lists += [sum((tokenizer(word).input_ids for word in source.choices(TEXTS, k=200)), [])]
    return lists


def write(name, built):
    backend, config, family = built
    folder = OUT / name
    folder.mkdir(parents=True)
    backend.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "config.json").write_text(json.dumps({"model_type": family}))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [{"text": text, "ids": tokenizer(text).input_ids,
              "bare": tokenizer(text, add_special_tokens=False).input_ids,
              "decoded": tokenizer.decode(tokenizer(text).input_ids)} for text in TEXTS]
    streams = [{"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=True)}
               for ids in ids_for_streaming(tokenizer, name)]
    cases = {"size": len(tokenizer), "bos": tokenizer.bos_token_id, "eos": tokenizer.eos_token_id,
             "pad": tokenizer.pad_token_id, "image": tokenizer.convert_tokens_to_ids("<image>"),
             "texts": texts, "streams": streams}
    (folder / "cases.json").write_text(json.dumps(cases))


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    write("llama_like", llama_like())
    write("llama_plain", llama_plain())
    write("qwen_like", qwen_like())


if __name__ == "__main__":
    main()
