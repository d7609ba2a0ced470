#!/bin/bash
# What the embedded post office refuses is a second copy of a delivery, and not of the same words: two messages that are
# alike in every byte are two, one that was handed over before somebody died is one, and one that is put back from
# `done` is delivered again.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-convert ccm-import ccm-replay ccpo-init ccpo-import eml2ccm
alarm() { printf '%s\r\n' "From: Alarm <alarm@example.org>" "To: <bob@example.com>" "Date: Tue, 2 Jun 1998 08:39:${1:-00} +0000" "Subject: Pump 3" "" "The mark is <3>."; }
"$BIN/ccpo-init" --name HUB --user Bob --user Ann --remote EX --remote INTERNET empty >/dev/null
office() { rm -rf po q; cp -r empty po; mkdir -p q/in; }
import() { run "$BIN/ccm-import" --quiet --retry 0 --post-office po --mailbox EX "$@" q; }
box() { find po/mail -name '*.ccm' | wc -l; }
alarm | "$BIN/eml2ccm" --zone UTC >one.ccm

# ---- Alike in every byte: two.
office; cp one.ccm q/in/a.ccm; cp one.ccm q/in/b.ccm; import
is "two files in one batch" "$status $(box)" "0 2"
office; for i in a b c; do cp one.ccm q/in/$i.ccm; done; import --import-batch 1
is "three files in three batches" "$status $(box)" "0 3"
office; for i in 1 2; do cp one.ccm q/in/a.ccm; import; done
is "two files of one name in two runs" "$status $(box)" "0 2"
office; cat one.ccm one.ccm >q/in/a.ccm; import
is "twice in one file" "$status $(box)" "0 2"
office; cat one.ccm one.ccm >q/in/a.ccm; cp q/in/a.ccm q/in/b.ccm; import
is "twice in each of two files" "$status $(box)" "0 4"
office; mkdir -p a/in; for i in 07 41; do alarm $i >a/in/$i.eml; done
run "$BIN/ccm-convert" -q --into q/in a; import
is "two mails of one minute, by ccm-convert" "$status $(box)" "0 2"
office; for i in 1 2; do cp one.ccm in.ccm; "$BIN/ccpo-import" /NEX /Dpo /@in.ccm /ITEMSIZE >out; done
is "a copy, by ccpo-import itself" "$(box)" 2

# ---- Put back from done: delivered again, and it says so.
office; cp one.ccm q/in/a.ccm; import
find po/mail -name '*.ccm' -delete
run "$BIN/ccm-replay" --from done --all q
check "put back from done: it says that it comes again" grep -q 'sent once more' err
import
is "put back from done: delivered again" "$status $(box) $(names q/done | grep -vc report)" "0 1 1"

# ---- One that was handed over before somebody died: once, however often it is handed over again.
# An IMPORT that delivers, puts its input back, and dies.
cat >prog <<'SH'
#!/bin/bash
cp IMPORT.CCM kept; "$BIN/ccpo-import" "$@"; code=$?
n=$(cat "$PO/../n" 2>/dev/null); echo $((n + 1)) >"$PO/../n"
[ "${n:-0}" -ge "$TIMES" ] || { mv kept IMPORT.CCM; eval "$HOW"; }
exit $code
SH
chmod 755 prog
export BIN PO=$tmp/po TIMES=2
dying() { HOW=$1 import --import-program "$tmp/prog" --import-reliable yes --environment BIN --environment PO --environment HOW --environment TIMES "${@:2}"; }
for how in 'kill -9 $$' 'exit 1' 'exit 137' 'kill -9 $PPID; kill -9 $$' 'exit 4' 'kill -9 $PPID; exit 0'; do
    office; rm -f n
    for i in 1 2 3 4 5; do cp one.ccm q/in/$i.ccm; done; cat one.ccm one.ccm >q/in/6.ccm
    for i in 1 2 3 4 5; do dying "$how" --import-batch 3; done 2>/dev/null
    for ((i = 0; i < 9; i++)); do [ -n "$(ls q/in)$(leftovers q)" ] || break; dying "$how"; done 2>/dev/null
    is "handed over again after '$how': each once" "$(box) $(names q/done | grep -c 'ccm$') $(names q/in q/failed q/quarantine)" "7 6 "
    is "handed over again after '$how': nothing is kept" "$(ls q/work/known | grep -c delivery)" 0
done
# It waits in quarantine, and is put back from there: those who have it do not get it again.
office; rm -f n; cp one.ccm q/in/a.ccm
TIMES=3; for i in 1 2 3; do dying 'exit 1' --attempts 3; done
is "quarantine, though it was delivered" "$(names q/quarantine | tr '\n' ' ')$(box)" "a.ccm a.ccm.report 1"
"$BIN/ccm-replay" -q --from quarantine --all q; dying 'exit 1'
is "quarantine, put back: it is the same delivery" "$status $(box) $(names q/done | tr '\n' ' ')" "0 1 a.ccm "
leave
