#!/bin/bash
# The password of the mailbox is seen by nobody: in no argument, no log, no event, no report, and not on standard error,
# also when the program itself prints it; only the program has it, in its environment.
. "$(dirname "$0")/lib.sh"
. "$here/programs.lib"

secret=Zx7_geheim
office
echo "$secret" >password; chmod 600 password
echo 'password-file = password' >>ccm.conf

# Where the secret is in what a run left, but for the logs of the program itself: seen PATH...
seen() { grep -rlF "$secret" "$@" 2>/dev/null | grep -v '/log/[^/]*\.\(out\|err\)$'; }

# Tells what everybody can see of the processes of this machine, and whether it has the password itself.
program looking <<'SH'
[ "$list" ] && exit 0
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >>"$BOX/cmdline"
ps -eo args >>"$BOX/ps" 2>/dev/null
printf '%s' "$CCM_PASSWORD" >"$BOX/got"
case $file in EXPORT*) give ;; *) take ;; esac
SH
inbox q 1; ccm 2 >box/2.ccm; rm -rf e
hand looking --diagnostics maximum --json; cat out err >said
is "IMPORT has the password" "$(cat box/got)" "$secret"
fetch looking --diagnostics maximum; cat out err >>said
is "EXPORT has the password" "$(cat box/got)" "$secret"
is "it does its work" "$(where_are q)$(count e/results)" "done m1.ccm; 1"
rm box/got
for side in hand fetch; do $side looking --check; cat out err >>said; done
is "it is in no argument" "$(seen box calls)" ""
check "the arguments were seen" grep -q '/@IMPORT.CCM' box/cmdline
is "it is in no log, event and report" "$(seen q e)" ""
is "it is not said" "$(seen said)" ""

# A program that prints its password, as a shell or an emulator may that echoes its commands.
for code in 0 1 3 4 5; do
    program echoing <<SH
[ "\$list" ] && { echo "/P\$CCM_PASSWORD"; exit $code; }
echo "IMPORT \$* /P\$CCM_PASSWORD"; echo "/P\$CCM_PASSWORD refused" >&2
exit $code
SH
    inbox q 1; rm -rf e
    for side in hand fetch; do
        $side echoing --attempts 1 --diagnostics maximum; cat out err >said
        $side echoing --check; cat out err >>said
        is "a program that prints it, result code $code, $side: nobody else does" "$(seen said q e)" ""
    done
    is "a program that prints it, result code $code: only the user may read its log" "$(stat -c %a q/log/*.out e/log/*.out 2>/dev/null | sort -u)" 600
done

# From the environment, and with the option that says otherwise.
sed -i '/password-file/d' ccm.conf
inbox q 1
CCM_PASSWORD=$secret run "$import" --config ccm.conf --import-program ./looking q
is "CCM_PASSWORD of the caller" "$(cat box/got) $(seen box/cmdline box/ps calls q)" "$secret "
inbox q 1
CCM_PASSWORD=$secret run "$import" --config ccm.conf --import-program ./looking --password-argument q
has "with password-argument it is an argument" "$(tail -n 1 calls)" " /P$secret /D"
inbox q 1
run "$import" --config ccm.conf --import-program ./looking --password-file nowhere q
is "a password file that is not there: nothing is run" "$status $(where_are q)" "66 in m1.ccm; "
: >password; rm box/got
run "$import" --config ccm.conf --import-program ./looking --password-file password q
is "an empty password file: there is none" "$status [$(cat box/got)]" "0 []"
printf '%s\r\nsecond line\n' "$secret" >password
inbox q 1
run "$import" --config ccm.conf --import-program ./looking --password-file password q
is "a password file from DOS: its first line" "$(cat box/got)" "$secret"
