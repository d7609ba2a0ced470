#!/bin/bash
# An IMPORT and an EXPORT that know nothing of crashes, in a storm of kills: no message is given to IMPORT twice or passed
# on twice, none is lost, and no sender is told that his failed. SEED makes it another storm.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-import ccm-export ccm-audit
require "a storm" python3

case $TEST_SIZE in quick) seconds=4 ;; normal) seconds=10 ;; *) seconds=180 ;; esac
for side in import export; do
    mkdir $side
    (cd $side && python3 "$here/foreign-storm.py" $side $seconds "${SEED:-1}" >../wrong.$side 2>../told.$side) &
done
wait
for side in import export; do
    is "$side, seed ${SEED:-1}: $(tail -n 1 told.$side)" "$(cat wrong.$side)" ""
    check "$side: there was a storm" test "$(sed -n 's/.* \([0-9]*\) kills/\1/p' told.$side)" -gt $((seconds * 3))
done
