#!/bin/bash
# What stands on a command line is bytes: a file, a directory, a queue or a post office whose name is not UTF-8 is the one
# that is worked on, in every program and with every option that takes a path; nothing else is made or touched.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs eml2ccm ccm2eml msg2eml tnef2eml ccmsplit mboxsplit ccmcheck ccm-convert ccm-import ccm-export ccm-move ccm-status \
    ccm-replay ccm-audit ccm-prune ccpo-init ccpo-import ccpo-export
# Latin-1, half a character of UTF-8, and what Swift writes for what it cannot read.
bad=$'caf\351-\303-\377\376'
mkdir work; cd work || exit 1

# only NAME WANTED...: in this directory there is nothing but these.
only() { is "$1" "$(printf '%s\n' * | sort | od -An -c)" "$(printf '%s\n' "${@:2}" | sort | od -An -c)"; }

eml 1 >"$bad.eml"; eml 2 >plain.eml
run "$BIN/eml2ccm" "$bad.eml"; is "eml2ccm" $status 0
cp ../out "$bad.ccm"
for one in "ccm2eml $bad.ccm" "ccmcheck $bad.ccm" "ccm2eml --directory $bad.d $bad.ccm" "ccmsplit -d $bad.s -p $bad $bad.ccm"; do
    run "$BIN/${one%% *}" ${one#* }; is "${one%% *}: $(printf %q "${one#* }")" $status 0
done
check "ccm2eml --directory" grep -q "<1>" "$bad.d/000001.eml"
check "ccmsplit --prefix" test -s "$bad.s/${bad}000001.ccm"
mbox 3 >"$bad.mbox"; run "$BIN/mboxsplit" --directory "$bad.m" "$bad.mbox"
is "mboxsplit --directory" "$status $(ls "$bad.m" | wc -l)" "0 1"
run "$BIN/msg2eml" "$bad.eml"; is "msg2eml opens it" $status 65
run "$BIN/tnef2eml" "$bad.none"; is "tnef2eml: there is none" $status 66
check "a message shows what can be shown" grep -q "tnef2eml: caf.*: No such file" ../err
printf 'ann@example.org\tAnn at HUB\n' >"$bad.map"
run "$BIN/eml2ccm" --map "$bad.map" "$bad.eml"; among "--map opens it" $status 0 78
run "$BIN/eml2ccm" --map "$bad.none" "$bad.eml"; is "--map: there is none" $status 66
run "$BIN/eml2ccm" --domain "$bad" "$bad.eml"; is "an option that is text" $status 64

mkdir -p "$bad.q/in" "$bad.i"; cp "$bad.eml" "$bad.q/in/"
run "$BIN/ccm-convert" --no-sync --into "$bad.i" "$bad.q"
is "ccm-convert --into" "$status $(ls "$bad.i" | wc -l)" "0 1"
check "ccm-convert: the result has the name" cmp "$bad.i/$bad.ccm" "$bad.ccm"
cp plain.eml "$bad.q/in"
run "$BIN/ccm-convert" --no-sync "$bad.q" -- sh -c 'printf "%s" "$1"' sh "$bad"
is "ccm-convert: a word for a command" "$(cat "$bad.q/results/plain.out" | od -An -c)" "$(printf %s "$bad" | od -An -c)"
run "$BIN/ccm-replay" --from done "$bad.eml" "$bad.q"; is "ccm-replay by name" "$status $(ls "$bad.q/in")" "0 $bad.eml"
run "$BIN/ccm-replay" --from done --into "$bad.i" plain.eml "$bad.q"; is "ccm-replay --into" "$status $(ls "$bad.i" | grep -c plain)" "0 1"
mkdir "$bad.t"; cp "$bad.eml" "$bad.u.eml"
run "$BIN/ccm-move" "$bad.i/plain.eml" "$bad.u.eml" "$bad.t"; is "ccm-move" "$status $(ls "$bad.t")" "0 $bad.u.eml
plain.eml"
rm -r "$bad.t"
"$BIN/ccm-convert" --no-sync -q "$bad.q"
run "$BIN/ccm-prune" --older-than 0s --to "$bad.a" "$bad.q"; is "ccm-prune" "$status $(ls "$bad.q/done" | wc -l) $(ls -d "$bad.a/$bad.q/done")" "0 0 $bad.a/$bad.q/done"
run "$BIN/ccm-status" "$bad.q"; is "ccm-status" "$status" 0
run "$BIN/ccm-audit" --consumed "$bad.q"; is "ccm-audit" "$status" 0

printf 'secret\n' >"$bad.pw"
run "$BIN/ccpo-init" --name HUB --remote INTERNET --user Bob --password-file "$bad.pw" "$bad.po"; is "ccpo-init" $status 0
ccm 5 | sed 's/To: .*\r/To: Bob at HUB\r/' >"$bad.in"
# Without its size: the address is another one.
run "$BIN/eml2ccm" --zone UTC plain.eml; cp ../out "$bad.in"
run env CCM_PASSWORD=secret "$BIN/ccpo-import" "/NHUB" "/D$bad.po" "/@$bad.in" /PARTIAL
among "ccpo-import" $status 0 5
check "ccpo-import took it" test ! -e "$bad.in"
run "$BIN/ccpo-export" /NINTERNET "--password-file=$bad.pw" "--post-office" "$bad.po" "/@$bad.out" /ITEMSIZE
is "ccpo-export" $status 0
mkdir -p "$bad.x/in"; cp "$bad.ccm" "$bad.x/in/"
{ printf 'mailbox = INTERNET\n'; printf 'post-office = %s\npassword-file = %s\nimport-queue = %s\nexport-queue = %s\npickup = %s\n' \
    "$bad.po" "$bad.pw" "$bad.x" "$bad.y" "$bad.i"; } >"$bad.conf"
run "$BIN/ccm-import" --no-sync --config "$bad.conf"
is "ccm-import by its configuration" "$status $(ls "$bad.x/in")" "0 "
mkdir -p "$bad.y/in"
run "$BIN/ccm-export" --no-sync --config "$bad.conf"; is "ccm-export by its configuration" $status 0
run "$BIN/ccm-import" --config "$bad.conf" --check; is "--check" $status 0
printf "#!/bin/sh\nrm -f *.CCM\n" >"$bad.prog"; chmod 755 "$bad.prog"
cp "$bad.ccm" "$bad.x/in/"
run "$BIN/ccm-import" --no-sync --config "$bad.conf" --import-program "./$bad.prog"; is "--import-program" $status 0

only "nothing else was made" "$bad.eml" plain.eml "$bad.ccm" "$bad.d" "$bad.s" "$bad.mbox" "$bad.m" "$bad.map" "$bad.q" "$bad.i" \
    "$bad.pw" "$bad.po" "$bad.a" $(ls -d "$bad.out" 2>/dev/null) "$bad.x" "$bad.y" "$bad.conf" "$bad.prog" $(ls -d *.UND *.und 2>/dev/null)
