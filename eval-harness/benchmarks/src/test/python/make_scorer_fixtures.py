"""Random answers and captions with the figures that the demo's evaluate.py gives them.

    python make_scorer_fixtures.py [FOLDER]        (default: ../resources/scorer)

evaluate.py reads "No" and "no" alike and looks at the whole answer; POPE's official rule looks before the first full
stop and at case. The answers drawn here are those that both read the same way, as the demo's model writes them.
"""
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[3] / "demo" / "make"))
import evaluate  # noqa: E402

PICTURES, QUESTIONS, RESAMPLES = 20, 6, 200
SYNONYMS = "dog, puppy\ntraffic light, stoplight\nlight\ncup, mug\nowl\nboat, sailboat\nstar\nbus\n"
YES = ["Yes.", "Yes, there is {}.", "yes", "There is {} at the top.", "Yes, a small one, I think"]
NO = ["No.", "No, there is no {}.", "no", "There is not {} here.", "I do not see {}, sorry."]


class Drawn:
    """Stands where evaluate.py has its model: answers drawn beforehand, by question and picture."""

    def __init__(self, answers):
        self.answers = answers

    def features(self, paths):
        return np.array([p.name for p in paths])

    def generate(self, question, pictures, limit=64):
        return [self.answers[question][p] for p in pictures]


def draw_world(random, folder):
    names = [line.split(",")[0] for line in SYNONYMS.splitlines()]
    pictures = [f"{i:02d}.jpg" for i in range(PICTURES)]
    truth = {p: sorted(random.choice(names, random.integers(1, 5), replace=False).tolist()) for p in pictures}
    (folder / "synonyms.txt").write_text(SYNONYMS)
    split = folder / "split"
    split.mkdir(exist_ok=True)
    (split / "objects.json").write_text(json.dumps(truth, indent=0))
    for setting in evaluate.SETTINGS:
        lines, number = [], 0
        for p in pictures:
            for name in random.choice(names, QUESTIONS, replace=False).tolist():
                number += 1
                lines.append({"question_id": number, "image": p, "text": f"Is there a {name} in the image?", "label": "yes" if name in truth[p] else "no"})
        write_lines(split / f"pope_{setting}.jsonl", lines)
    write_lines(split / "captions.jsonl", [{"image": p, "text": q} for p in pictures for q in ("Describe the image.", "Describe the image in detail.")])
    return truth


def write_lines(path, records):
    path.write_text("".join(json.dumps(r) + "\n" for r in records))


def draw_answers(random, folder, truth, error):
    """Wrong with probability `error`; captions miss and add objects likewise."""
    words = [w.strip() for w in SYNONYMS.replace("\n", ",").split(",") if w.strip()]
    split, answers = folder / "split", {}
    items = [i for s in evaluate.SETTINGS for i in evaluate.read_lines(split / f"pope_{s}.jsonl")]
    for item in items:
        name = item["text"][len("Is there a "):-len(" in the image?")]
        yes = (item["label"] == "yes") != (random.random() < error)
        answers.setdefault(item["text"], {}).setdefault(item["image"], str(random.choice(YES if yes else NO)).format("a " + name))
    for item in evaluate.read_lines(split / "captions.jsonl"):
        said = [o for o in truth[item["image"]] if random.random() > error / 2] + [str(random.choice(words)) for _ in range(2) if random.random() < error]
        answers.setdefault(item["text"], {})[item["image"]] = "A " + ", a ".join(said) + "  in Trafficlights." if said else "A dogged park, nothing."
    return answers


def main(folder):
    random = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    truth = draw_world(random, folder)
    both = {"before": draw_answers(random, folder, truth, 0.4), "after": draw_answers(random, folder, truth, 0.15)}
    results = {k: evaluate.evaluate(Drawn(a), folder / "split") for k, a in both.items()}
    draws = np.random.default_rng(0).multinomial(PICTURES, np.full(PICTURES, 1 / PICTURES), size=RESAMPLES)
    expected = {
        "figures": {k: evaluate.figures(r) for k, r in results.items()},
        "intervals": {k: evaluate.paired(None, r, RESAMPLES) for k, r in results.items()},
        "differences": evaluate.paired(results["before"], results["after"], RESAMPLES),
        "objects_in": {t: sorted(evaluate.objects_in(t, evaluate.read_synonyms(folder / "synonyms.txt"))) for t in (
            "A Traffic Light, a light and a stoplight.", "Two owls, a bus-stop, a STARfish", "", "A puppy is a dog.")},
    }
    (folder / "answers.json").write_text(json.dumps(both, indent=0))
    (folder / "expected.json").write_text(json.dumps(expected, indent=1))
    (folder / "draws.json").write_text(json.dumps(draws.tolist()))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "resources" / "scorer")
