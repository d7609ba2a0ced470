#!/bin/bash
# Non-delivery reports about the sample mail, judged by Python's email package (delivery-report.py); and that nobody
# reports about them.
. "$(dirname "$0")/lib.sh"
programs eml2ccm ccm2eml ccmcheck deliveryreport
require "delivery reports" python3
samples=$here/../../Samples/mail

# undeliverable FILE REASON...: appends the messages of some .ccm files in `these` to FILE, each behind reasons.
undeliverable() {
    local und=$1 one reason
    shift
    for one in "${these[@]}"; do
        for reason; do printf '***  %s  ***\r\n' "$reason"; done
        printf '\r\n'
        cat "$one"
    done >>"$und"
}

# reports NAME FILE: the reports about an undeliverable file, into the directory NAME.
reports() {
    mkdir -p "$1"
    run "$BIN/deliveryreport" "$2" "$1"
    is "$1: exit status" "$status" 0
    mv out "$1/said"
    is "$1: nothing on standard error" "$(cat err)" ""
}

mkdir made
for one in "$samples"/internet/*.eml; do
    case $one in */defect-*) continue ;; esac
    "$BIN/eml2ccm" --quiet "$one" >"made/$(basename "$one" .eml).ccm" 2>/dev/null
done
these=(made/*.ccm)
undeliverable internet.und "Unknown recipient: Okafor, Ben at PLANT3"
these=("$samples"/ccmail/[!d]*.ccm)
undeliverable ccmail.und 'Disk error in creating message item' 'Empf'$'\x84''nger unbekannt, die Gr'$'\x94\xe1''e stimmt nicht mit dem '\
'Postfach im Postamt der Au'$'\xe1''enstelle '$'\x9a''berein: 0123456789012345678901234567890123456789012345678901234567890123456789012345'

for name in internet ccmail; do
    reports "$name" "$name.und"
    check "$name: some reports" test "$(grep -c '<report' "$name/said")" -gt 20
    run python3 "$here/delivery-report.py" "$name" "$BIN/ccm2eml"
    is "$name: the judge is there" "$status" 0
    is "$name: the judge finds nothing" "$(cat out err | head -n 20)" ""
    # Those for cc:Mail are as the format wants them.
    bad=
    for one in "$name"/*.report.ccm; do "$BIN/ccmcheck" "$one" >>bad.out 2>&1 || bad+="$one "; done
    is "$name: ccmcheck finds nothing in reports for cc:Mail" "$bad$(cat bad.out)" ""

    # A report that cannot be delivered either is the end of it.
    mkdir "$name.again"
    for one in "$name"/*[0-9].eml; do "$BIN/eml2ccm" --quiet "$one" >"$name.again/$(basename "$one" .eml).ccm" 2>/dev/null; done
    these=("$name".again/*.ccm "$name"/*.report.ccm)
    undeliverable "$name.again.und" "Unknown recipient: postmaster"
    reports "$name.loop" "$name.again.und"
    is "$name: no report about a report" "$(grep -c '<report' "$name.loop/said")" 0
    check "$name: all of them were asked about" test "$(grep -c none "$name.loop/said")" -ge ${#these[@]}
done

# The same file again gives the same reports.
reports second internet.und
check "a repetition has the same Message-IDs" cmp internet/said second/said
is "and each message its own" "$(grep -o '<report.*' internet/said | sort | uniq -d)" ""
