"""Generates stubs/plumbline/v1/training_pb2*.py from the protocol definition."""

import pathlib
import sys
from importlib import resources

from grpc_tools import protoc

HERE = pathlib.Path(__file__).resolve().parent
PROTO = HERE.parents[1] / "proto" / "src" / "main" / "protobuf"


def main():
    known = resources.files("grpc_tools") / "_proto"
    out = HERE / "stubs"
    out.mkdir(exist_ok=True)
    return protoc.main(
        [
            "protoc",
            f"-I{PROTO}",
            f"-I{known}",
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            "plumbline/v1/training.proto",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
