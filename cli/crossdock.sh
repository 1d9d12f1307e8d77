#!/bin/sh
# Runs the CLI with the project's own Node 24 (npm package `node`), whatever Node the machine has.
here=$(dirname "$(readlink -f "$0")")
node="$here/../node_modules/.bin/node"
[ -x "$node" ] || node=node
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$here/../node_modules/.cache/compiled}"
exec "$node" --no-warnings "$here/main.ts" "$@"
