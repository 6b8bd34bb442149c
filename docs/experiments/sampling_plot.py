"""Draws sampling.svg from the sampling.csv that `analyze sampling --out` writes: sampling_plot.py sampling.csv sampling.svg."""

import csv
import sys

ARMS = [
    ("random", "without_replacement", "none", "random, none", "#5d6b7c"),
    ("sae", "without_replacement", "none", "SAE drawn, none", "#2f6fde"),
    ("sae", "without_replacement", "self_normalized", "SAE drawn, self_normalized", "#d97706"),
    ("sae", "without_replacement", "raw", "SAE drawn, raw", "#c0322b"),
    ("sae", "greedy", "none", "SAE greedy", "#0d9488"),
    ("similarity", "greedy", "none", "similarity greedy", "#7c3aed"),
]
PANELS = [
    ("pool_cosine", "cosine of one draw's gradient with the pool's", 0, 1),
    ("gradient_deviation", "deviation of the gradient / target's length", 0, 6),
    ("mean_cosine", "cosine of the mean gradient with its target's", 0, 1),
]
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 330, 250, 34, 30, 30


def main(source, target):
    rows = list(csv.DictReader(open(source)))
    out = []
    for number, (figure, title, low, high) in enumerate(PANELS):
        left = number * WIDTH + LEFT
        x = lambda k: left + (k - 1) / 7 * (WIDTH - LEFT - 14)
        y = lambda v: TOP + (high - min(max(v, low), high)) / (high - low) * (HEIGHT - TOP - BOTTOM)
        out.append(f'<text x="{left}" y="18" font-weight="600">{title}</text>')
        for step in range(5):
            tick = low + (high - low) * step / 4
            out.append(f'<line x1="{left}" x2="{x(8):.1f}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#e1e5ea"/>')
            out.append(f'<text x="{left - 5}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
        for k in (1, 2, 3, 4, 5, 8):
            out.append(f'<text x="{x(k):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{"K = " if k == 1 else ""}{k}</text>')
        for selector, sampling, weighting, _, color in ARMS:
            points = [
                f'{x(int(r["k"])):.1f},{y(float(r[figure])):.1f}'
                for r in rows
                if (r["selector"], r["sampling"], r["weighting"]) == (selector, sampling, weighting) and r[figure]
            ]
            out.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{color}" stroke-width="2"/>')
    for number, (_, _, _, name, color) in enumerate(ARMS):
        left, top = LEFT + number % 3 * WIDTH, HEIGHT + 12 + number // 3 * 18
        out.append(f'<rect x="{left}" y="{top - 8}" width="14" height="4" fill="{color}"/><text x="{left + 20}" y="{top}">{name}</text>')
    size = f"{3 * WIDTH} {HEIGHT + 40}"
    with open(target, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="11" fill="#1b2430">')
        file.write('<rect width="100%" height="100%" fill="#ffffff"/>' + "".join(out) + "</svg>\n")


main(*sys.argv[1:])
