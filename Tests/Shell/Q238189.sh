#!/bin/bash
# Killed and started again, over and over (Q238189: duplicates after a restart of a transfer agent that could only be
# killed). First the whole way, message to .ccm to post office to message, killed at any moment; then one import and one
# export of three messages, killed at each call that changes something: the connector alone, so that the program goes
# on; the connector and everything with it; the program alone; and both at once.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-convert ccm-import ccm-export ccpo-init ccpo-import ccpo-export
case $TEST_SIZE in quick) kills=40 every=6 ;; normal) kills=200 every=2 ;; *) kills=1000 every=1 ;; esac
"$BIN/ccpo-init" --name HUB --remote EX --remote INTERNET empty >/dev/null || { fail "a post office" "ccpo-init"; exit 0; }

# ---- The whole way.

# once COUNT: marks in the pickup directory that are not there once each.
once() {
    cat pickup/* 2>/dev/null | grep -ao 'The mark is <[0-9]*>' | sort | uniq -c | awk -v count="$1" '
        { gsub(/[<>.]/, "", $5); n[$5 + 0] = $1 }
        END { for (i = 1; i <= count; i++) if (n[i] != 1) { bad++; if (bad < 6) printf "message %d came %d times; ", i, n[i] }
              if (bad > 5) printf "%d in all; ", bad }'
}
cat >ccm.conf <<EOT
post-office = $tmp/po
import-queue = $tmp/out
import-batch = 3
export-queue = $tmp/back
export-batch = 4
pickup = $tmp/pickup
retry = 0
zone = UTC
EOT
cat >way <<EOT
#!/bin/bash
# The three steps, beginning with any of them, for ever or ROUNDS times.
step=\$((\$1 % 3)) rounds=\${2:--1}
while [ \$rounds != 0 ]; do
    case \$step in
        0) "$BIN/ccm-convert" --quiet --zone UTC --into "$tmp/out/in" "$tmp/drop" ;;
        1) "$BIN/ccm-import" --config "$tmp/ccm.conf" --quiet --mailbox EX --into "$tmp/out/results" ;;
        2) "$BIN/ccm-export" --config "$tmp/ccm.conf" --quiet --mailbox INTERNET ;;
    esac
    step=\$(((step + 1) % 3)) rounds=\$((rounds - 1))
done
EOT
chmod +x way
cp -a empty po
mkdir -p drop/in out/in out/results back pickup
n=0 reports=
for ((kill = 1; kill <= kills; kill++)); do
    n=$((n + 2))
    eml $((n - 1)) >drop/in/.a
    if [ $((kill % 4)) = 0 ]; then eml $n | unknown_too >drop/in/.b; reports+="m$n.eml "; else eml $n >drop/in/.b; fi
    mv drop/in/.a drop/in/m$((n - 1)).eml; mv drop/in/.b drop/in/m$n.eml
    setsid ./way $kill 2>>way.err & pid=$!
    sleep 0.0$((RANDOM % 90 + 10))
    end_session $pid
    wait $pid
done 2>/dev/null
./way 0 9 2>way.end
is "killed $kills times on the whole way: the last run" "$(cat way.end)" ""
is "killed $kills times on the whole way: $n messages, each once" "$(once $n)" ""
is "killed $kills times on the whole way: nothing in quarantine, nothing failed, nothing left" \
    "$(for q in drop out back; do names $q/in $q/quarantine $q/failed $q/returns; leftovers $q; runs $q; done; names po/import; find po -name '*.ccm')" ""
is "killed $kills times on the whole way: originals in done" "$(names drop/done | grep -vc report) $(names out/done | grep -vc report)" "$n $n"
is "killed $kills times on the whole way: one report for each recipient that is unknown" "$(names out/results | sort -V | tr '\n' ' ')" "$reports"

# ---- At each call.
require "killed at each call" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "killed at each call" "strace may not trace here"; exit 0; }

# points LOG: `CALL:NUMBER` for each call that changes something, and for a few of those that wait. Nothing happens
# between two of them that a crash could undo.
points() {
    awk '{ line = $0; sub(/^[0-9]+ +/, "", line) }
        line !~ /^[a-z_0-9]+\(/ { next }
        { call = line; sub(/\(.*/, "", call); n = ++seen[call] }
        line ~ / = -1 / { next }
        call ~ /^(rename|link|unlink|mkdir|rmdir|write|pwrite|ftruncate|fsync|fdatasync|syncfs|clone|vfork|exit_group|kill|symlink)/ { print call ":" n }
        call ~ /^open/ && line ~ /O_CREAT|O_TRUNC/ { print call ":" n }
        call == "flock" { print call ":" n }
        call ~ /^(wait4|clock_nanosleep)$/ && n <= 2 { print call ":" n }' "$1"
}

# killed DIR import|export WHOM CALL:NUMBER: what is wrong after such a death and new starts; its status is that of the
# run that was killed.
killed() {
    local dir=$1 side=$2 whom=$3 inject=${4%:*}:signal=KILL:when=${4#*:} status pid
    copy $side $dir
    case $whom in
        connector) SLOW=0.03 timeout 60 strace -qq -o /dev/null -e trace=${4%:*} -e inject=$inject $(command_of $side $dir); status=$? ;;
        everything)
            setsid strace -qq -o /dev/null -e trace=${4%:*} -e inject=$inject $(command_of $side $dir) & pid=$!
            wait $pid
            status=$?
            end_session $pid ;;
        program | both) INJECT=$inject WHOM=$whom timeout 60 $(command_of $side $dir); status=$? ;;
    esac
    wrong $side $dir
    return $status
}

# sweep SIDE WHOM LOG
sweep() {
    local name="$1 of three messages, killed: $2" hits total
    points "$3" | awk -v every=$every 'NR % every == 0' >points.now
    total=$(wc -l <points.now)
    in_two killed points.now $1 $2
    # A program that is killed makes its connector end in another way.
    [ $2 = program ] && hits=$total || hits=$(grep -c 137 hits)
    if [ -s bad ]; then fail "$name" "$(wc -l <bad) of $total points are wrong: $(head -n 4 bad)"
    else ok "$name: $total points, each message once"; fi
    [ $((hits * 4)) -ge $((total * 3)) ] || fail "$name: the kills" "$hits of $total: $(sort hits | uniq -c | tr '\n' ' ')"
}

three
for side in import export; do
    sweep $side connector $side.log
    sweep $side everything $side.log
    sweep $side program ccpo.$side.log
    sweep $side both ccpo.$side.log
done

leave

# ---- The naive one, killed after its second message and started again.
office fakes
ccm_queue naive 5
echo 0.05 >fakes/slow
{
    setsid "$here/naive/Q238189" "$tmp/naive" "$here/fake/import" "$tmp/fakes" & pid=$!
    sleep 0.2
    end_session $pid
    wait $pid
} 2>/dev/null
rm fakes/slow
"$here/naive/Q238189" "$tmp/naive" "$here/fake/import" "$tmp/fakes" 2>/dev/null
caught Q238189 "$(not_once fakes 5)"
