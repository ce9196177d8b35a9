#!/usr/bin/env bash
# The real window on a display without a screen, beside a real agent: what it shows while an
# app comes and goes and the agent dies, that there is only one, that it ends when closed; then
# the one for Windows, on a Windows system made of Wine. SHOTS=FOLDER keeps the pictures.
# shellcheck source=/dev/null
if [ "$(id -u)" = 0 ] && [ -z "${OWN_MOUNTS:-}" ]; then
  # With mounts and processes of its own: an empty /opt, and nobody else's programs.
  OWN_MOUNTS=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash "$0"
fi
. "$REPO/.ci/acceptance/lib"

[ "$(id -u)" = 0 ] || not_run "needs root"
needs Xvfb:xvfb openbox:openbox xdotool:xdotool wmctrl:wmctrl import:imagemagick jq:jq curl:curl
"$REPO/.ci/setup" gui || not_run "needs the headers of a display"
CGO_ENABLED=1 go build -C "$REPO" -o "$WORK/beagle-gui" ./cmd/beagle-gui
mount -t tmpfs none /opt

# Built before HOME moves: Go keeps its caches there.
wine=""
if [ "$(uname -m)" = x86_64 ] && command -v wine wineserver x86_64-w64-mingw32-gcc >/dev/null; then
  wine=yes
  CGO_ENABLED=1 GOOS=windows CC=x86_64-w64-mingw32-gcc go build -C "$REPO" -ldflags '-s -w -H=windowsgui' -o "$WORK/beagle-gui.exe" ./cmd/beagle-gui
  CGO_ENABLED=0 GOOS=windows go build -C "$REPO" -o "$WORK/beagle.exe" ./cmd/beagle
fi
export HOME="$WORK/home" XDG_RUNTIME_DIR="$WORK/run" LANG=en_US.UTF-8
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
cleanup() {
  [ -z "$wine" ] || { wineserver -k && wineserver -w; } 2>/dev/null
  # shellcheck disable=SC2046 # a list of processes
  kill $(jobs -p) 2>/dev/null
  wait
}

# soon SECONDS COMMAND... tries until the command succeeds.
soon() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] || { "$@" && return; return 1; }
    read -rt 0.1 <> <(:) || true
  done
}
sock="$WORK/run/s"
ask() { curl --silent --show-error --max-time 20 --unix-socket "$sock" "http://beagle/v1/$1"; }
holds() { ask snapshot | jq -e "$1" >/dev/null; }
agent=""
start_agent() {
  "$BEAGLE" run --state "$WORK/state" --socket "$sock" --settings "$WORK/settings.yaml" 2>>agent.err >&2 &
  agent=$!
  check "the agent starts" soon 60 holds '.activity == "idle" and .last_sweep != null'
}

mkfifo display
exec 4<>display
Xvfb -displayfd 4 -screen 0 1280x900x24 -nolisten tcp 2>xvfb.err &
read -rt 20 -u 4 number
export DISPLAY=":$number"
openbox 2>openbox.err &

