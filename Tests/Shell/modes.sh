#!/bin/bash
# What a queue holds in `log` and `work` is for its owner only: there is mail in it, whatever the umask is. Results, reports
# and all that others take away have the modes that the umask gives, or nobody could take them.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs eml2ccm ccm-convert ccm-import ccm-audit ccpo-init
umask 022

# open_to_others DIR...: the regular files there that others may read or write.
open_to_others() { find "$@" -type f -perm /077 -printf '%m %p\n' | sed "s/[0-9]*T[0-9]*Z[^.\/]*/ID/"; }

"$BIN/ccpo-init" --name HUB --user Bob --remote INTERNET po
mkdir -p i/in
eml 1 | sed 's/^To: .*/To: <IMCEACCMAIL-Zed+20at+20HUB@ccmail.invalid>\r/' | "$BIN/eml2ccm" >i/in/m1.ccm
run "$BIN/ccm-import" --diagnostics maximum --post-office po --mailbox INTERNET i
check "an undeliverable message: its text is kept" grep -q 'The mark is <1>' i/log/*.und
is "ccm-import: log and work" "$(open_to_others i/log i/work i/run)" ""
is "ccm-import: the report is for everybody" "$(stat -c %a i/returns/* i/results/* 2>/dev/null | sort -u)" 644

queue q 3
run "$BIN/ccm-convert" q -- sh -c 'echo said >&2; case $(cat) in *"<2>"*) exit 65 ;; esac; echo result'
is "ccm-convert: log and work" "$(open_to_others q/log q/work)" ""
is "ccm-convert: results and reports are for everybody" "$(stat -c %a q/results/* q/quarantine/*.report | sort -u)" 644
check "a report names a log that is there" test -s "q/$(grep -o 'log/[^" ]*' q/quarantine/*.report)"
queue s 1
run "$BIN/ccm-convert" s -- false
check "a program that says nothing: no log is named" sh -c '! grep -q "the log" s/failed/*.report'

# While it works, and after it was killed.
queue k 1
"$BIN/ccm-convert" k -- sh -c 'sleep 60' & worker=$!
for ((n = 0; n < 200; n++)); do [ -n "$(find k/work -name m1.eml 2>/dev/null)" ] && [ -n "$(find k/log -name '*.stderr' 2>/dev/null)" ] && break; sleep 0.05; done
kill -9 $worker; wait $worker 2>/dev/null
is "in hand" "$(open_to_others k/log k/work | grep -v 'm1\.\(eml\|out\)$')" ""
is "in hand: who has it is noted" "$(tr -d "\0" <"$(find k/work -name hand)" | tr -dc "a-z0-9.")" m1.eml
rm "$(find k/work -name hand)"; mkfifo "$(dirname "$(find k/work -name lock)")/hand"
run "$BIN/ccm-convert" k -- cat
is "a FIFO in place of \`hand\`" "$status $(names k/done)" "0 m1.eml"
