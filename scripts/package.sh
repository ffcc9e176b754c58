#!/usr/bin/env bash
#
# scripts/package.sh                 makes Debian packages in build/packages
# scripts/package.sh --no-install    the same, but what is missing is named, not installed
#
# Where there is a CUDA toolkit they can play on GPUs, too: no package depends on CUDA, whose driver is looked for when
# it is needed. GRAVELER_PRESET=release builds without CUDA.

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
[[ ${1-} != --no-install ]] || { may_install=no && shift; }

choose_preset
require "${groups[@]}" package
# For all GPUs, not for those of this machine.
build "$preset" "build/package-$preset" -DBUILD_TESTING=OFF -DCMAKE_INSTALL_PREFIX=/usr
rm -rf "$root/build/packages"
cpack --config "$root/build/package-$preset/CPackConfig.cmake" -B "$root/build/packages" >&2
rm -rf "$root/build/packages/_CPack_Packages"
printf '%s\n' "$root"/build/packages/*.deb
