#!/bin/bash
# Time zones: what names one is understood, as the time in a .ccm shows; what names none is refused and never taken for
# UTC, wherever it stands.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs eml2ccm ccm2eml msg2eml ccm-convert ccm-import
[ -e /usr/share/zoneinfo/Europe/Berlin ] || { skip "time zones" "no zone data here"; exit 0; }
printf 'From: a@example.com\nTo: b@example.com\nDate: Wed, 1 Jul 2026 12:00:00 +0000\nSubject: s\n\ntext\n' >m.eml
unset TZ

# shows ZONE TIME: the message of noon in UTC has this time there, by the option and by the environment.
shows() {
    run "$BIN/eml2ccm" --zone "$1" m.eml
    is "--zone '$1'" "$status $(sed -n 's/^Date: 7\/1\/26 //p' out | tr -d '\r')" "0 $2"
    run env TZ="$1" "$BIN/eml2ccm" m.eml
    is "TZ='$1'" "$status $(sed -n 's/^Date: 7\/1\/26 //p' out | tr -d '\r')" "0 $2"
}
shows "" 12:00
shows UTC 12:00
shows Europe/Berlin 14:00
shows :Europe/Berlin 14:00
shows /usr/share/zoneinfo/Asia/Tokyo 21:00
shows EST5EDT 8:00
# East, as in the Date of a message; POSIX counts to the west.
shows +0200 14:00
shows +02 14:00
shows -03:30 8:30
shows UTC+2 10:00
shows "<+0330>-3:30" 15:30
shows CET-1CEST,M3.5.0,M10.5.0/3 14:00
shows "ABC3:30:15XYZ,J60/-24,300/30" 9:29
shows "W. Europe Standard Time" 14:00
shows "india standard time" 17:30
shows "US Eastern Standard Time" 8:00

# refused NAME ZONE [ENVIRONMENT]
refused() {
    run env ${3-} "$BIN/eml2ccm" --zone "$2" m.eml
    is "$1: --zone" "$status $(cat out)" "64 "
    check "$1: it is named" grep -qF "$2" err
    run env ${3-} TZ="$2" "$BIN/eml2ccm" m.eml
    is "$1: TZ" "$status $(cat out)" "78 "
}
for zone in Mars/Phobos Europe Berlin XYZ "UTC+" +2 +2500 +02:60 "+02 00" ../../../etc/passwd /etc/passwd "CET-1CEST,M13.5.0,M10.5.0" \
    "CET-1CEST,M3.5.0" "W. Europe Summer Time" " UTC"; do
    refused "'$zone'" "$zone"
done
refused "without zone data" Europe/Berlin TZDIR=/nonexistent
refused "without zone data, Windows' name" "Tokyo Standard Time" TZDIR=/nonexistent
check "without zone data: it is said" grep -q "no zone data in /nonexistent" err
run env TZDIR=/nonexistent "$BIN/eml2ccm" --zone +0200 m.eml
is "without zone data, an offset" "$status $(sed -n 's/^Date: 7\/1\/26 //p' out | tr -d '\r')" "0 14:00"
run env TZ=Mars "$BIN/eml2ccm" --zone UTC m.eml; is "--zone stands before a bad TZ" $status 0

# Every program that tells times, and the configuration.
for program in ccm2eml msg2eml; do
    run "$BIN/$program" --zone Mars m.eml; is "$program --zone" $status 64
    run env TZ=Mars "$BIN/$program" m.eml; is "$program, TZ" $status 78
done
mkdir -p q/in; cp m.eml q/in
run "$BIN/ccm-convert" --zone Mars q; is "ccm-convert --zone" "$status $(ls q/in)" "64 m.eml"
run env TZ=Mars "$BIN/ccm-convert" q; is "ccm-convert, TZ" "$status $(ls q/in)" "78 m.eml"
printf 'post-office = po\nmailbox = m\nzone = Mars\n' >ccm.conf
run "$BIN/ccm-import" --config ccm.conf q; is "zone = in the configuration" "$status $(ls q/in)" "78 m.eml"
check "zone = in the configuration: the line is named" grep -q 'ccm.conf: line 3: .*`Mars`' err

# Each name that Windows has is a zone of the system: none is refused but for a system without it.
sed -n '/"""$/,/"""/s/^    \(.*\)=\(.*\)/\1=\2/p' "$here/../../Sources/Tooling/Zone/WindowsZone.swift" >names
unknown=
while IFS== read -r name zone; do
    [ -e "/usr/share/zoneinfo/$zone" ] || continue
    "$BIN/eml2ccm" --zone "$name" m.eml >one 2>&1; "$BIN/eml2ccm" --zone "$zone" m.eml >two 2>&1
    cmp -s one two || unknown+="$name; "
done <names
is "$(wc -l <names) names of Windows" "$unknown" ""
