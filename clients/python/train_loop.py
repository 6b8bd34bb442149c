"""A training loop of one's own that ends with the bytes of the run with the same settings.

With --compare, the server makes that run too, and both adapters are compared.
"""

import argparse
import math
import pathlib
import sys

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "stubs"))
from plumbline.v1 import training_pb2 as pb  # noqa: E402
from plumbline.v1 import training_pb2_grpc  # noqa: E402


def learning_rate(spec, step, steps):
    """The rate of a step, from 0; the formula is that of training.proto's OptimStepRequest."""
    warm = 0 if spec.warmup == 0 else max(1, math.floor(spec.warmup * steps + 0.5))
    if step < warm:
        return spec.learning_rate * (step + 1) / warm
    if spec.schedule == "constant":
        return spec.learning_rate
    done = (step - warm) / max(1, steps - warm)
    return spec.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def batches(rows, batch_size, steps):
    """Indices of each step's rows, epoch after epoch in the data's order."""
    per_epoch = math.ceil(rows / batch_size)
    for step in range(steps):
        start = step % per_epoch * batch_size
        yield list(range(start, min(rows, start + batch_size)))


def train(service, spec, output):
    session = service.CreateTrainingSession(pb.CreateTrainingSessionRequest(spec=spec))
    # With the server's defaults filled in.
    spec, plan = session.spec, session.plan
    try:
        for step, rows in enumerate(batches(plan.rows, spec.batch_size, plan.steps)):
            result = service.ForwardBackward(pb.ForwardBackwardRequest(session=session.name, rows=rows))
            rate = learning_rate(spec, step, plan.steps)
            update = service.OptimStep(pb.OptimStepRequest(session=session.name, learning_rate=rate))
            print(f"step {update.step} loss {result.loss:.6f} grad_norm {update.grad_norm:.6f} learning_rate {rate}")
        return service.SaveState(pb.SaveStateRequest(session=session.name, output=str(output))).adapter
    finally:
        service.CloseTrainingSession(pb.CloseTrainingSessionRequest(session=session.name))


def run(service, spec, output):
    """The same by the server alone; the rates that it used."""
    wanted = pb.TrainingSpec()
    wanted.CopyFrom(spec)
    wanted.output = str(output)
    made = service.CreateRun(pb.CreateRunRequest(spec=wanted))
    rates = []
    for event in service.WatchRun(pb.WatchRunRequest(name=made.name)):
        if event.HasField("step"):
            rates.append(event.step.learning_rate)
        last = event.run
    if last.state != pb.Run.SUCCEEDED:
        sys.exit(f"the run failed: {last.error}")
    return last, rates


def compare(service, spec, ours, output):
    last, rates = run(service, spec, output)
    mine = [learning_rate(last.spec, step, last.steps_total) for step in range(last.steps_total)]
    if rates != mine:
        sys.exit("the learning rates differ")
    name = "adapter_model.safetensors"
    if (pathlib.Path(ours) / name).read_bytes() != (pathlib.Path(last.adapter) / name).read_bytes():
        sys.exit(f"the adapters in {ours} and {last.adapter} differ")
    print(f"{last.steps_total} steps: the loop's adapter has the bytes of the run's")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="localhost:9000")
    parser.add_argument("--model", required=True, help='for example "models/llava"')
    parser.add_argument("--data", required=True, help="rows on the server's disk, or a data set")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="on the server's disk")
    parser.add_argument("--loss", default="dpo")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=float, default=16)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--schedule", choices=["cosine", "constant"], default="cosine")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compare", action="store_true", help="with CreateRun, on the same machine")
    return parser.parse_args()


def main():
    options = arguments()
    spec = pb.TrainingSpec(
        model=options.model,
        data=options.data,
        loss=options.loss,
        rank=options.rank,
        alpha=options.alpha,
        batch_size=options.batch_size,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        schedule=options.schedule,
        order="as-is",
        seed=options.seed,
    )
    output = options.output.resolve()
    with grpc.insecure_channel(options.server) as channel:
        service = training_pb2_grpc.TrainingServiceStub(channel)
        ours = train(service, spec, output / "loop")
        if options.compare:
            compare(service, spec, ours, output / "run")


if __name__ == "__main__":
    main()
