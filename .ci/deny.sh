#!/usr/bin/env bash
# What is in the tree: its licences, crates that are there twice, and where all of it comes from (deny.toml).
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
deny=cargo-deny
if [ "$($deny --version 2>/dev/null)" != "cargo-deny $version" ]; then
    tools="${CARGO_TARGET_DIR:-target}/tools"
    deny="$tools/bin/cargo-deny"
    # Not optimised: it runs for a second, and is built for a minute.
    [ -x "$deny" ] ||
        cargo install cargo-deny --version "$version" --locked --debug --root "$tools" --target-dir "$tools/build" --quiet
fi
"$deny" --locked check bans licenses sources
