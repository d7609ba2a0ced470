#!/bin/bash
# Random errors of the system at random system calls in each program, and in what it starts: nothing is lost, doubled,
# half, or unexplained by the audit. SEED makes them others.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-convert ccm-import ccm-export ccm-replay ccm-audit ccm-prune ccm-move ccm-status ccpo-init ccpo-import ccpo-export eml2ccm ccm2eml ccmcheck msg2eml \
    tnef2eml mboxsplit ccmsplit
require "random errors" strace python3
strace -f -qq -o /dev/null true 2>/dev/null || { skip "random errors" "strace may not trace here"; exit 0; }
export PYTHONDONTWRITEBYTECODE=1

# For ccm-move.
if [ "$(stat -c %d /var/tmp)" != "$(stat -c %d .)" ] && FAR=$(mktemp -d /var/tmp/ccmc-test.XXXXXX); then
    export FAR
    trap 'chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp" "$FAR"' EXIT
else unset FAR; fi

case $TEST_SIZE in quick) runs=60 ;; normal) runs=200 ;; *) runs=2000 ;; esac
mkdir runs
(cd runs && python3 "$here/random-errors.py" $runs "${SEED:-1}" >../wrong 2>../told)
is "random errors, seed ${SEED:-1}: $(tail -n 1 told)" "$(head -n 8 wrong)" ""
check "random errors: they were met" test "$(sed -n 's/.*, \([0-9]*\) with errors.*/\1/p' told)" -gt $((runs * 3 / 4))
