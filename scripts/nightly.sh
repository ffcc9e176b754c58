#!/usr/bin/env bash
#
# scripts/nightly.sh          what is too long for every day: the slow and the nightly tests, then two hours of
#                             `graveler stress` on everything this machine can play on
# scripts/nightly.sh 10m      ... with as much stress as is said
#
# Installs and builds as scripts/test.sh does. Ends with exit code 0 only if all of it was right.

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[[ ${1-} != -h && ${1-} != --help ]] || usage
stress_time=${1-2h}

# The tests are there before the stress: what they find need not wait for it.
failed=0
"$root/scripts/test.sh" -L 'slow|nightly' || failed=$?

choose_preset
say "stress for $stress_time"
"$root/build/$preset/graveler" stress --time "$stress_time" || failed=$?

((failed == 0)) || die 'something was wrong: see above'
