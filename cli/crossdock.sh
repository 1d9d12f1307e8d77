#!/bin/sh
# Runs the CLI with the project's own Node 24 (npm package `node`), whatever Node the machine has.
here=$(dirname "$(readlink -f "$0")")
node="$here/../node_modules/.bin/node"
[ -x "$node" ] || node=node
exec "$node" --no-warnings "$here/main.ts" "$@"
