#!/usr/bin/env bash
# Measures sae-recovery.md: docs/experiments/sae-recovery.sh [factors=20] [seeds=3] [OPTION=VALUE ...], options being those of the selector sae.
set -euo pipefail
root="$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")"
classpath="$root/server/engine/target/benchmark.classpath"
"$root/plumbline" mvn -q -B -ntp -pl server/engine -am test-compile dependency:build-classpath -Dmdep.outputFile=target/benchmark.classpath >&2
cd "$root/server/engine"
exec java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -cp "target/classes:target/test-classes:$(cat "$classpath")" dev.plumbline.plugins.sae.Recovery "$@"
