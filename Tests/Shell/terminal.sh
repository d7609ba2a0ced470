#!/bin/bash
# Nothing that a program shows steers the terminal, ends a line, or turns it around: no control characters of C0 and C1,
# no marks of direction, no separators of lines, nothing that is not UTF-8, from names, addresses, subjects, paths, other
# programs and logs; in every program, for people and for scripts.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs eml2ccm ccm2eml ccmcheck ccm-convert ccm-import ccm-export ccm-move ccm-status ccm-replay ccm-audit ccpo-init ccpo-import ccpo-export
require "what is shown" python3

# As written in UTF-8: ESC, DEL, CSI of C1, NEL, right-to-left mark, override and isolate, line separator; and CSI in
# Latin-1, which no UTF-8 is.
evil=$'\033[2J\177\302\23331m\302\205\342\200\217\342\200\256\342\201\247\342\200\250\2332J'
name="a${evil}b"
fresh="c${evil}d"

# shown NAME FILE...: what stands there may go to any terminal, and is not nothing.
shown() {
    local label=$1
    shift
    check "$label" python3 - "$@" <<'P'
import sys
said = b"".join(open(f, "rb").read() for f in sys.argv[1:])
if not said: sys.exit("nothing was said")
bad = {c for c in said.decode() if c not in "\n\t" and (c < " " or 0x7f <= ord(c) < 0xa0 or c in "\u061c\u200e\u200f\u2028\u2029"
       or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069")}
if bad: sys.exit("%r in %r" % (bad, said))
P
}
queue_of() { mkdir -p "$1/in"; printf junk >"$1/in/$name"; eml 1 "$evil" | sed "s/^Subject: .*/Subject: $evil/" >"$1/in/$fresh"; ln -s /x "$1/in/l$evil"; }

queue_of "q$evil"
run "$BIN/ccm-move" "none$evil" "q$evil/in"; shown "ccm-move" out err
run "$BIN/ccm-convert" "q$evil"; shown "ccm-convert" out err
shown "reports" "q$evil"/quarantine/*.report
shown "events" "q$evil"/log/*.jsonl
check "events are JSON" json "q$evil"/log/*.jsonl
check "an event has the name as it is" python3 - "q$evil" "$name" <<'P'
import glob, json, os, sys
queue, name = map(os.fsencode, sys.argv[1:])
names = {json.loads(l).get("name") for f in glob.glob(queue + b"/log/*.jsonl") for l in open(f, "rb")}
sys.exit(name.decode(errors="replace") not in names)
P
for option in "" --json --quiet; do
    run "$BIN/ccm-audit" $option "q$evil"; [ "$option" ] && [ ! -s out ] || shown "ccm-audit $option: sound" out err
done
run "$BIN/ccm-replay" --from quarantine --list "q$evil"; shown "ccm-replay --list" out
run "$BIN/ccm-replay" --from quarantine --dry-run --all "q$evil"; shown "ccm-replay --dry-run" out
run "$BIN/ccm-replay" --from failed "no$evil" "q$evil"; shown "ccm-replay: there is none" err
for option in "" --json --prometheus; do run "$BIN/ccm-status" $option "q$evil"; shown "ccm-status $option" out; done
rm "q$evil/quarantine/$name"
for option in "" --json; do run "$BIN/ccm-audit" $option "q$evil"; is "ccm-audit $option: damaged" $status 65; shown "ccm-audit $option: damaged" out; done
printf '{"time":"2026-01-01T00:00:00.000Z","id":1,"severity":"error","program":"p","invocation":"i","queue":"q","text":"%s"}\n' "$evil" >"q$evil/log/x.jsonl"
for option in "" --json; do run "$BIN/ccm-status" $option "q$evil"; shown "ccm-status $option: a log of others" out; done

for one in eml2ccm ccm2eml ccmcheck ccm-convert ccm-status ccm-audit ccm-replay; do
    run "$BIN/$one" "none$evil/none"; shown "$one: what is not there" err
    run "$BIN/$one" "--none$evil"; shown "$one: no option" err
done
ccm 1 | sed "s/^Contents:/Strange$evil:/" >"$name.ccm"
run "$BIN/ccmcheck" "$name.ccm"; shown "ccmcheck" out err
run "$BIN/ccmcheck" --json "$name.ccm"; shown "ccmcheck --json" out

mkdir -p i/in po; : >po/CCPOMBOX.000
ccm 1 | sed "s/^From: .*/From: $evil at HUB\r/; s/^Subject: .*/Subject: $evil\r/" >"i/in/$name.ccm"
printf '#!/bin/sh\nprintf "%%s" "%s"; exit 1\n' "said $evil" >prog; chmod +x prog
run "$BIN/ccm-import" --retry 0 --diagnostics maximum --post-office po --mailbox EX --import-program "$tmp/prog" i; shown "ccm-import" out err
shown "ccm-import: events" i/log/*.jsonl
run "$BIN/ccm-import" --check --post-office po --mailbox EX --import-program "$tmp/prog" i; shown "ccm-import --check" out
run "$BIN/ccpo-init" --name HUB --user "B$evil" office; shown "ccpo-init" err
"$BIN/ccpo-init" --name HUB --user Bob --remote EX office
cp "i/quarantine/$name.ccm" "$name.ccm" 2>/dev/null || ccm 1 >"$name.ccm"
run "$BIN/ccpo-import" "/NHUB" /Doffice "/@$name.ccm"; shown "ccpo-import" out
run "$BIN/ccpo-export" "/N$evil" /Doffice "/@$fresh"; shown "ccpo-export" out
