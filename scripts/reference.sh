#!/usr/bin/env bash
#
# scripts/reference.sh [GRAVELER-DOC]            writes the README's tables of commands and options anew
# scripts/reference.sh --check [GRAVELER-DOC]    says whether they are as the programs have them
#
# They come from the tables that the programs read their options with, by way of graveler-doc, which is built if it is
# not named.

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
check=no
[[ ${1-} != --check ]] || { check=yes && shift; }
doc=${1-}
if [[ -z $doc ]]; then
    choose_preset
    require "${groups[@]}"
    build "$preset" "build/run-$preset" "${cmake_options[@]}" -DBUILD_TESTING=OFF
    doc=$root/build/run-$preset/packaging/graveler-doc
fi

# What stands between a line `<!-- NAME: ... -->` and the next `<!-- end -->` becomes what graveler-doc NAME prints.
replace() {
    local line name='' text
    while IFS= read -r line; do
        [[ $line != '<!-- end -->' ]] || name=''
        [[ -n $name ]] || printf '%s\n' "$line"
        if [[ $line =~ ^'<!-- '(commands|options)': ' ]]; then
            name=${BASH_REMATCH[1]}
            text=$("$doc" "$name") || die "$doc failed"
            printf '%s\n' "$text"
        fi
    done
    [[ -z $name ]] || die "README.md: <!-- $name --> has no <!-- end -->"
}

new=$(replace <"$root/README.md")
if [[ $check == no ]]; then
    printf '%s\n' "$new" >"$root/README.md"
elif ! diff -u --label README.md --label 'as it should be' "$root/README.md" - <<<"$new"; then
    die 'README.md is out of date: scripts/reference.sh writes it anew'
fi
