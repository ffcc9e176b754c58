# shellcheck shell=bash
# Shared by the tests of what is installed, which source it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# ctest takes this for a test that was skipped.
skip() {
    printf 'NOT TESTED: %s\n' "$*" >&2
    exit 77
}

# same WHAT EXPECTED ACTUAL
same() {
    [[ $2 == "$3" ]] || fail "$1:"$'\n'"$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3"))"
}

# The commands that a program's --help lists.
commands_of() { "$1" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'; }

# The options that the --help of a command lists, but for --help itself.
options_of() { "$1" "$2" --help | sed -n '/^ *-h, /d; s/^ \+\(-[a-z], \)\?\(--[a-z-]\+\).*/\2/p' | sort -u; }
