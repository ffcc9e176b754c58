#!/usr/bin/env bash
# man.sh DOCUMENTS PROGRAM...: whether the man pages are free of warnings and tell of all that --help tells of.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
man=$1/man
shift

# page FILE: its text, with a plain `-` for every hyphen
page() { sed -e 's/\\-/-/g' -e 's/\\f[BIR]//g' "$man/$1.1"; }

for program; do
    name=${program##*/}
    [[ -n $(commands_of "$program") ]] || fail "$name --help lists no commands"
    for command in $(commands_of "$program"); do
        text=$(page "$name-$command")
        options=$(options_of "$program" "$command")
        same "options of the page of $name $command" "$options" \
            "$(sed -n 's/^\.B \(-[a-z], \)\?\(--[a-z-]\+\).*/\2/p' <<<"$text" | sort -u)"
        grep -qxF ".BR $name-$command (1)" <<<"$(page "$name")" || fail "$name(1) does not name $command"
        example=$("$program" "$command" --help | sed -n '1s/^Example: //p')
        grep -qxF "$example" <<<"$text" || fail "the page of $name $command does not give: $example"
    done
done

command -v mandoc >/dev/null || skip 'no mandoc here: warnings of man pages'
warnings=$(mandoc -T lint -W warning "$man"/*.1) || true
same 'warnings of mandoc' '' "$warnings"
