"""Times llama.cpp on the Llama part of a LLaVA checkpoint (or a Llama, or the Qwen2 of a Qwen2.5-VL): decoding and prefill. Prints JSON.

    python rival_llama_cpp.py MODEL --bench LLAMA_BENCH [--type q4_0 | q8_0 | f32] [--threads 2] [--gguf FILE]

Writes the very weights as GGUF, once (FILE, by default MODEL-TYPE.gguf): all matrices in TYPE, the
embedding too, the head in q8_0 where the others are q4_0 (as our int4 keeps it; --head q4_0 for another), norms in f32. llama-bench then decodes --tokens after a prompt of --prompt tokens, --repeats times, and
prefills --prefill tokens. Needs numpy and gguf, and llama-bench, which is built from the source package of llama-cpp-python:

    pip download llama-cpp-python --no-binary llama-cpp-python --no-deps && tar xzf llama_cpp_python-*.tar.gz
    cmake -S llama_cpp_python-*/vendor/llama.cpp -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DBUILD_SHARED_LIBS=OFF
    ninja -C build llama-bench
"""
import argparse
import json
import re
import subprocess
from pathlib import Path

import gguf
import numpy as np

TYPES = {"q4_0": gguf.GGMLQuantizationType.Q4_0, "q8_0": gguf.GGMLQuantizationType.Q8_0, "f32": gguf.GGMLQuantizationType.F32}
LAYER = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
         "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
         "post_attention_layernorm": "ffn_norm"}
TOP = {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output"}
CHUNK = 1 << 25  # elements quantized at a time


def tensors(folder):
    """Name, data as stored, type, shape of every tensor, without reading it."""
    for file in sorted(folder.glob("*.safetensors")):
        with open(file, "rb") as f:
            size = int.from_bytes(f.read(8), "little")
            header = json.loads(f.read(size))
        data = np.memmap(file, np.uint8, "r", 8 + size)
        for name, t in header.items():
            if name != "__metadata__":
                yield name, data[t["data_offsets"][0]:t["data_offsets"][1]], t["dtype"], t["shape"]


def floats(data, dtype):
    if dtype == "BF16":
        return (data.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    return data.view({"F32": np.float32, "F16": np.float16}[dtype]).astype(np.float32)


def gguf_name(name):
    """The name in a GGUF file of a text tensor, None for one of the vision side."""
    if re.match(r"(model\.)?(vision_tower|visual|multi_modal_projector)", name):
        return None
    name = re.sub(r"^(model\.)?language_model\.", "", name)
    name = re.sub(r"^model\.", "", name)
    layer = re.fullmatch(r"layers\.(\d+)\.(.+)\.(weight|bias)", name)
    if layer:
        return f"blk.{layer[1]}.{LAYER[layer[2]]}.{layer[3]}"
    module, kind = name.rsplit(".", 1)
    return f"{TOP[module]}.{kind}"


def paired(rows, heads):
    """Llama in GGUF turns neighboring elements of q and k, transformers the two halves of a head."""
    return rows.reshape(heads, 2, len(rows) // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def is_head(target, text):
    return target == "output.weight" or target == "token_embd.weight" and text.get("tie_word_embeddings", False)


def convert(folder, file, kind, head):
    config = json.loads((folder / "config.json").read_text())
    text = {**config, **config.get("text_config", {})}
    llama = "qwen" not in config["model_type"]
    heads, kv = text["num_attention_heads"], text["num_key_value_heads"]
    writer = gguf.GGUFWriter(file, "llama" if llama else "qwen2", use_temp_file=True)
    writer.add_block_count(text["num_hidden_layers"])
    writer.add_context_length(min(text["max_position_embeddings"], 32768))
    writer.add_embedding_length(text["hidden_size"])
    writer.add_feed_forward_length(text["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_layer_norm_rms_eps(text["rms_norm_eps"])
    writer.add_rope_freq_base(text.get("rope_theta", 10000.0))
    writer.add_rope_dimension_count(text["hidden_size"] // heads)
    writer.add_vocab_size(text["vocab_size"])
    writer.add_tokenizer_model("none")
    for name, data, dtype, shape in tensors(folder):
        target = gguf_name(name)
        if target is None:
            continue
        values = floats(data, dtype).reshape(shape)
        if llama and ".attn_q." in target:
            values = paired(values, heads)
        if llama and ".attn_k." in target:
            values = paired(values, kv)
        if values.ndim == 1 or kind == "f32":
            writer.add_tensor(target, np.ascontiguousarray(values))
            continue
        step, used = max(1, CHUNK // values.shape[1]), TYPES[head if is_head(target, text) else kind]
        packed = [gguf.quants.quantize(values[i:i + step], used) for i in range(0, len(values), step)]
        writer.add_tensor(target, np.concatenate(packed), raw_dtype=used)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def bench(args, file, *what):
    command = [args.bench, "-m", str(file), "-t", str(args.threads), "-r", str(args.repeats), "-o", "json", *map(str, what)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--type", choices=TYPES, default="q4_0")
    parser.add_argument("--head", choices=TYPES)
    parser.add_argument("--gguf", type=Path)
    for name, default in (("threads", 2), ("repeats", 3), ("prompt", 16), ("tokens", 128), ("prefill", 512)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    file = args.gguf or args.model.with_name(f"{args.model.name}-{args.type}.gguf")
    head = args.head or ("q8_0" if args.type == "q4_0" else args.type)
    if not file.exists():
        part = file.with_name(file.name + ".part")
        convert(args.model, part, args.type, head)
        part.rename(file)
    report = {"threads": args.threads, "type": args.type, "gguf_bytes": file.stat().st_size, "figures": {}}
    if args.tokens:
        decoded = bench(args, file, "-p", 0, "-n", args.tokens, "-d", args.prompt)
        report["build"] = f"{decoded['build_number']} {decoded['build_commit']}, {decoded['backends']}"
        report["figures"]["decode, a token"] = {"seconds": [ns / 1e9 / args.tokens for ns in decoded["samples_ns"]]}
    if args.prefill:
        prefilled = bench(args, file, "-p", args.prefill, "-n", 0)
        report["figures"]["prefill, a prompt"] = {"seconds": [ns / 1e9 for ns in prefilled["samples_ns"]]}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
