#!/bin/bash
# Samples/crontab: each of its lines does what the text above it says, beside folders that are no queues.
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit ccm-replay ccm-status ccm-prune
samples=$(realpath "$here/../../Samples")
export PATH=$BIN:$samples:$PATH SHELL=/bin/bash

# cron's own view: variables, and lines of five fields and a command. Places of a whole system are below $tmp here.
sed "s,/var/,$tmp/var/,g; s,/srv/,$tmp/srv/,g; s,/etc/ccmc,$tmp/etc,g" "$samples/crontab" >crontab
is "each line is a comment, a variable or five fields and a command" \
    "$(grep -vE '^(#.*|[A-Z]+=.*|([0-9*,/-]+ ){0,5}([0-9*,/-]+ +){5}[^ ].*|)$' crontab)" ""
is "no per cent sign, which is a line end for cron" "$(grep -v '^#' crontab | grep -c %)" 0
while IFS== read -r name value; do export "$name=$value"; done < <(grep -E '^(QUEUES|ARCHIVES)=' crontab)
# line PATTERN: runs the one command that it matches, a commented one as well; says what it printed in `out`.
line() {
    local command
    command=$(sed 's/^#\*/*/' crontab | grep -E '^[0-9*]' | sed -E 's/^([^ ]+ +){5}//' | grep -E -- "$1")
    [ "$(printf '%s\n' "$command" | wc -l)" = 1 ] || { fail "one line for $1" "$command"; return; }
    run bash -c "$command"
}
old() { printf '%s\n' "$QUEUES $ARCHIVES" | tr ' ' '\n'; }

mkdir -p var/lib/node_exporter var/spool/pickup var/spool/ccmc/lost+found srv/exports etc
for q in $QUEUES; do
    mkdir -p "$q/in"; eml 1 >"$q/in/old.eml"; touch -d 1999-01-01 "$q/in/old.eml"; garbage 1 100 >"$q/in/junk"
    touch -d 1999-01-01 "$q/in/junk"; ccm-convert -q "$q"; rm "$q"/results/*
done
eml 2 >srv/exports/a.eml
line '^convert-dump'; is "the archive" "$status $(ls var/spool/ccmc/archive/results)" "0 a.ccm"

line '^new=.*ccm-status'; is "metrics" "$status $(grep -c '^ccmc_queue_messages' var/lib/node_exporter/ccmc.prom) $(ls -A var/lib/node_exporter)" "0 32 ccmc.prom"
line 'ccm-audit'; is "the audit, where results are taken and where they stay" "$status $(cat out err)" "0 "
line 'ccm-replay'
is "the morning's list: what is in quarantine, however old the mail" "$status $(cut -f 1 out | sed "s,$tmp/,,")" "0 $(for q in $QUEUES; do echo "${q#"$tmp"/}/quarantine/junk"; done)"
line '^ccm-prune'; is "pruning: nothing is old enough, however old the mail" "$status $(ls $QUEUES | grep -c old.eml) $(for q in $QUEUES; do ls "$q/done"; done | tr '\n' ' ')" "0 0 old.eml old.eml old.eml "

# A month later.
prune=$(grep -E 'ccm-prune' crontab | grep -v '^#' | sed -E 's/^([^ ]+ +){5}//; s/30d/0s/')
run bash -c "$prune"; is "pruning: a month later" "$status $(for q in $QUEUES; do ls "$q/done"; done)" "0 "
line 'ccm-audit'; is "a month later: the audit is sound" "$status $(cat out err)" "0 "
check "a month later: the archive keeps its originals" test -e var/spool/ccmc/archive/done/a.eml
line '^new=.*ccm-status'; check "a month later: the counters are what they were" grep -q '^ccmc_events_total{queue="'"${QUEUES%% *}"'",id="20000",severity="info"} 1$' var/lib/node_exporter/ccmc.prom

# One that is not there does not keep the metrics of the others from being written.
QUEUES+=" $tmp/nothing"; export QUEUES
rm var/lib/node_exporter/ccmc.prom; line '^new=.*ccm-status'
is "a queue that is not there" "$(grep -c '^ccmc_queue_messages' var/lib/node_exporter/ccmc.prom) $(ls -A var/lib/node_exporter)" "32 ccmc.prom"

# The second way.
: >etc/addresses; mkdir -p var/spool/ccmc/to-internet/in; ccm 3 >var/spool/ccmc/to-internet/in/b.ccm; eml 4 >var/spool/ccmc/to-ccmail/in/c.eml
line '^ccm-convert .*--to ccm'; is "only the conversion: for cc:Mail" "$status $(ls var/spool/ccmc/to-ccmail/results)" "0 c.ccm"
line '^ccm-convert .*--into'; is "only the conversion: from cc:Mail" "$status $(ls var/spool/pickup)" "0 b.eml"
