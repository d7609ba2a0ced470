#!/bin/bash
# Samples/dosbox: import and export under DOSBox, with programs that play Lotus' IMPORT and EXPORT: result codes,
# arguments, files, console text, what is refused, the time limit, and that no process and no password is left.
. "$(dirname "$0")/lib.sh"
require "dosbox" dosbox flock setpriv iconv od
dos=$(realpath "$here/../../Samples/dosbox")
unset CCM_PASSWORD
export CCMC_DOS_PROGRAMS=$tmp/programs CCMC_DOS_TIMEOUT=60
mkdir programs office

# code N: I:\CODE.COM ends with N (mov ax, 4C00h + N; int 21h).
code() { printf "\\xB8\\x$(printf %02x "$1")\\x4C\\xCD\\x21" >programs/code.com; }
# new: the directory of the next run, which is then the current one. runs PROGRAM ARGUMENT...: a run in it.
n=0
new() { n=$((n + 1)); directory=$tmp/r$n; mkdir -m 700 "$directory"; cd "$directory" || exit 1; }
runs() { local program=$1; shift; run "$dos/$program" "$@"; }
text() { tr -d '\r' <"$1" | tr '\n' '|'; }
batch() { sed 's/$/\r/' >"$tmp/programs/$1"; }
# Waits until a condition holds, 15 s at most.
until_it() { local i; for ((i = 0; i < 150; i++)); do "$@" && return 0; sleep 0.1; done; return 1; }

# ---- Result codes of an IMPORT that takes its message into the post office.

batch import.bat <<'END'
@ECHO OFF
ECHO Importing from file>>%CONSOLE%
COPY C:\MSG1.CCM P:\TAKEN.CCM>>%CONSOLE%
DEL C:\MSG1.CCM
I:\CODE.COM
END
for wanted in 0 1 2 3 4 5 254; do
    cd "$tmp" && code $wanted && new
    printf 'Message:\r\n\032\000\377' >msg1.ccm
    runs import /NHUB /D../office /@msg1.ccm /ITEMSIZE /PARTIAL /BATCH /FILES/MACBIN2
    is "import: result code $wanted" "$status" "$wanted"
done
check "import: what the program printed is on standard output" grep -q '^Importing from file' "$tmp/out"
is "import: standard error is empty" "$(cat "$tmp/err")" ""
is "import: nothing is left in the directory of the run" "$(ls -A)" ""
is "import: the post office has the message, byte for byte" "$(od -An -tx1 <"$tmp/office/TAKEN.CCM" | tr -d ' \n')" "4d6573736167653a0d0a1a00ff"
cd "$tmp" && rm programs/import.bat

# ---- Arguments, as an .EXE or .COM sees them: it writes its command tail to standard output and makes C:\OUT.CCM.

# mov ah,40h; mov bx,1; xor cx,cx; mov cl,[80h]; mov dx,81h; int 21h; mov ah,3Ch; xor cx,cx; mov dx,name; int 21h; exit 0
tail='\xB4\x40\xBB\x01\x00\x31\xC9\x8A\x0E\x80\x00\xBA\x81\x00\xCD\x21\xB4\x3C\x31\xC9\xBA\x1E\x01\xCD\x21\xB8\x00\x4C\xCD\x21C:\\\\OUT.CCM\x00'
printf "$tail" >programs/Export.Com
new
runs export '/NOkafor, Ben' /D"$tmp/office" /@out.ccm /ITEMSIZE /FORMAT/FAN /BATCH /FILES/MACBIN2 /MSGS/16
is "export: exit status" "$status $(cat "$tmp/err")" "0 "
is "export: arguments" "$(cat "$tmp/out")" ' /N"Okafor, Ben" /DP:\ /@C:\OUT.CCM /ITEMSIZE /FORMAT/FAN /BATCH /FILES/MACBIN2 /MSGS/16'
is "export: the file has the name that was asked for" "$(ls -A)" out.ccm
new
CCM_PASSWORD='50%, %PATH%' runs export '/N"Okafor, Ben"' /D"$tmp/office/" "/@$PWD/Out.ccm" /msg#
is "export: quotes, a password with %" "$(cat "$tmp/out")" ' /N"Okafor, Ben" /P"50%, %PATH%" /DP:\ /@C:\OUT.CCM /msg#'
is "export: a whole path" "$(ls -A)" Out.ccm
new
runs export "$(printf '/NM\303\274ller')" /Psecret /Doffice.link /@out.ccm
is "export: no such post office" "$status" 3
ln -s "$tmp/office" office.link
runs export "$(printf '/NM\303\274ller')" /Psecret /Doffice.link /@out.ccm
is "export: a name in the code page of the post office" "$(od -An -c <"$tmp/out" | tr -d ' \n')" '/NM201ller/Psecret/DP:\/@C:\OUT.CCM'

# ---- What is refused, before anything runs.

