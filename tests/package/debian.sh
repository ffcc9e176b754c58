#!/usr/bin/env bash
# debian.sh BUILD CPACK: makes the Debian packages of the build, and looks that they hold what they should and depend on
# no more than they need.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
build=$1 cpack=$2
for tool in dpkg-deb dpkg-shlibdeps file; do
    command -v "$tool" >/dev/null || skip "no $tool here: Debian packages"
done

"$cpack" --config "$build/CPackConfig.cmake" -G DEB -B "$folder/made" >"$folder/log" 2>&1 || fail "$(<"$folder/log")"
version=$("$build/graveler" --version | cut -d' ' -f2)
names='graveler libgraveler-dev libgraveler'${version%.*}
[[ ! -e $build/graveler-mpi ]] || names+=' graveler-mpi'
for name in $names; do
    package=$(echo "$folder/made/${name}_${version}"_*.deb)
    [[ -e $package ]] || fail "there is no package $name"
    dpkg-deb -x "$package" "$folder/root"
    depends=$(dpkg-deb -f "$package" Depends)
    [[ ! $depends =~ cuda|nvidia ]] || fail "$name needs $depends"
    case $name in
    graveler-mpi) ;;
    libgraveler-dev) same "$name needs" "libgraveler${version%.*} (= $version)" "$depends" ;;
    *)
        [[ ! $depends =~ mpi ]] || fail "$name needs $depends"
        # Found by dpkg-shlibdeps: what the program is linked to.
        for library in libc6 libgmp10 libmpfr libjansson4; do
            [[ $depends =~ $library ]] || fail "$name does not need $library: $depends"
        done
        ;;
    esac
done

same 'the program of the package' 81 \
    "$("$folder/root/usr/bin/graveler" run --seed 42 --sessions 3000 --backend cpu --quiet)"
for file in bin/graveler-bench include/graveler.h share/man/man1/graveler.1; do
    [[ -e $folder/root/usr/$file ]] || fail "no package has $file"
done
