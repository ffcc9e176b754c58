# shellcheck shell=bash
# Shared by scripts/run.sh, test.sh, fuzz.sh, package.sh, reference.sh and gpu-check.sh and by .ci/run, which source it:
# the packages they need, the preset that suits this machine, and how to configure and build. All that is said goes to
# stderr.

set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
may_install=yes
lists=old

# group | Debian and Ubuntu package | how to see it where dpkg does not know of it | what it is for
packages=(
    'build|gcc|command -v gcc|the C compiler'
    'build|libc6-dev|has_header stdio.h|the C library, to compile against'
    'build|cmake|command -v cmake|configures the build (3.25 or later)'
    'build|ninja-build|command -v ninja|runs the build'
    'build|pkg-config|command -v pkg-config|finds the libraries'
    'build|libjansson-dev|pkg-config --exists jansson|JSON, for result files'
    'build|libgmp-dev|pkg-config --exists gmp|exact arithmetic, for the law'
    'build|libmpfr-dev|pkg-config --exists mpfr|logarithms and powers beyond double, for the law'
    'build|libxxhash-dev|pkg-config --exists libxxhash|digests and checksums'
    'build|libcsv-dev|has_header csv.h|CSV, for jobs and answers of batch'
    'cuda|g++|command -v g++|the host compiler of nvcc'
    'test|g++|command -v g++|compiles the tests'
    'test|libgtest-dev|pkg-config --exists gtest|GoogleTest, runs the tests'
    'test|libboost-dev|has_header boost/version.hpp|Boost.Math, the statistics in the tests'
    'test|librandom123-dev|has_header Random123/philox.h|Random123, an independent Philox to test ours against'
    'mpi|openmpi-bin|command -v mpiexec.openmpi|starts graveler-mpi with Open MPI'
    'mpi|libopenmpi-dev|pkg-config --exists ompi-c|Open MPI, to compile against'
    'mpi|mpich|command -v mpiexec.mpich|starts graveler-mpi with MPICH'
    'mpi|libmpich-dev|pkg-config --exists mpich|MPICH, to compile against'
    'mpi|iproute2|command -v ip|makes hosts apart on one machine, to test it on'
    'sanitizers|clang|command -v clang|the compiler of the builds with sanitizers'
    'sanitizers|libclang-rt-dev|clang_links -fsanitize=thread|its sanitizer runtimes'
    'sanitizers|libomp-dev|clang_links -fopenmp|its OpenMP, whose locks the thread sanitizer understands'
    'sanitizers|llvm|command -v llvm-symbolizer|names and lines in its reports'
    'test|python3|command -v python3|runs the examples of the README'
    'test|jq|command -v jq|stands in one of them'
    'test|python3-numpy|/usr/bin/python3 -c "import numpy"|the Python package stands on it'
    'test|python3-pytest|/usr/bin/python3 -c "import pytest"|runs its tests'
    'test|python3-venv|/usr/bin/python3 -c "import ensurepip"|installs it, to test that'
    'test|mandoc|command -v mandoc|checks the man pages'
    'test|dpkg-dev|command -v dpkg-shlibdeps|makes Debian packages, to test them'
    'test|file|command -v file|likewise'
    'package|dpkg-dev|command -v dpkg-shlibdeps|finds what a package depends on'
    'package|file|command -v file|tells CPack what is a program'
    'package|g++|command -v g++|links what has CUDA in it'
    'shells|zsh|command -v zsh|to test the completion for it'
    'shells|fish|command -v fish|likewise'
    'shells|bash-completion|test -d /usr/share/bash-completion|likewise, for bash as it is set up'
    'test|libxml2-dev|pkg-config --exists libxml-2.0|reads the pictures in the tests'
    'test|gnuplot-nox|command -v gnuplot|draws the pictures of graveler plot'
    'plots|gnuplot-nox|command -v gnuplot|draws the plots of benchmark results'
    'lint|git|command -v git|lists the files to check'
    'lint|shellcheck|command -v shellcheck|checks the scripts'
    'format|clang-format-14|clang_format|checks the formatting; other versions format differently'
)
cmake_needed=3.25
cuda_needed=12.8

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
    say "$@"
    exit 1
}

# Prints the comment that the script begins with.
usage() {
    sed -n '3,/^[^#]/s/^# \?//p' "$0"
    exit
}

