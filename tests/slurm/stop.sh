#!/usr/bin/env bash
# End what start.sh started, by process and name, and take its configuration away.
set -euo pipefail

DIR=${SLURM_TEST_DIR:-/tmp/slurm-of-one-node}
MARK="# written by tests/slurm/start.sh"

is_alive() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ]; }

[ -s "$DIR/started" ] || { echo "stop.sh: start.sh started nothing"; exit 0; }
# jobs first: nothing of theirs must outlive the node
timeout 20 scancel --quiet --me || true
for _ in $(seq 50); do
    [ -n "$(timeout 10 squeue --noheader --me || true)" ] || break
    sleep 0.2
done
while read -r process name; do
    is_alive "$process" "$name" && kill "$process"
    for _ in $(seq 100); do is_alive "$process" "$name" || break; sleep 0.1; done
    if is_alive "$process" "$name"; then kill -KILL "$process"; fi
done < <(tac "$DIR/started")
for file in /etc/slurm/slurm.conf /etc/slurm/cgroup.conf; do
    if grep -qsF "$MARK" $file; then rm $file; fi
done
rm -rf "$DIR"
