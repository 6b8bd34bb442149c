"""Adapters as peft makes them, and what peft says about them: which layers they change, how they are scaled, log-probabilities.

    python make_adapter_fixtures.py OUT

OUT/{NAME/{adapter_config.json, adapter_model.safetensors}, golden.json}, beside OUT/../llava and OUT/../training, where model,
pictures and rows lie. Each case's `settings` are those of peft's LoraConfig.
"""
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import logging

from judge import Judge
from make_llava_fixtures import tidy_adapter, write_json

MODEL, ROWS = "../llava/grouped-tied-f32/model", "../training/rows.jsonl"
LANGUAGE = r".*language_model.*\."
CASES = {
    "rslora": {"r": 4, "lora_alpha": 8, "use_rslora": True, "target_modules": LANGUAGE + "(q_proj|v_proj)"},
    "patterns": {"r": 4, "lora_alpha": 6, "use_rslora": True, "target_modules": LANGUAGE + "(q_proj|v_proj|down_proj)",
                 "rank_pattern": {r"1\.mlp\.down_proj": 1, r"0\.mlp\.down_proj": 3, "v_proj": 2},
                 "alpha_pattern": {r"0\.self_attn\.q_proj": 7, "v_proj": 5}},
    "expression": {"r": 3, "lora_alpha": 9, "exclude_modules": ["o_proj", "layers.0.mlp.up_proj"],
                   "target_modules": r"model\.language_model\.layers\.[01]\.(self_attn\.[qo]_proj|mlp\..*_proj)"},
    "names": {"r": 2, "lora_alpha": 8, "lora_dropout": 0.25, "target_modules": ["q_proj", "1.mlp.gate_proj"],
              "exclude_modules": r".*vision_tower.*|.*language_model\.layers\.0\..*"},
}


def adapted(out, settings):
    judge = Judge(out / MODEL)
    judge.policy = get_peft_model(judge.model, LoraConfig(bias="none", **settings)).eval()
    torch.manual_seed(11)
    with torch.no_grad():
        for name, weight in judge.policy.named_parameters():
            if "lora_" in name:
                weight.normal_(0, weight.shape[1] ** -0.5 if "lora_A" in name else 0.1)
    return judge


def modules(judge):
    """peft's own words for each changed layer."""
    return {name.removeprefix("base_model.model."): {"rank": m.r["default"], "alpha": m.lora_alpha["default"], "scaling": m.scaling["default"]}
            for name, m in judge.policy.named_modules() if hasattr(m, "lora_A") and "default" in m.lora_A}


@torch.no_grad()
def logps(judge, rows_file):
    """Of each row's chosen answer on its picture."""
    found = []
    for row in map(json.loads, rows_file.read_text(encoding="utf-8").splitlines()):
        pictures = [judge.pixels(rows_file.parent / row["image"])[1]]
        _, ids, start = judge.sequence(judge.prompt(row["prompt"], True), row["chosen"], pictures)
        found.append(judge.token_logps(ids, start, pictures).tolist())
    return found


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    base = logps(Judge(out / MODEL), out / ROWS)
    golden = {"model": MODEL, "rows_file": ROWS, "base": base, "adapters": {}}
    for name, settings in CASES.items():
        judge = adapted(out, settings)
        judge.policy.save_pretrained(out / name)
        tidy_adapter(out / name, MODEL)
        said = logps(judge, out / ROWS)
        moved = [abs(sum(a) - sum(b)) for a, b in zip(said, base)]
        assert min(moved) > 0.05, (name, moved)
        golden["adapters"][name] = {"settings": settings, "modules": modules(judge), "token_logps": said}
    write_json(out / "golden.json", golden)


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    main(Path(sys.argv[1]))
