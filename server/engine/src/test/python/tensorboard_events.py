"""TensorBoard event files: writes a fixture with tensorboard's own writer, or reads one of ours with its own readers.

    python tensorboard_events.py make OUT       OUT/events.bin: what TensorBoardFileTest must write byte for byte
    python tensorboard_events.py read FOLDER    prints every tag with its steps and values; fails if a step shows twice
"""
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

STEPS = ((1, {"train/loss": 1.3862943611198906, "train/grad_norm": 17.25}),
         (2, {"train/loss": -0.0, "train/grad_norm": 3e-7}),
         (300, {"train/löss": 1e30}))


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "events.bin", "wb") as file:
        writer = RecordWriter(file)
        writer.write(event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2").SerializeToString())
        for step, values in STEPS:
            summary = summary_pb2.Summary(
                value=[summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])
            writer.write(event_pb2.Event(wall_time=1700000000.25, step=step, summary=summary).SerializeToString())


def read(folder):
    steps = [event.step for file in sorted(folder.glob("*tfevents*"))
             for event in LegacyEventFileLoader(str(file)).Load() if event.HasField("summary")]
    assert len(steps) == len(set(steps)), f"steps twice: {steps}"
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    accumulator.Reload()
    for tag in accumulator.Tags()["scalars"]:
        print(tag, [(scalar.step, scalar.value) for scalar in accumulator.Scalars(tag)])


if __name__ == "__main__":
    {"make": make, "read": read}[sys.argv[1]](Path(sys.argv[2]))
