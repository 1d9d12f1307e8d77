#!/bin/sh
# scripts/bootstrap.sh COMMAND [ARGUMENT…]
# Makes a clone ready (npm packages, Node 24 from the npm package `node`) and runs the command with them first on the PATH.
# Needs Node 20 or later with npm; nothing is installed outside the clone and the cache folder. Exits with 70 when it cannot.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'bootstrap: %s\n' "$*" >&2; }
fail() { say "$*"; exit 70; }

command -v node >/dev/null 2>&1 || fail 'there is no node on the PATH: install Node.js 20 or later with npm (https://nodejs.org)'
command -v npm >/dev/null 2>&1 || fail 'there is no npm on the PATH: install it with Node.js 20 or later'
have=$(node -p 'process.versions.node.split(".")[0]')
[ "$have" -ge 20 ] || fail "node is version $(node --version): Node.js 20 or later is needed"

if ! node scripts/installed.mjs; then
  say "installing the npm packages of package-lock.json with npm $(npm --version) (once; about 20 s)"
  npm ci --no-audit --no-fund --loglevel=error >&2 </dev/null || fail 'npm ci failed; its messages are above'
fi

# Where npm does not run install scripts, the package `node` is there without its binary: take the binary's own package.
is24() { [ "$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null)" = 24 ]; }
bin=$PWD/node_modules/.bin
if ! is24 "$bin/node"; then
  version=$(node -p 'require("./package.json").devDependencies.node')
  package=$(node -p '[process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node", process.platform, process.arch].join("-")')
  cache=${CROSSDOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/crossdock}
  folder=$cache/node-$version
  bin24=$folder/node_modules/$package/bin
  if ! is24 "$bin24/node"; then
    say "getting Node $version ($package) into $folder: npm did not run the install script of the package node"
    mkdir -p "$folder"
    npm install --prefix "$folder" --ignore-scripts --no-save --no-audit --no-fund --loglevel=error "$package@$version" >&2 </dev/null ||
      fail "$package@$version cannot be had; allow the install script of the npm package node, or put Node 24 on the PATH"
  fi
  is24 "$bin24/node" || fail "$bin24/node does not run on this machine"
  mkdir -p "$bin"
  ln -sf "$bin24/node" "$bin/node"
fi

PATH=$bin:$PATH
# Programs start in half the time when their modules were compiled once.
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/compiled}
export PATH NODE_COMPILE_CACHE
exec "$@"
