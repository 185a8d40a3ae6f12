#!/bin/sh
# Puts Neon's own command where tests/neon/test_judge.py finds it: $NEON_JUDGE_DIR, or a folder
# below the temporary directory. Does nothing when it is there already.
set -eu
dir=${NEON_JUDGE_DIR:-${TMPDIR:-/tmp}/dbctl-neon-judge}
if [ ! -x "$dir/node_modules/.bin/neon" ]; then
    mkdir -p "$dir"
    # Its dependencies' scripts fetch programs that the commands of the tests never run.
    npm install --prefix "$dir" --no-audit --no-fund --ignore-scripts --loglevel=error 'neon@^6.2'
fi
"$dir/node_modules/.bin/neon" --version
