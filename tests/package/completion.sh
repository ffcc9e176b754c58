#!/usr/bin/env bash
# completion.sh SHELL DOCUMENTS PROGRAM...: whether the completion for the shell (bash, zsh or fish) offers what --help
# tells of.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
shell=$1 documents=$2
shift 2
command -v "$shell" >/dev/null || skip "no $shell here"
export HOME=$folder XDG_CONFIG_HOME=$folder XDG_DATA_HOME=$folder
touch "$folder/a-result.json"
cd "$folder"

# offers PROGRAM WORD...: what the shell offers for the last word, a line each, in order.
# bash is asked as readline would, where = is a word of its own.
offers_bash() {
    # shellcheck disable=SC2016 # it is for the other shell to expand
    bash --norc -c '
        source "$1/bash/$2"
        COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
        set -- "$(complete -p "$2")"
        [[ $1 =~ -F\ ([^ ]+) ]] && "${BASH_REMATCH[1]}"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$documents" "$@" | sort
}

offers_fish() {
    local words
    words=$(printf '%s ' "$@")
    words=${words% }
    fish --no-config -c "source $documents/fish/$1.fish; complete -C '${words// = /=}'" | cut -f1 |
        sed 's/^--[a-z-]*=//' | sort
}

# Types the line into a zsh that completes after each word, and gives what became of it.
zsh_line() {
    rm -f "$folder/line"
    zsh -f "$here/type.zsh" "$documents/zsh" "$1" "$folder/line"
    cat "$folder/line"
}

test_offers() {
    local program=$1 name=${1##*/} command
    # But for words on no command of its own.
    same "commands of $name" "$(commands_of "$program" | sort)" \
        "$("offers_$shell" "$name" '' | grep -vxE -- '--?[a-z]+|help')"
    for command in $(commands_of "$program"); do
        same "options of $name $command" "$(options_of "$program" "$command")" \
            "$("offers_$shell" "$name" "$command" -- | grep -vx -- '--help')"
    done
}

if [[ $shell == zsh ]]; then
    zsh -n "$documents/zsh/_graveler" && zsh -n "$documents/zsh/_graveler-bench"
    same 'a command' 'graveler selftest ' "$(zsh_line $'graveler selft\t')"
    same 'an option' 'graveler run --until-target ' "$(zsh_line $'graveler run --unt\t')"
    same 'a name' 'graveler run --statistic=streak ' "$(zsh_line $'graveler run --stat\tstr\t')"
    same 'a file' 'graveler merge a-result.json ' "$(zsh_line $'graveler merge a-r\t')"
    same 'without a command' 'graveler-bench --seconds=' "$(zsh_line $'graveler-bench --seco\t')"
    exit
fi
for program; do
    test_offers "$program"
done
same 'an option' '--until-target' "$("offers_$shell" graveler run --unt)"
same 'names' $'streak\nsum' "$("offers_$shell" graveler run --statistic s)"
same 'names after =' $'streak\nsum' "$("offers_$shell" graveler run --statistic = s)"
same 'a number' '' "$("offers_$shell" graveler run --rolls '')"
same 'files of an option' 'a-result.json' "$("offers_$shell" graveler run --checkpoint a-)"
same 'files of a command' 'a-result.json' "$("offers_$shell" graveler merge a-)"
same 'without a command' '--seconds' "$("offers_$shell" graveler-bench --threads 2 --seco)"
