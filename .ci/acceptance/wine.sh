#!/usr/bin/env bash
# The Windows program on a Windows system made of Wine: the live registry in both views, the
# hives of people who are logged off, running programs; other systems as folders seen from
# it; then itself as a folder seen from Linux. Wine stands in for Windows where it can: all
# processes belong to one user, nothing is protected, and signatures mean little.
# shellcheck source=/dev/null
. "$REPO/.ci/acceptance/lib"

[ "$(uname -m)" = x86_64 ] || not_run "needs an amd64 machine"
needs wine:wine wineserver:wine64 x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64 \
  hivexsh:libhivex-bin jq:jq

# Built before HOME moves: Go keeps its caches there.
export CGO_ENABLED=0
GOOS=windows GOARCH=amd64 go build -C "$REPO" -trimpath -o "$WORK/beagle.exe" ./cmd/beagle
GOOS=windows GOARCH=amd64 go build -C "$REPO" -trimpath -o "$WORK/idle.exe" ./.ci/acceptance/idle
go build -C "$REPO" -o "$WORK" ./.ci/acceptance/mkhive ./.ci/acceptance/mkhost

# An own HOME, since Wine links its user's folders to those in HOME; no menu entries, no
# offers to download Mono and Gecko.
export HOME="$WORK/home" WINEPREFIX="$WORK/prefix" WINEARCH=win64 WINEDEBUG=-all
export WINEDLLOVERRIDES="winemenubuilder.exe=d;mscoree=d;mshtml=d"
unset DISPLAY
mkdir "$HOME"
idle=""
cleanup() {
  exec 3>&- # the end of its input ends the idle program
  wineserver -k
  wineserver -w
  [ -z "$idle" ] || wait "$idle"
}
exec 3<>/dev/null
wineboot -u
c="$WINEPREFIX/drive_c"
if [ ! -e "$c/windows/system32/bcryptprimitives.dll" ]; then
  x86_64-w64-mingw32-gcc -shared -O2 -s -Wall -o "$c/windows/system32/bcryptprimitives.dll" \
    "$REPO/.ci/acceptance/bcryptprimitives.c" -ladvapi32
fi
wine winecfg -v win10
user=$(wine cmd /c 'echo %USERNAME%' | tr -d '\r')
wps='AppData/Local/Kingsoft/WPS Office/12.2.0.23196/office6/wps.exe'
qq='Program Files/Tencent/QQNT/QQ.exe'
scanner='AppData/Local/Programs/camscanner-toc/CamScanner.exe'

# Files that Uninstall keys speak of, and a copy that is only a folder with a running
# program in it, under another name.
for file in "users/$user/$wps" "$qq" "users/bob/$scanner" Tools/office6/{notes,et,wpp}.exe; do
  mkdir -p "$c/$(dirname "$file")"
  cp idle.exe "$c/$file"
done
mkdir "$c/users/carol"

# The registry of the machine and of whoever runs Wine. WeChat's files are gone, and the key
# "WPS Office" is one that people plant; the real one is called otherwise. One key has texts
# that a careless reader stumbles over.
uninstall='Microsoft\Windows\CurrentVersion\Uninstall'
cat >plant.reg <<REG
Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\\Software\\$uninstall\\Kingsoft Office]
"DisplayName"="WPS Office (12.2.0.23196)"
"DisplayVersion"="12.2.0.23196"
"Publisher"="Kingsoft Corp."
"DisplayIcon"="C:\\\\users\\\\$user\\\\${wps//\//\\\\}"
"InstallLocation"="C:\\\\users\\\\$user\\\\AppData\\\\Local\\\\Kingsoft\\\\WPS Office\\\\12.2.0.23196\\\\"

[HKEY_LOCAL_MACHINE\\Software\\WOW6432Node\\$uninstall\\QQ]
"DisplayName"="QQ"
"Publisher"="腾讯科技(深圳)有限公司"
"DisplayIcon"="C:\\\\${qq//\//\\\\},0"
"UninstallString"="\"C:\\\\Program Files\\\\Tencent\\\\QQNT\\\\Uninstall.exe\""

[HKEY_LOCAL_MACHINE\\Software\\$uninstall\\WPS Office]
"DisplayName"="WPS Office (12.2.0.23196)"
"Publisher"="Kingsoft Corp."

[HKEY_LOCAL_MACHINE\\Software\\$uninstall\\WeChat]
"DisplayName"="WeChat"
"Publisher"="Tencent"
"UninstallString"="\"C:\\\\Program Files\\\\Tencent\\\\WeChat\\\\Uninstall.exe\""
"InstallLocation"="C:\\\\Program Files\\\\Tencent\\\\WeChat"

[HKEY_CURRENT_USER\\Software\\$uninstall\\Hostile]
"DisplayIcon"="C:hostile.exe"
"UninstallString"="ȺȺȺȺȺȺȺȺ.exe"

[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\S-1-5-21-1-2-3-1001]
"ProfileImagePath"="C:\\\\users\\\\bob"
REG
# regedit takes UTF-16 for what is not ASCII.
{ printf '\xff\xfe' && iconv -t UTF-16LE plant.reg; } >plant-utf16.reg
wine regedit /S plant-utf16.reg

# bob is registered and logged off; his hive is written by our own tool, and his WPS Office
# lies on a drive that is not plugged in. carol is known by her folder only, and her keys are
# written by another maker's tool.
./mkhive "$c/users/bob/NTUSER.DAT" <<REG
[Software\\$uninstall\\03fc796f-ccca-5cd2-9de8-e077585adf0b]
"DisplayName"="CamScanner 1.1.3"
"DisplayVersion"="1.1.3"
"Publisher"="intsig"
"DisplayIcon"="C:\\\\Users\\\\bob\\\\${scanner//\//\\\\},0"

