"""How much memory a running server takes with one model that it serves and trains: proportional set size, less the empty server's.

The server is started without a model; then a model is loaded, asked, scored and trained (one row of about 64 tokens, K negatives, rank r,
both kinds of passes, one sequence at a time), with questions answered meanwhile. Nothing but the empty server's own size is subtracted.
"""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1.15


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def proportional(pid, kind="Pss"):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return next(int(line.split()[1]) << 10 for line in f if line.startswith(kind + ":"))


class Server:
    def __init__(self, home):
        self.port = free_port()
        self.log = open(home / "server.log", "w")
        command = [ROOT / "plumbline", "serve", "--home", home, "--port", self.port, "--http-port", free_port()]
        self.process = subprocess.Popen(list(map(str, command)), stdout=self.log, stderr=self.log)
        self.most, self.sampling = (0, 0), True

    def call(self, *words):
        command = [str(ROOT / "plumbline"), *map(str, words), "--server", f"localhost:{self.port}", "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                raise SystemExit("the server ended; its log:\n" + Path(self.log.name).read_text()[-2000:])
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self.call("models", "list")
            time.sleep(0.5)
        raise SystemExit("the server did not start in five minutes")

    def size(self):
        return proportional(self.process.pid), proportional(self.process.pid, "Pss_Anon")

    def sample(self):
        while self.sampling:
            self.most = max(self.most, self.size())
            time.sleep(0.2)

    def stop(self):
        self.sampling = False
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def write_row(folder, side, negatives):
    noise = np.random.default_rng(0)
    for i in range(negatives + 1):
        Image.fromarray(noise.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(folder / f"{i}.png")
    row = {"image": "0.png", "prompt": "ba do", "chosen": "bado keru mita", "rejected": "ruta lomi kedo",
           "negative_images": [{"image": f"{i}.png", "selector": "random", "selector_version": "1"} for i in range(1, negatives + 1)],
           "sampling": "greedy", "pool_size": 0}
    file = folder / "rows.jsonl"
    file.write_text((json.dumps(row) + "\n") * 2)
    return file, row


def weights(folder):
    """Bytes of the tensors as served in fp32."""
    total = 0
    for file in folder.glob("*.safetensors"):
        with open(file, "rb") as f:
            header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        total += sum(4 * int(np.prod(t["shape"])) for n, t in header.items() if n != "__metadata__")
    return total


def one_copy(args, _):
    from benchmarks import checkpoint, say
    model = checkpoint(args, args.model[0])
    home = Path(tempfile.mkdtemp(prefix="one-copy-"))
    rows, row = write_row(home, args.side, args.negatives)
    server = Server(home)
    try:
        server.ready()
        time.sleep(5)
        sizes = {"the empty server": server.size()}
        say("loading")
        server.call("models", "load", model, "--name", "m")
        sizes["a model loaded"] = server.size()
        watch = threading.Thread(target=server.sample)
        watch.start()
        say("asking and scoring")
        ask = lambda: server.call("generate", "--model", "m", "--image", home / "0.png", "--prompt", row["prompt"], "--max-new-tokens", 32)
        asked = ask()["usage"]
        server.call("score", "--model", "m", "--image", home / "0.png", "--prompt", row["prompt"], "--answer", row["chosen"])
        tokens = server.call("tokenize", "--model", "m", "--image", home / "0.png", "--prompt", row["prompt"], "--answer", row["chosen"])
        sizes["after answering and scoring"] = server.size()
        for passes in ("recompute", "unit-weight"):
            say(f"training, {passes}, and answering meanwhile")
            trained = threading.Thread(target=server.call, args=(
                "train", "--model", "m", "--data", rows, "--rank", args.rank, "--batch-size", 1, "--epochs", 1, "--passes", passes,
                "--micro-batch", args.micro_batch, "--loss", "plackett-luce + 1.0 * dpo", "--out", home / passes))
            trained.start()
            while trained.is_alive():
                ask()
            trained.join()
            sizes[f"after training, {passes}"] = server.size()
        sizes["the most at any time"] = server.most
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
    total, empty = weights(model), sizes["the empty server"][0]
    table = [f"{model.name}: weights of {total / 1e9:.3f} GB; a row of {len(tokens['input_ids'])} tokens, K = {args.negatives}, r = {args.rank}, "
             f"micro-batches of {args.micro_batch or 'any size'}; "
             f"a question of {asked['prompt_tokens']} tokens. At most {LIMIT} times the weights is what is aimed at.", "",
             "| moment | proportional set size | of it anonymous | less the empty server's | of the weights |", "|---|---|---|---|---|"]
    table += [f"| {what} | {size / 1e9:.3f} GB | {anonymous / 1e9:.3f} GB | {(size - empty) / 1e9:.3f} GB | {(size - empty) / total:.3f} |"
              for what, (size, anonymous) in sizes.items()]
    return table, {"weights": total, "sizes": sizes}