# at_least WANTED VERSION: compares MAJOR.MINOR
at_least() {
    [[ $2 =~ ^([0-9]+)\.([0-9]+) ]] &&
        ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= ${1%.*} * 1000 + ${1#*.}))
}

has_header() { printf '#include <%s>\n' "$1" | gcc -E -x c -; }
clang_links() { echo 'int main(void) { return 0; }' | clang "$1" -x c - -o /dev/null; }

# Prints the command of the one clang-format version that the project is formatted with.
clang_format() {
    local command
    for command in clang-format-14 clang-format; do
        if [[ $("$command" --version 2>/dev/null) == *'version 14.'* ]]; then
            echo "$command"
            return
        fi
    done
    return 1
}

# require GROUP...: installs what is missing of these groups; with may_install=no says what is missing.
require() {
    local row group package probe reason wanted=() reasons=() missing=() installed i
    for row in "${packages[@]}"; do
        IFS='|' read -r group package probe reason <<<"$row"
        if [[ " $* " == *" $group "* && " ${wanted[*]-} " != *" $package "* ]]; then
            wanted+=("$package")
            reasons+=("$probe|$reason")
        fi
    done

    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null) || true
    for i in "${!wanted[@]}"; do
        IFS='|' read -r probe reason <<<"${reasons[i]}"
        # shellcheck disable=SC2086 # a probe is a command with its arguments
        if [[ $'\n'$installed$'\n' != *$'\n'"installed ${wanted[i]}"$'\n'* ]] && ! $probe >/dev/null 2>&1; then
            ((${#missing[@]})) || say 'missing on this machine:'
            printf '  %-18s %s\n' "${wanted[i]}" "$reason" >&2
            missing+=("${wanted[i]}")
        fi
    done
    ((${#missing[@]} == 0)) || install "${missing[@]}"

    [[ " $* " != *' build '* ]] || at_least "$cmake_needed" "$(cmake --version | sed -n '1s/.* //p')" ||
        die "$(cmake --version | head -n 1) is too old, $cmake_needed or later is needed:" \
            "\`snap install cmake --classic\`, \`pip install cmake\` in a virtual environment," \
            'or the packages of https://apt.kitware.com'
}

# install PACKAGE...
install() {
    local as_root=()
    if ! command -v apt-get >/dev/null; then
        die 'this machine has no apt-get: install them its own way (the names above are those of Debian and Ubuntu)'
    fi
    if [[ $may_install == no ]]; then
        die "install them with: apt-get install --no-install-recommends $*"
    fi
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            die "neither root nor sudo; let root install them: apt-get install --no-install-recommends $*"
        as_root=(sudo)
    fi
    say 'installing them with apt-get ...'
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    [[ $lists == fresh ]] || "${as_root[@]}" update </dev/null >&2 ||
        say 'apt-get update failed; trying with the package lists at hand'
    lists=fresh
    "${as_root[@]}" install -y --no-install-recommends "$@" </dev/null >&2 ||
        die "apt-get could not install: $* (on Ubuntu some are in its \"universe\" repository)"
}

# Sets nvcc to the CUDA compiler, or to nothing.
find_nvcc() {
    nvcc=$(command -v nvcc || command -v "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ||
        command -v /usr/local/cuda/bin/nvcc) || nvcc=
}

# Sets gpus to the architectures of the usable GPUs, as in 80;90: nothing where there is none.
find_gpus() {
    gpus=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null |
        sed -n 's/^ *\([0-9]\+\)\.\([0-9]\) *$/\1\2/p' | sort -nu | paste -sd ';') || gpus=
}

# Whether an NVIDIA GPU is built in, usable or not.
has_gpu() {
    local device vendor class
    [[ -z $gpus && ! -e /proc/driver/nvidia/version ]] || return 0
    for device in /sys/bus/pci/devices/*; do
        { read -r vendor <"$device/vendor" && read -r class <"$device/class"; } 2>/dev/null || continue
        [[ $vendor != 0x10de || $class != 0x03* ]] || return 0
    done
    return 1
}

# One line on how to get the CUDA toolkit, where only that keeps a GPU from being used.
explain_missing_cuda() {
    local found=$1 distribution get=cuda-toolkit what='the CUDA toolkit'
    [[ -n $gpus ]] || { get=cuda what='its driver and the CUDA toolkit'; }
    distribution=$(apt-cache show --no-all-versions nvidia-cuda-toolkit 2>/dev/null | sed -n 's/^Version: //p') || true
    if [[ -n $gpus ]] && at_least "$cuda_needed" "$distribution"; then
        say "an NVIDIA GPU is here, but $found: carrying on with the CPU." \
            'To use the GPU: apt install nvidia-cuda-toolkit'
    else
        say "an NVIDIA GPU is here, but $found: carrying on with the CPU. To use the GPU, get $what" \
            "($cuda_needed or later; the distribution's own is often older) from" \
            "https://developer.nvidia.com/cuda-downloads: apt install $get"
    fi
}

# Sets preset to the one that suits this machine, or to GRAVELER_PRESET; groups to the package groups and
# cmake_options to the options that go with it. With CUDA, builds for the GPUs that are here only, if any.
choose_preset() {
    local version known arch
    preset=${GRAVELER_PRESET:-} groups=(build) cmake_options=()
    find_nvcc
    find_gpus
    if [[ -z $preset ]]; then
        preset=release
        if [[ -n $nvcc ]]; then
            version=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p') || version='(unknown)'
            if at_least "$cuda_needed" "$version"; then
                preset=cuda
            elif has_gpu; then
                explain_missing_cuda "$nvcc is only CUDA $version"
            fi
        elif has_gpu; then
            explain_missing_cuda 'no CUDA toolkit (nvcc)'
        fi
    fi
    [[ $preset != [at]san ]] || groups+=(sanitizers)
    [[ $preset == cuda ]] || return 0

    [[ -n $nvcc ]] || die 'the preset cuda needs nvcc: on the PATH, in CUDA_HOME/bin or in /usr/local/cuda/bin'
    groups+=(cuda)
    export CUDACXX=$nvcc
    [[ -n $gpus ]] || return 0
    known=$("$nvcc" --list-gpu-arch) || known=''
    for arch in ${gpus//;/ }; do
        ((arch >= 75)) && [[ $'\n'$known$'\n' == *$'\n'"compute_$arch"$'\n'* ]] || return 0
    done
    # shellcheck disable=SC2034 # for the script that sources this
    cmake_options=("-DCMAKE_CUDA_ARCHITECTURES=$gpus")
}

# build PRESET DIRECTORY [cmake option...]: configures if need be, builds, and is silent if all is built.
build() {
    local preset=$1 dir=$root/$2 configured=$root/$2/.configured want fresh=() hint=''
    shift 2
    mkdir -p "$dir"
    # What the build directory was configured with: when that changes, it starts afresh.
    want="$root $preset $* ${CUDACXX:-} $(cksum <"$root/CMakePresets.json")"
    if [[ ! -e $dir/build.ninja || ! -e $configured || $(<"$configured") != "$want" ]]; then
        [[ ! -e $configured ]] || fresh=(--fresh)
        say "configuring $dir with the preset $preset"
        cmake -S "$root" --preset "$preset" -B "$dir" "${fresh[@]}" "$@" >&2 || die "cmake could not configure $dir"
        printf '%s\n' "$want" >"$configured"
    fi
    if [[ $(ninja -C "$dir" -n 2>/dev/null) != *'no work to do'* ]]; then
        say "building $dir"
        [[ $preset != cuda ]] || hint='; GRAVELER_PRESET=release builds without CUDA'
        cmake --build "$dir" >&2 || die "the build in $dir failed$hint"
    fi
}

# Sets prefix to the words before a command that is built with sanitizers. They do not start where the kernel scatters
# addresses widely, so there they run without that.
find_prefix() {
    local bits=0
    prefix=()
    if read -r bits </proc/sys/vm/mmap_rnd_bits && ((bits > 28)) && setarch "$(uname -m)" -R true; then
        prefix=(setarch "$(uname -m)" -R)
    fi 2>/dev/null
}

# run_ctest PRESET [ctest option...]
run_ctest() {
    local preset=$1 prefix=()
    shift
    [[ $preset != [at]san ]] || find_prefix
    # Without this, locks inside the OpenMP runtime are reported as races in about one run of ten.
    export TSAN_OPTIONS="ignore_noninstrumented_modules=1${TSAN_OPTIONS:+ $TSAN_OPTIONS}"
    # Clang's runtime before version 17 takes some blocks of thread-local storage for glibc's from before 2.25, and its
    # leak checker then crashes, in about one run of ten thousand.
    export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
    export LSAN_OPTIONS="suppressions=$root/tests/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
    "${prefix[@]}" ctest --test-dir "$root/build/$preset" --output-on-failure --no-tests=error -j 2 "$@"
}
