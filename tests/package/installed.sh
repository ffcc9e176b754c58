#!/usr/bin/env bash
# installed.sh BUILD: installs the build, and uses both libraries from a program outside the tree, found by pkg-config and
# by CMake.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
build=$1
prefix="$folder/a prefix"
moved="$folder/moved"
cc=${CC:-cc}

cmake --install "$build" --prefix "$prefix" >/dev/null
mv "$prefix" "$moved" # what is installed is found wherever it lies
pc=$(find "$moved" -name graveler.pc)
lib=$(dirname -- "$(dirname -- "$pc")")
export PKG_CONFIG_PATH=${pc%/*}

# The best of these sessions is known: see README.md and docs/formats.md.
version=$("$moved/bin/graveler" --version | cut -d' ' -f2)
expected="$version 81 413"
same 'the version for pkg-config' "$version" "$(pkg-config --modversion graveler)"

# Words of pkg-config are words of the compiler.
read -ra shared <<<"$(pkg-config --cflags --libs graveler)"
"$cc" -o "$folder/shared" "$here/program/program.c" "${shared[@]}"
same 'the shared library by pkg-config' "$expected" "$(LD_LIBRARY_PATH=$lib "$folder/shared")"
! "$folder/shared" 2>/dev/null || fail 'the program does not need libgraveler.so'

read -ra static <<<"$(pkg-config --static --cflags --libs graveler)"
"$cc" -o "$folder/static" "$here/program/program.c" "${static[@]/#-lgraveler/-l:libgraveler.a}"
same 'the static library by pkg-config' "$expected" "$("$folder/static")"

cmake -S "$here/program" -B "$folder/program" -DCMAKE_PREFIX_PATH="$moved" -DCMAKE_C_COMPILER="$cc" >/dev/null
cmake --build "$folder/program" >/dev/null
same 'the shared library by CMake' "$expected" "$("$folder/program/with-shared")"
same 'the static library by CMake' "$expected" "$("$folder/program/with-static")"

# The name that programs ask the loader for has the version, but for what may change within it.
soname=$(objdump -p "$lib/libgraveler.so" | sed -n 's/^ *SONAME *//p')
same 'the soname' "libgraveler.so.${version%.*}" "$soname"
[[ -e $lib/libgraveler.so.$version ]] || fail "there is no libgraveler.so.$version"

for file in man/man1/graveler.1 man/man1/graveler-run.1 bash-completion/completions/graveler \
    zsh/vendor-completions/_graveler fish/vendor_completions.d/graveler.fish doc/graveler/LICENSE \
    doc/graveler/README.md doc/graveler/CHANGELOG.md; do
    [[ -s $moved/share/$file ]] || fail "share/$file is not installed"
done

# The examples are what README.md says: programs for the installed library.
examples=$here/../../examples
for example in first_run pairwise_sums progress_bar sweep; do
    "$cc" -o "$folder/$example" "$examples/$example.c" "${shared[@]}"
done
same 'the sweep as README.md has it' "$(sed -n '/cc examples.sweep/,/^0.99 /{/^[0-9]/p}' "$examples/../README.md")" \
    "$(LD_LIBRARY_PATH=$lib "$folder/sweep")"
