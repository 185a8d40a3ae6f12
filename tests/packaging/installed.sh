#!/usr/bin/env bash
# What somebody does who has installed the wheel and stands in an empty directory. $1 is the `bin`
# directory of that environment; it has no package that only the tests need.
set -euo pipefail
bin=$1
unset DATABASE_URL DBCTL_URL DBCTL_ENV POSTGRES_HOST POSTGRES_DB

fail() {
    echo "failed: $*" >&2
    exit 1
}

"$bin/dbctl" --version
"$bin/dbctl" up
"$bin/dbctl" --json status | tee status.json
grep --quiet '"up_to_date": true' status.json || fail "not up to date"

code=0
"$bin/dbctl" migrate -m x 2>refused.txt || code=$?
[ "$code" = 5 ] || fail "migrate on the installed sample exits with $code, not 5"
grep --quiet 'dbctl init' refused.txt || fail "the refusal does not name init"

"$bin/dbctl" --help >/dev/null
"$bin/python" - <<'PYTHON' >commands.txt
from dbctl.cli.root import command

for name in command().list_commands(None):
    below = getattr(command().get_command(None, name), "commands", {})
    print(name)
    for verb in below:
        print(name, verb)
PYTHON
while read -r -a words; do
    "$bin/dbctl" "${words[@]}" --help >help.txt || fail "${words[*]} --help"
    grep --quiet -i 'usage' help.txt || fail "${words[*]} --help says nothing"
done <commands.txt
echo "$(wc -l <commands.txt) commands explain themselves"
