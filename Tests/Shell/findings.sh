#!/bin/bash
# Every finding: it is in ccm-findings(7), a message provokes it, and the report of that message names it. Those of import
# and export (undeliverable, came-again, put-aside) have tests of their own.
. "$(dirname "$0")/lib.sh"
programs ccm-convert eml2ccm
require "every finding" python3
root=$here/../..

sed -n 's/^  case \([a-zA-Z0-9]*\)$/\1/p; s/^  case [a-zA-Z0-9]* = "\(.*\)"$/\1/p' "$root/Sources/Formats/Findings/Rule.swift" | sort >rules
sed -n 's/^\.It Cm //p' "$root/man/ccm-findings.7" | tr -d ' ' | sed 's/,Cm/\n/g' | sort >manual
is "ccm-findings(7) has each rule, and no other" "$(diff rules manual)" ""

mkdir -p there/in back/in
cp "$root"/Samples/mail/internet/*.eml "$root"/Samples/mail/outlook/*.{msg,dat,eml} there/in
cp "$root"/Samples/mail/ccmail/*.ccm back/in
check "the messages are made" python3 "$here/findings.py" there/in back/in "$BIN"
run "$BIN/ccm-convert" --quiet --to ccm --html-filter false there
among "to cc:Mail" "$status" 0 65
run "$BIN/ccm-convert" --quiet --to eml --envelope back
among "from cc:Mail" "$status" 0 65

cat there/*/*.report back/*/*.report | grep -o '"rule":"[^"]*"' | sort -u >found
while read -r rule; do
    case $rule in undeliverable | came-again | put-aside) continue ;; esac
    if grep -q "\"$rule\"" found; then ok "$rule"; else fail "$rule" "no message provokes it"; fi
    # Where a message was made for the rule, it is this one that names it.
    for report in {there,back}/*/"$rule".*.report; do
        if [ -e "$report" ]; then check "$rule: in the report of its message" grep -q "\"rule\":\"$rule\"" "$report"; fi
    done
done <rules
