#!/usr/bin/env bash
# Measures one table: docs/benchmarks/run.sh TABLE [options]; README.md beside this file says what there is.
# PYTHON needs torch, transformers, peft, numpy, tokenizers; LLAMA_PYTHON needs numpy and gguf; LLAMA_BENCH is llama.cpp's llama-bench.
set -euo pipefail
here="$(dirname "$(readlink -f "$0")")"
root="$(readlink -f "$here/../..")"
classpath="$root/server/engine/target/benchmark.classpath"

if [ -z "${PLUMBLINE_BENCHMARK_CLASSPATH:-}" ]; then
  if [ ! -f "$classpath" ] || [ -n "$(find "$root/server/engine/src" "$root/plugins" -name '*.java' -newer "$classpath" -print -quit)" ]; then
    "$root/plumbline" mvn -q -B -ntp -pl server/engine -am test-compile dependency:build-classpath -Dmdep.outputFile=target/benchmark.classpath >&2
    touch "$classpath"
  fi
  PLUMBLINE_BENCHMARK_CLASSPATH="$root/server/engine/target/classes:$root/server/engine/target/test-classes:$(cat "$classpath")"
  export PLUMBLINE_BENCHMARK_CLASSPATH
fi
exec "${PYTHON:-python3}" "$here/benchmarks.py" "$@"
