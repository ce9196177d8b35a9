#!/usr/bin/env bash
# The service under the service manager of a Windows system made of Wine: installed, started,
# asked, stopped, killed, uninstalled without a trace. Wine stands in where it can: it has one
# user, keeps no access rights of folders, and restarts nothing that fails.
# shellcheck source=/dev/null
. "$REPO/.ci/acceptance/lib"

[ "$(uname -m)" = x86_64 ] || not_run "needs an amd64 machine"
needs wine:wine wineserver:wine64 x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64 jq:jq

# Built before HOME moves: Go keeps its caches there.
CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -C "$REPO" -trimpath -o "$WORK/beagle.exe" ./cmd/beagle
CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go test -C "$REPO" -c -o "$WORK/units.exe" ./cmd/beagle

# As in wine.sh: an own HOME, no menu entries, no offers to download Mono and Gecko.
export HOME="$WORK/home" WINEPREFIX="$WORK/prefix" WINEARCH=win64 WINEDEBUG=-all
export WINEDLLOVERRIDES="winemenubuilder.exe=d;mscoree=d;mshtml=d"
unset DISPLAY
mkdir "$HOME"
holder=""
cleanup() {
  exec 3>&-
  wineserver -k
  wineserver -w
  [ -z "$holder" ] || wait "$holder"
}
exec 3<>/dev/null
wineboot -u
c="$WINEPREFIX/drive_c"
if [ ! -e "$c/windows/system32/bcryptprimitives.dll" ]; then
  x86_64-w64-mingw32-gcc -shared -O2 -s -Wall -o "$c/windows/system32/bcryptprimitives.dll" \
    "$REPO/.ci/acceptance/bcryptprimitives.c" -ladvapi32
fi
wine winecfg -v win10

mkdir -p "$c/Program Files/Beagle"
cp beagle.exe "$c/Program Files/Beagle/beagle.exe"
program='C:\Program Files\Beagle\beagle.exe'
beagle() { wine "$program" "$@"; }
service() { beagle service "$@"; }
# field NAME shows a line of `service status`, which is in the file out.
field() { tr -d '\r' <out | sed -n "s/^$1  *//p"; }
key() { wine reg query "HKLM\\System\\CurrentControlSet\\Services\\$1"; }
absent() { ! key "$1"; }

# Wine ends its services with the last other program, so one stays.
mkfifo hold
wine cmd <hold >/dev/null &
holder=$!
exec 3>hold

# What the program says to the service manager, and how it treats a folder that somebody planted.
check "units" wine units.exe -test.run 'Service(Life|Fails)$|SecureFolder'

# 1. Not installed.
exits 4 service status
exits 2 service start
check "start: says what to do" grep -q 'beagle service install' err

# 2. Installed.
exits 0 service install
exits 0 service install
check "again: nothing to do" grep -q '^already installed' out
key beagle >installed
check "it runs with its argument, quoted" grep -q '"C:\\Program Files\\Beagle\\beagle.exe" run --scm' installed
check "it starts with the machine" grep -Eq '\bStart\b.*0x2' installed
check "as LocalSystem" grep -q 'ObjectName.*LocalSystem' installed
check "its events have a source" key 'EventLog\Application\beagle'
check "its folder is there before anybody else can make it" test -d "$c/ProgramData/Beagle"
exits 3 service status
check "installed: stopped" [ "$(field service)" = stopped ]

# 3. Started by the service manager, it answers.
exits 0 service start
exits 0 service status
check "started: running" [ "$(field service)" = running ]
check "started: it answers" grep -q '^agent     answers: ' out
check "started: a process" [ "$(field process)" -gt 0 ]
exits 0 service start
check "started: again is no error" grep -q 'already' out
check "its log is in its folder" grep -q 'msg=' "$c/ProgramData/Beagle/agent.log"
check "its memory is in its folder" test -e "$c/ProgramData/Beagle/state.db"
beagle findings --format json >findings.json || [ $? -le 3 ]
check "its findings can be asked for" jq -e .schema findings.json
exits 2 beagle run
check "a second agent says that there is one" grep -qi 'another agent' err
exits 2 beagle run --scm
check "the argument is for the service manager" grep -q -e '--scm is for the service manager' err

# 4. Stopped within five seconds, restarted.
before=$(date +%s%N)
exits 0 service stop
took=$((($(date +%s%N) - before) / 1000000))
check "stopped within 5 s (took $took ms)" [ "$took" -lt 5000 ]
exits 3 service status
check "stopped: so it says" [ "$(field service)" = stopped ]
exits 0 service stop
check "stopped: again is no error" grep -q 'already' out
exits 0 service restart
exits 0 service status
check "restarted: it answers" grep -q '^agent     answers: ' out

# 5. The service manager's own tools see the same.
exits 0 wine net stop beagle
exits 3 service status
exits 0 wine net start beagle
exits 0 service status

# 6. Where another agent has its place, it does not run, and says where to look.
exits 0 service stop
wine "$program" run >foreground.log 2>&1 &
foreground=$!
until beagle findings >/dev/null 2>&1 || [ $? != 4 ]; do kill -0 "$foreground"; done
exits 2 service start
check "no place: where to look" grep -q 'event log' err
check "no place: the log says why" grep -qi 'another agent' "$c/ProgramData/Beagle/agent.log"
exits 3 service status
check "no place: failed" grep -q '^service   failed (exit code 2)' out
kill "$foreground"
wait "$foreground" || true
exits 0 service start
echo '{}' >"$c/ProgramData/Beagle/settings.yaml"

# 7. Another program is refused; uninstalled, nothing is left but the memory, and no more.
cp beagle.exe "$c/other.exe"
exits 2 wine 'C:\other.exe' service install
check "another program is refused" grep -q 'uninstall that first' err
exits 0 service uninstall
check "uninstalled: its memory is kept" test -e "$c/ProgramData/Beagle/state.db"
exits 4 service status
check "uninstalled: the service manager knows nothing of it" absent beagle
check "uninstalled: nor the event log" absent 'EventLog\Application\beagle'
exits 0 service install
exits 0 service start
exits 0 service uninstall --purge
check "purged: only the settings are left" [ "$(ls "$c/ProgramData/Beagle")" = settings.yaml ]
