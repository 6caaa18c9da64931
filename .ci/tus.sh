#!/usr/bin/env bash
# Uploads through a server that dies in the middle, with a tus client that somebody else wrote (tuspy, from PyPI).
# Takes the program to run; without one, an example. Where the client cannot be had, it says so and goes on.
set -euo pipefail
cd "$(dirname "$0")/.."

skipped() {
    printf '\n!! SKIPPED: the upload with a foreign tus client: %s\n\n' "$1" >&2
    exit 0
}

program=${1:-}
if [ -z "$program" ]; then
    cargo build --quiet -p examples --bin hello
    program=${CARGO_TARGET_DIR:-target}/debug/hello
fi
command -v python3 >/dev/null || skipped "there is no python3"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" >"$work/log" 2>&1 || skipped "python3 makes no venv: $(tail -n 1 "$work/log")"
timeout 60 "$work/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 10 \
    'tuspy==1.1.0' >"$work/log" 2>&1 || skipped "pip cannot install tuspy: $(tail -n 1 "$work/log")"
timeout 60 "$work/venv/bin/python" .ci/tus.py "$program" "$work"
