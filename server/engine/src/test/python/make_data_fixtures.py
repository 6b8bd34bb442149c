"""Writes a small preference data set in every format, and hostile ones, into a folder.

    python make_data_fixtures.py ../resources/data

Needs pyarrow and pillow. The same three pictures, questions and answers everywhere, so that a test can
say that every reader sees the same rows.
"""

import io
import json
import pathlib
import struct
import sys
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

ROWS = [
    ("red.png", "What is in the picture?", "A red square.", "A small dog.", (200, 30, 30)),
    ("green.jpg", "Is there a cat?", "No, there is a green field.", "Yes, a cat.", (30, 180, 40)),
    ("blue.png", "Describe it, très court.", "Blue water.", "A yellow desert.", (20, 40, 210)),
]
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def picture(name, color):
    image = Image.new("RGB", (32, 28), color)
    for x in range(8, 20):
        image.putpixel((x, x % 28), (255, 255, 255))
    out = io.BytesIO()
    image.save(out, "PNG" if name.endswith("png") else "JPEG")
    return out.getvalue()


def bomb():
    """A PNG whose header claims 40,000 x 25,000 pixels, 3 GB of RGB."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 40_000, 25_000, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100))
            + chunk(b"IEND", b""))


def lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def array(path, rows):
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def parquet(path, columns, row_group_size=2):
    pq.write_table(pa.table(columns), path, row_group_size=row_group_size)


def encoded(name, path=False):
    color = next(color for image, *_, color in ROWS if image == name)
    return {"bytes": None if path else picture(name, color), "path": "images/" + name if path else name}


def rlhf_v(folder):
    texts = [json.dumps({"question": q, "chosen": c, "rejected": r}, ensure_ascii=False) for _, q, c, r, _ in ROWS]
    parquet(folder / "rlhf-v.parquet", {
        "ds_name": ["RLHF-V"] * 3,
        # The last one by its path, as image_path has it too.
        "image": pa.array([encoded("red.png"), encoded("green.jpg"), encoded("blue.png", path=True)], IMAGE),
        "text": texts,
        "origin_dataset": ["made"] * 3,
        "origin_split": [json.dumps({"model": "none", "type": "question answering"})] * 3,
        "idx": pa.array([0, 1, 2], pa.int64()),
        "image_path": ["images/" + row[0] for row in ROWS],
    })
    array(folder / "rlhf-v.json", [
        {"image": "images/" + n, "text": {"question": q, "chosen": c, "rejected": r}, "idx": i}
        for i, (n, q, c, r, _) in enumerate(ROWS)
    ])


def rlaif_v(folder):
    parquet(folder / "rlaif-v.parquet", {
        "ds_name": ["RLAIF-V"] * 3,
        "image": pa.array([encoded(row[0]) for row in ROWS], IMAGE),
        "question": [row[1] for row in ROWS],
        "chosen": [row[2] for row in ROWS],
        "rejected": [row[3] for row in ROWS],
        "origin_dataset": ["made"] * 3,
        "origin_split": ["{}"] * 3,
        "idx": ["0", "1", "2"],
        "image_path": [""] * 3,
    })


def mmpr(folder):
    (n0, q0, c0, r0, _), (n1, q1, c1, r1, _), (n2, q2, c2, r2, _) = ROWS
    # Paths relative to the folder with the pictures.
    lines(folder / "mmpr.jsonl", [
        {"image": n0, "question": "<image>\n" + q0, "chosen": c0, "rejected": r0},
        {"image": n1, "question": q1, "chosen": c1, "rejected": r1},
        {"images": [n2], "question": "<image>\n" + q2, "chosen": c2, "rejected": r2},
    ])


def trl(folder):
    part = pa.struct([("type", pa.string()), ("text", pa.string())])
    messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.list_(part))]))

    def say(role, text, image=False):
        parts = [{"type": "image", "text": None}] if image else []
        return [{"role": role, "content": parts + [{"type": "text", "text": text}]}]

    parquet(folder / "trl.parquet", {
        "images": pa.array([[encoded(row[0])] for row in ROWS], pa.list_(IMAGE)),
        "prompt": pa.array([say("user", row[1], True) for row in ROWS], messages),
        "chosen": pa.array([say("assistant", row[2]) for row in ROWS], messages),
        "rejected": pa.array([say("assistant", row[3]) for row in ROWS], messages),
    })
    lines(folder / "trl-text.jsonl", [
        {"images": ["images/" + n], "prompt": q, "chosen": c, "rejected": r} for n, q, c, r, _ in ROWS
    ])
    # Without a prompt both answers begin with it.
    lines(folder / "trl-implicit.jsonl", [
        {"images": ["images/" + n],
         "chosen": [{"role": "user", "content": q}, {"role": "assistant", "content": c}],
         "rejected": [{"role": "user", "content": q}, {"role": "assistant", "content": r}]}
        for n, q, c, r, _ in ROWS
    ])


def llama_factory(folder):
    rows = [
        {"conversations": [{"from": "human", "value": "<image>" + q}], "chosen": {"from": "gpt", "value": c},
         "rejected": {"from": "gpt", "value": r}, "images": ["images/" + n]}
        for n, q, c, r, _ in ROWS
    ]
    array(folder / "llama-factory.json", rows)
    turn = pa.struct([("from", pa.string()), ("value", pa.string())])
    parquet(folder / "llama-factory.parquet", {
        "conversations": pa.array([row["conversations"] for row in rows], pa.list_(turn)),
        "chosen": pa.array([row["chosen"] for row in rows], turn),
        "rejected": pa.array([row["rejected"] for row in rows], turn),
        "images": pa.array([[picture(n, color)] for n, *_, color in ROWS], pa.list_(pa.binary())),
    })


def ms_swift(folder):
    others = ["blue.png", "red.png", "green.jpg"]
    lines(folder / "ms-swift.jsonl", [
        {"messages": [{"role": "user", "content": "<image>" + q}, {"role": "assistant", "content": c}],
         "rejected_response": r, "images": ["images/" + n], "rejected_images": ["images/" + other]}
        for (n, q, c, r, _), other in zip(ROWS, others)
    ])
    lines(folder / "ms-swift-messages.jsonl", [
        {"messages": [{"role": "user", "content": "<image>" + q}, {"role": "assistant", "content": c}],
         "rejected_messages": [{"role": "user", "content": "<image>" + q}, {"role": "assistant", "content": r}],
         "images": ["images/" + n], "rejected_images": ["images/" + n]}
        for n, q, c, r, _ in ROWS
    ])


def plumbline(folder):
    lines(folder / "plumbline.jsonl", [
        {"image": "images/" + n, "prompt": q, "chosen": c, "rejected": r,
         "negative_images": [{"image": "images/blue.png" if n == "red.png" else "images/red.png", "score": 0.5}]}
        for n, q, c, r, _ in ROWS
    ])


def hostile_lines(folder):
    good = {"image": "images/red.png", "prompt": "What?", "chosen": "A square.", "rejected": "A dog."}

    def row(**fields):
        return json.dumps({**good, **fields}, ensure_ascii=False).encode()

    content = [
        row(),
        row(image="images/gone.png"),
        row(image="images/bomb.png"),
        row(chosen=7),
        row(rejected=""),
        row()[:-1] + b', "chosen": "Twice."}',
        row(rejected="~").replace(b"~", b"A \xff\xfe dog."),
        row(chosen="word " * 10_000),
        b'{"image": "images/red.png", "prompt": "Cut o',
        row(prompt="The last?"),
    ]
    (folder / "hostile.jsonl").write_bytes(b"\n".join(content) + b"\n")
    (folder / "hostile.json").write_bytes(b"[" + b",\n".join(content[:8] + content[9:]) + b"]\n")


def hostile_parquet(folder):
    red = encoded("red.png")
    images = [red, {"bytes": None, "path": "images/gone.png"}, {"bytes": bomb(), "path": None}, red, red, red, red,
              {"bytes": b"GIF89a, or so it says", "path": "x.gif"}, None, red]
    broken = pa.Array.from_buffers(
        pa.string(), 10, pa.array([b"A dog."] * 6 + [b"A \xff\xfe dog."] + [b"A dog."] * 3, pa.binary()).buffers())
    parquet(folder / "hostile.parquet", {
        "image": pa.array(images, IMAGE),
        "question": ["What?"] * 10,
        "chosen": ["A square."] * 3 + [None, " ", "word " * 10_000] + ["A square."] * 4,
        "rejected": broken,
        "origin_dataset": ["made"] * 10,
    }, row_group_size=3)


def main():
    folder = pathlib.Path(sys.argv[1])
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for name, *_, color in ROWS:
        (folder / "images" / name).write_bytes(picture(name, color))
    (folder / "images" / "bomb.png").write_bytes(bomb())
    for make in (rlhf_v, rlaif_v, mmpr, trl, llama_factory, ms_swift, plumbline, hostile_lines, hostile_parquet):
        make(folder)


if __name__ == "__main__":
    main()