[Software\\$uninstall\\Kingsoft Office]
"DisplayName"="WPS Office (12.2.0.23196)"
"DisplayIcon"="X:\\\\WPS Office\\\\12.2.0.23196\\\\office6\\\\wps.exe"
REG
./mkhive "$c/users/carol/NTUSER.DAT" <<REG
[Software\\$uninstall]
REG
hivexsh -w "$c/users/carol/NTUSER.DAT" <<HIVE
cd \\Software\\$uninstall
add Kingsoft Office
cd Kingsoft Office
setval 3
DisplayName
string:WPS Office (11.2.0.11341)
NoModify
dword:1
DisplayIcon
string:C:\\Users\\carol\\AppData\\Local\\Kingsoft\\WPS Office\\11.2.0.11341\\office6\\wps.exe
commit
HIVE

# The renamed program runs until its input ends.
mkfifo input output
wine "C:\\Tools\\office6\\notes.exe" <input >output &
idle=$!
exec 3>input
read -r -t 60 line <output || line="nothing"
check "the idle program runs" [ "${line%$'\r'}" = ready ]

# 1. Live, under Wine.
exits 1 wine beagle.exe scan --format json
cp out live.json
records live.json >live.records
same "live records" live.records <<RECORDS
camscanner bob installed certain prohibited
qq-wallet machine installed certain prohibited
tencent-qq machine installed certain prohibited
wechat machine residue possible allowed
wechat-pay machine residue possible allowed
wps-office bob installed likely prohibited
wps-office carol residue likely allowed
wps-office machine running likely prohibited
wps-office $user installed certain prohibited
RECORDS
check "live: complete" jq -e '.summary.complete and .host.os == "windows" and (.host.offline | not)' live.json
check "live: no probe failed" jq -e 'all(.probes[]; .status == "finished")' live.json
check "live: the running file is named though it was renamed" jq -e '
  any(.findings[].instances[].evidence[]; .kind == "process" and .path == "C:\\Tools\\office6\\notes.exe")' live.json
check "live: the 32-bit view" jq -e '
  any(.findings[].instances[].evidence[]; .path | test("WOW6432Node.*\\\\QQ$"))' live.json
check "live: version and folder" jq -e '
  .findings[] | select(.app.id == "wps-office" and .confidence == "certain") | .instances[0]
  | .version == "12.2.0.23196" and (.root | endswith("WPS Office\\12.2.0.23196"))' live.json
check "live: the planted key is not used" jq -e '
  all(.findings[].instances[].evidence[]; .path | endswith("\\WPS Office") | not)' live.json

exits 1 wine beagle.exe scan --no-processes
check "live, text: the app and its reason" grep -q '^PROHIBITED  WPS Office 金山WPS, of user ' out
check "live, text: a pipe gets no escape sequence" [ "$(grep -c $'\e' out err | cut -d : -f 2 | xargs)" = "0 0" ]

# 2. Live and deep: every folder in which people keep programs, and one that is named.
exits 1 wine beagle.exe scan --deep --paths 'C:\Tools' --format json --output deep.json
check "deep: complete" jq -e '.summary.complete' deep.json
check "deep: the copy that is only a folder" jq -e '
  any(.findings[]; .app.id == "wps-office" and .owner == "machine" and (.presence | index("portable")))' deep.json

# 3. Bad input.
exits 2 wine beagle.exe scan --root . --os plan9
check "bad input: one clear line" grep -q '^beagle: --os "plan9": want linux, macos or windows' err
exits 2 wine beagle.exe scan --paths 'C:\no\such\place'
check "bad path: one clear line" grep -q '^beagle: --paths "C:\\\\no\\\\such\\\\place": ' err

# 4. Systems as folders: what the Windows program sees in each recorded host is what the
# Linux program sees.
seen='[.findings[] | {id, owner, presence, confidence, instances}], [.probes[] | {name, status, examined, areas, error}]'
for archive in "$REPO"/detectors/hosttest/testdata/hosts/*.txtar; do
  host=$(basename "$archive" .txtar)
  ./mkhost "$archive" "$host"
  wine beagle.exe scan --root "$host" --os "${host%%-*}" --deep --format json >wine.json || [ $? != 2 ]
  "$BEAGLE" scan --root "$host" --os "${host%%-*}" --deep --format json >linux.json || [ $? != 2 ]
  jq "$seen" wine.json >wine.seen
  jq "$seen" linux.json >linux.seen
  check "recorded host $host" diff -u linux.seen wine.seen
done

# 5. The same prefix as a folder, from Linux. Wine writes its registry when it ends.
exec 3>&-
wait "$idle" || true
idle=""
wineserver -k
wineserver -w
exits 1 "$BEAGLE" scan --root "$WINEPREFIX" --os windows --format json
cp out offline.json
compare='[.findings[] | {id, app: .app.id, owner, presence: (.presence - ["running"])} | select(.presence != [])] | sort_by(.id)'
jq "$compare" live.json >live.compare
jq "$compare" offline.json >offline.compare
check "the prefix holds the same records for Linux" diff -u live.compare offline.compare
check "offline: complete" jq -e '.summary.complete and .host.offline' offline.json
exits 1 "$BEAGLE" scan --root "$WINEPREFIX" --os windows --deep --format json
check "offline, deep: complete" jq -e '.summary.complete' out