mkdir "$tmp/post office" "$tmp/empty" "$tmp/only32"
touch "$tmp/only32/import32.exe"
refused() { local name=$1 words=$2; shift 2; runs "$@"; is "refused: $name" "$status $(grep -c -- "$words" "$tmp/err")" "3 1"; }
new
refused "a path with blanks" "path with blanks" export /NHUB "/D$tmp/post office" /@out.ccm
refused "no name" "no /N" export "/D$tmp/office" /@out.ccm
refused "no post office" "no /D" export /NHUB /@out.ccm
refused "a file elsewhere" "not in the directory of the run" export /NHUB "/D$tmp/office" "/@$tmp/out.ccm"
refused "a file above" "8.3" export /NHUB "/D$tmp/office" /@..
refused "a long file name" "8.3" export /NHUB "/D$tmp/office" /@20261121-1.ccm
refused "a second command" "not a switch" export /NHUB "/D$tmp/office" /@out.ccm '/BATCH>X'
refused "a line end in the name" "control character" export $'/NHUB\r\nDEL P:\\*.*' "/D$tmp/office" /@out.ccm
refused "a redirection in the name" "cannot have" export '/NHUB>C:\X' "/D$tmp/office" /@out.ccm
refused "a letter that the code page lacks" "lacks" export "$(printf '/N\340\270\201')" "/D$tmp/office" /@out.ccm
refused "a long command line" "125" export "/N$(printf 'x%.0s' {1..120})" "/D$tmp/office" /@out.ccm
CCMC_DOS_PROGRAMS=$tmp/empty refused "no program" "no IMPORT.EXE" import /NHUB "/D$tmp/office" /@m.ccm
CCMC_DOS_PROGRAMS=$tmp/only32 refused "IMPORT32.EXE" "program for Windows" import /NHUB "/D$tmp/office" /@m.ccm
{ printf 'MZ'; head -c 58 /dev/zero; printf '\x40\0\0\0PE\0\0'; } >"$tmp/only32/import.exe"
CCMC_DOS_PROGRAMS=$tmp/only32 refused "IMPORT32.EXE under another name" "32-bit" import /NHUB "/D$tmp/office" /@m.ccm
CCMC_DOSBOX=no-such-dosbox refused "no DOSBox" "install DOSBox" import /NHUB "/D$tmp/office" /@m.ccm
is "refused: nothing is left" "$(ls -A)" ""

# ---- A program that does not start, one that kills DOSBox, one that waits for a key.

cd "$tmp"
printf 'MZ\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff' >programs/import.exe
new
CCMC_DOS_TIMEOUT=5 runs import /NHUB "/D$tmp/office" /@m.ccm
is "a damaged program: code 1, with a text" "$status $(grep -c . "$tmp/err")" "1 1"
# xor ax, ax; int 16h: waits for a key, whatever standard input is. mov ah, 1; int 21h: reads standard input.
printf '\x31\xC0\xCD\x16\xB8\x00\x4C\xCD\x21' >"$tmp/programs/import.com"
rm "$tmp/programs/import.exe"
new
start=$SECONDS
CCM_PASSWORD=sesame CCMC_DOS_TIMEOUT=6 "$dos/import" /NHUB "/D$tmp/office" /@m.ccm >"$tmp/out.hanging" 2>"$tmp/err.hanging" &
hanging=$!
mine() { pgrep -f "MOUNT C $directory" >/dev/null; }
none() { ! mine; }
check "a program that waits for a key: DOSBox runs" until_it mine
is "no command line shows the password" "$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -c '[s]esame')" 0
is "the batch file with it is the owner's" "$(find . -name RUN.BAT -perm 600 | wc -l) $(find . -type f -exec grep -l sesame {} +)" "1 $(find . -name RUN.BAT)"
CCMC_DOS_LOCK_WAIT=0 runs import /NHUB "/D$tmp/office" /@m.ccm
is "another run on the same post office: locked" "$status" 4
wait $hanging
is "a program that waits for a key: ended by the time limit" "$? $(grep -c 'within 6 s' "$tmp/err.hanging")" "1 1"
check "a program that waits for a key: not much later" [ $((SECONDS - start)) -lt 20 ]
check "a program that waits for a key: DOSBox is gone" none
is "a program that waits for a key: nothing is left" "$(ls -A)" ""
printf '\xB4\x01\xCD\x21\xB8\x03\x4C\xCD\x21' >"$tmp/programs/import.com"
runs import /NHUB "/D$tmp/office" /@m.ccm
is "a program that asks on standard input gets the end of it" "$status" 3
printf '\x31\xC0\xCD\x16\xB8\x00\x4C\xCD\x21' >"$tmp/programs/import.com"
for signal in TERM KILL; do
    new
    "$dos/import" /NHUB "/D$tmp/office" /@m.ccm >"$tmp/out" 2>"$tmp/err" &
    hanging=$!
    check "$signal: DOSBox runs" until_it mine
    kill -$signal $hanging
    wait $hanging 2>/dev/null
    result=$?
    [ $signal = KILL ] || is "TERM: code 1" "$result" 1
    check "$signal: DOSBox is gone" until_it none
    [ $signal = KILL ] || is "TERM: nothing is left" "$(ls -A)" ""
done
cd "$tmp"
