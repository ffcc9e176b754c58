#!/usr/bin/env bash
# header.sh HEADER LIBRARY: whether the header is C11 and C++17 to every compiler here, and whether the shared library
# exports what it declares and nothing else.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
header=$1 library=$2
flags=(-Wall -Wextra -pedantic -Werror -fsyntax-only)

tested=0
for compiler in gcc g++ clang clang++ "${CC:-cc}"; do
    command -v "$compiler" >/dev/null || continue
    tested=$((tested + 1))
    case $compiler in
    *++) "$compiler" "${flags[@]}" -std=c++17 -x c++ "$header" ;;
    *) "$compiler" "${flags[@]}" -std=c11 -x c "$header" ;;
    esac
done
((tested > 0)) || fail 'no compiler'
# Twice in one file, and alone in it.
printf '#include "%s"\n' "$header" "$header" | "${CC:-cc}" "${flags[@]}" -std=c11 -x c -

declared=$("${CC:-cc}" -E -P "$header" | grep -o '\bgrav_[a-z0-9_]\+(' | tr -d '(' | sort -u)
(($(wc -l <<<"$declared") > 50)) || fail "the header declares too little: $declared"
exported=$(nm -D --defined-only "$library" | sed 's/.* //' | sort -u)
same 'what the library exports' "$declared" "$exported"
