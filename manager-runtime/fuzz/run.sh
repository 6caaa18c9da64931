#!/usr/bin/env bash
# Runs every fuzz target for some seconds (20, or the first argument), with the stable toolchain.
#
# With cargo-fuzz (`cargo install cargo-fuzz`) and a C++ compiler, libFuzzer looks for new inputs, without
# a sanitizer: those need a nightly toolchain, and there is no unsafe code here that they could examine.
# Otherwise `replay` runs the inputs that are kept and others made of them.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-20}"
targets=(matching patterns)

if cargo fuzz --version >/dev/null 2>&1 && command -v c++ >/dev/null; then
    for target in "${targets[@]}"; do
        mkdir -p "corpus/$target"
        printf '\n== %s\n' "$target"
        cargo fuzz run -s none "$target" "corpus/$target" "seeds/$target" -- \
            -max_total_time="$seconds" -max_len=256 -timeout=10 -verbosity=0 -print_final_stats=1
    done
else
    cargo run --release --no-default-features --bin replay -- "$seconds"
fi