# windows counts Beagle's windows that are seen; picture takes one of the whole screen.
windows() { xdotool search --onlyvisible --name '^Beagle$' 2>/dev/null | wc -l; }
shown() { [ "$(windows)" = 1 ]; }
picture() {
  import -window root "$1.png"
  if [ -n "${SHOTS:-}" ]; then mkdir -p "$SHOTS" && cp "$1.png" "$SHOTS/$1.png"; fi
}
# paints COLOUR says whether the icon of a state is on the screen: its colour covers a place of
# some size. The colours are those of gui/window/palette.go.
red=B3231F green=14703A gray=4B5360
paints() {
  picture now
  local pixels
  pixels=$(convert now.png -format %c -depth 8 histogram:info:- | awk -v c="#$1" 'toupper($0) ~ c { gsub(":", "", $1); n = $1 } END { print n + 0 }')
  [ "$pixels" -gt 400 ]
}
paints_not() { ! paints "$1"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
open_window() {
  ./beagle-gui --socket "$sock" --theme light "$@" 2>>gui.err &
  gui=$!
  check "the window is shown" soon 30 shown
}
# close_window asks as the button in the title bar does. Alt+F4 would stay pressed: its window
# is gone before the keys are up again.
close_window() { wmctrl -F -c Beagle; }

# 1. Nothing found; an app appears, and goes.
echo 'schedule: {deep: off}' >settings.yaml
start_agent
open_window
check "nothing found: the shield" soon 20 paints "$green"
picture 1-clean
mkdir -p /opt/kingsoft/wps-office/office6
for name in wps et wpp wpspdf; do cp "$(command -v sleep)" "/opt/kingsoft/wps-office/office6/$name"; done
/opt/kingsoft/wps-office/office6/wps 600 &
app=$!
check "an app: the agent sees it" soon 30 holds '.records | length > 0'
check "an app: the stop sign" soon 10 paints "$red"
picture 2-found

# 2. Started again, the first window shows the page, and there is no second one.
id=$(ask snapshot | jq -r '.records[] | select(.app.id == "wps-office") | .id')
cp now.png before.png
exits 0 ./beagle-gui --socket "$sock" --show "record:$id"
different() { picture now && [ "$(compare -metric AE before.png now.png null: 2>&1 | tr -d '\n')" != 0 ]; }
check "a second start: another page" soon 10 different
picture 3-record
check "a second start: one window" shown
check "a second start: one process" [ "$(pgrep -c -x beagle-gui)" = 1 ]
for page in history coverage sent about; do
  cp now.png before.png
  exits 0 ./beagle-gui --show "$page"
  check "page $page" soon 10 different
  picture "4-$page"
done
exits 2 ./beagle-gui --show
exits 2 ./beagle-gui --theme pink

# 3. F5 asks for a look. The agent takes no more than one in ten seconds.
last=$(ask snapshot | jq -r .last_sweep)
looked() {
  xdotool search --onlyvisible --name '^Beagle$' windowactivate --sync key F5
  soon 8 holds ".last_sweep != \"$last\""
}
check "F5: the agent looks" soon 60 looked

# 4. The app goes, and so does the warning.
kill "$app"
rm -r /opt/kingsoft
exits 0 ./beagle-gui --show findings
check "all clear" soon 60 paints "$green"
check "all clear: no stop sign" soon 10 paints_not "$red"
picture 5-clear

# 5. The agent dies, and comes back.
kill -9 "$agent"
check "no agent: not protected" soon 20 paints "$gray"
picture 6-unprotected
check "no agent: the window stays" shown
start_agent
check "an agent again" soon 20 paints "$green"

# 6. Closed, nothing is left. A signal closes it too.
close_window
check "closed: the process ends" soon 10 gone "$gui"
code=0
wait "$gui" || code=$?
check "closed: exit code" [ "$code" = 0 ]
check "closed: no socket" [ -z "$(find "$XDG_RUNTIME_DIR" -name 'window*.sock')" ]
check "closed: no window" [ "$(windows)" = 0 ]
LANG=zh_CN.UTF-8 open_window --theme dark --show coverage
check "Chinese: the window stays" shown
picture 7-chinese
kill "$gui"
check "a signal: the process ends" soon 10 gone "$gui"
# The toolkit may complain of its settings, which it makes as an empty file and reads at once;
# the agent may refuse a look.
calm() { ! grep -E 'panic|fatal|level=ERROR' gui.err; }
check "nothing went wrong" calm
kill "$agent"

# 7. The window of Windows.
if [ -z "$wine" ]; then
  echo "the window of Windows was not tried: needs wine and gcc-mingw-w64-x86-64 on amd64"
  exit 0
fi
export WINEPREFIX="$WORK/prefix" WINEARCH=win64 WINEDEBUG=-all
export WINEDLLOVERRIDES="winemenubuilder.exe=d;mscoree=d;mshtml=d"
wineboot -u
c="$WINEPREFIX/drive_c"
if [ ! -e "$c/windows/system32/bcryptprimitives.dll" ]; then
  x86_64-w64-mingw32-gcc -shared -O2 -s -Wall -o "$c/windows/system32/bcryptprimitives.dll" \
    "$REPO/.ci/acceptance/bcryptprimitives.c" -ladvapi32
fi
wine winecfg -v win10
pipe='\\.\pipe\beagle-window-test'
# An app with a Chinese name, where no font for it is installed.
mkdir -p "$c/Program Files/Tencent/QQNT"
cp beagle.exe "$c/Program Files/Tencent/QQNT/QQ.exe"
key='HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\QQ'
for pair in DisplayName=QQ Publisher=Tencent 'DisplayIcon=C:\Program Files\Tencent\QQNT\QQ.exe'; do
  wine reg add "$key" /v "${pair%%=*}" /d "${pair#*=}" /f
done
wine beagle.exe run --state 'C:\state' --socket "$pipe" --settings "Z:${WORK//\//\\}\\settings.yaml" >wine-agent.log 2>&1 &
answers() { wine beagle.exe status --socket "$pipe" >/dev/null; [ $? -lt 4 ]; }
check "Windows: the agent answers" soon 60 answers
wine beagle-gui.exe --socket "$pipe" --theme light --contrast=false 2>wine-gui.err &
gui=$!
check "Windows: the window is shown" soon 60 shown
check "Windows: the stop sign" soon 30 paints "$red"
id=$({ wine beagle.exe findings --socket "$pipe" --format json || true; } | jq -r '[.. | objects | select(.app?.id == "tencent-qq") | .id] | first')
exits 0 wine beagle-gui.exe --show "record:$id"
check "Windows: a record" soon 10 paints "$red"
read -rt 2 <> <(:) || true
picture 8-windows
cp now.png before.png
exits 0 wine beagle-gui.exe --socket "$pipe" --show about
check "Windows: a second start shows a page" soon 20 different
picture 9-windows-about
check "Windows: one window" shown
close_window
check "Windows: the process ends" soon 20 gone "$gui"
