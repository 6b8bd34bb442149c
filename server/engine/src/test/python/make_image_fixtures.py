"""Writes ../resources/image: small JPEG and PNG files of every kind, and what transformers and Pillow make of them.

Needs transformers 5.18.0, pillow 13.0.0, numpy (development only). Run: python make_image_fixtures.py
"""

import hashlib
import io
import json
import pathlib
import struct
import tempfile
import zlib

import numpy as np
from PIL import Image
from transformers.image_utils import load_image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

OUT = pathlib.Path(__file__).parent.parent / "resources" / "image"
WIDTH, HEIGHT = 45, 31
FILTERS = ["NEAREST", "LANCZOS", "BILINEAR", "BICUBIC", "BOX", "HAMMING"]


def scene(width=WIDTH, height=HEIGHT, channels=3, seed=0, noise=40):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 100 * np.sin(x / (3 + c) + c) * np.cos(y / (5 - c) + seed) for c in range(channels)]
    pixels = np.stack(planes, -1) + random.uniform(-noise, noise, (height, width, channels))
    pixels[height // 3 : height // 2, width // 4 : width // 2] = [255, 0, 0, 128][:channels]
    return np.clip(pixels, 0, 255).astype(np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(color_type, depth, rows, before=b"", interlace=0, width=WIDTH, height=HEIGHT):
    """A PNG of unfiltered rows, for what Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
            + chunk(b"IDAT", data[:50]) + chunk(b"IDAT", data[50:]) + chunk(b"IEND", b""))


def adam7(pixels):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return [row.tobytes() for x, y, dx, dy in passes for row in pixels[y::dy, x::dx] if row.size]


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def without_segment(jpeg, marker):
    """Leaves out the first segment of this kind."""
    at = jpeg.index(bytes([0xFF, marker]))
    length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return jpeg[:at] + jpeg[at + 2 + length :]


def png_files():
    rgb, rgba = Image.fromarray(scene()), Image.fromarray(scene(channels=4))
    gray = Image.fromarray(scene(channels=1)[..., 0])
    palette = rgb.quantize(13)
    wide = np.random.default_rng(1).integers(0, 65536, (HEIGHT, WIDTH, 4)).astype(">u2")
    yield "rgb.png", saved(rgb, "PNG")
    yield "rgba.png", saved(rgba, "PNG")
    yield "gray.png", saved(gray, "PNG")
    yield "gray_alpha.png", saved(Image.fromarray(scene(channels=2), "LA"), "PNG")
    yield "one_bit.png", saved(gray.convert("1"), "PNG")
    yield "palette.png", saved(palette, "PNG")
    yield "palette_2.png", saved(rgb.quantize(2), "PNG")
    yield "palette_256.png", saved(rgb.quantize(256), "PNG")
    yield "palette_transparent.png", saved(palette, "PNG", transparency=bytes(range(0, 130, 10)))
    yield "gray_transparent.png", saved(gray, "PNG", transparency=17)
    yield "rgb_transparent.png", saved(rgb, "PNG", transparency=(255, 0, 0))
    yield "gray_2_bits.png", png(0, 2, np.random.default_rng(2).integers(0, 256, (HEIGHT, 12)).astype(np.uint8))
    yield "gray_4_bits.png", png(0, 4, np.random.default_rng(3).integers(0, 256, (HEIGHT, 23)).astype(np.uint8))
    dark = (wide[..., 0] // 200).astype(">u2")
    yield "gray_16.png", png(0, 16, [row.tobytes() for row in dark])
    yield "gray_alpha_16.png", png(4, 16, [row.tobytes() for row in wide[..., :2]])
    yield "rgb_16.png", png(2, 16, [row.tobytes() for row in wide[..., :3]])
    yield "rgba_16.png", png(6, 16, [row.tobytes() for row in wide])
    yield "interlaced.png", png(2, 8, adam7(scene()), interlace=1)
    yield "odd_chunks.png", png(2, 8, [row.tobytes() for row in scene()], before=chunk(b"tEXt", b"Title\0x"))
    yield "turned.png", saved(rgb, "PNG", exif=exif(6))
    yield "one_pixel.png", saved(Image.fromarray(scene(1, 1)), "PNG")


def jpeg_files():
    smooth = Image.fromarray(scene(noise=8))
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"{name}.jpg", saved(smooth, "JPEG", quality=85, subsampling=subsampling)
    yield "noisy.jpg", saved(Image.fromarray(scene()), "JPEG", quality=30)
    yield "gray.jpg", saved(smooth.convert("L"), "JPEG")
    yield "progressive.jpg", saved(smooth, "JPEG", progressive=True)
    yield "restarts.jpg", saved(smooth, "JPEG", restart_marker_blocks=2)
    yield "rgb.jpg", saved(smooth, "JPEG", keep_rgb=True)
    yield "no_jfif.jpg", without_segment(saved(smooth, "JPEG", subsampling=0), 0xE0)
    cmyk = saved(Image.fromarray(scene(channels=4, noise=8), "CMYK"), "JPEG", quality=90)
    yield "cmyk.jpg", cmyk
    at = cmyk.index(b"Adobe") + 11
    yield "ycck.jpg", cmyk[:at] + b"\x02" + cmyk[at + 1 :]
    yield "cmyk_no_adobe.jpg", without_segment(cmyk, 0xEE)
    for orientation in range(1, 9):
        yield f"exif_{orientation}.jpg", saved(smooth, "JPEG", exif=exif(orientation))
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="8"/></x:xmpmeta>'
    yield "xmp_8.jpg", saved(smooth, "JPEG", xmp=packet)
    yield "wide.jpg", saved(Image.fromarray(scene(131, 17, noise=8)), "JPEG", quality=95)
    yield "tall.jpg", saved(Image.fromarray(scene(13, 97, noise=8)), "JPEG", quality=75)


def digest(pixels):
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def decoded():
    cases = []
    for name, data in [*png_files(), *jpeg_files()]:
        (OUT / name).write_bytes(data)
        image = load_image(str(OUT / name))
        pixels = np.asarray(image)
        if name.endswith(".jpg"):
            (OUT / name.replace(".jpg", ".rgb")).write_bytes(pixels.tobytes())
        cases.append({"file": name, "width": image.width, "height": image.height, "sha256": digest(pixels)})
    return cases


def resized():
    sizes = [(45, 31), (96, 96), (20, 20), (7, 50), (90, 62), (45, 10), (10, 31), (1, 1), (3, 200), (44, 30)]
    image = Image.open(OUT / "rgb.png").convert("RGB")
    return [{"width": width, "height": height, "filter": filter,
             "sha256": digest(image.resize((width, height), Image.Resampling[filter]))}
            for width, height in sizes for filter in FILTERS]


def processed():
    configs = [
        {"size": {"shortest_edge": 24}, "crop_size": {"height": 24, "width": 24}},
        {"size": 24, "crop_size": 20},
        {"size": {"shortest_edge": 50}, "crop_size": {"height": 41, "width": 60}, "resample": 2},
        {"size": {"height": 30, "width": 18}, "do_center_crop": False, "resample": 1},
        {"do_resize": False, "crop_size": {"height": 30, "width": 64}},
        {"do_resize": False, "crop_size": {"height": 40, "width": 22}, "do_normalize": False},
        {"do_resize": False, "do_center_crop": False, "do_rescale": False, "do_normalize": False},
        {"do_resize": False, "do_center_crop": False, "do_rescale": False},
        {"size": {"shortest_edge": 24}, "do_center_crop": False, "rescale_factor": 0.00784313725490196,
         "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.25, 0.5], "resample": 0},
        {},
    ]
    cases = []
    for config in configs:
        config = {"image_processor_type": "CLIPImageProcessor", **config}
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "preprocessor_config.json").write_text(json.dumps(config))
            processor = CLIPImageProcessorPil.from_pretrained(folder)
        for file in ("rgb.png", "turned.png", "one_pixel.png"):
            values = processor(load_image(str(OUT / file)), return_tensors="np")["pixel_values"][0]
            cases.append({"config": config, "file": file, "height": values.shape[1], "width": values.shape[2],
                          "sha256": digest(values.astype("<f4")), "first": [float(v) for v in values[:, 0, 0]]})
    return cases


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    cases = {"decoded": decoded(), "resized": resized(), "processed": processed()}
    lines = [f'"{key}": [\n' + ",\n".join(json.dumps(case) for case in cases[key]) + "\n]" for key in cases]
    (OUT / "cases.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
