#!/usr/bin/env bash
# The tray in a real panel (Xfce's) on a virtual screen, with a real agent and a real
# notification service: an app is planted, runs, and is removed. The window is played by a
# program that writes down how it was started. Pictures go to build/gallery, to be looked at.
# shellcheck source=/dev/null
if [ "$(id -u)" = 0 ] && [ -z "${OWN_MOUNTS:-}" ]; then
  # With mounts and processes of its own: an empty /opt, and nobody else's programs.
  OWN_MOUNTS=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash "$0"
fi
. "$REPO/.ci/acceptance/lib"

[ "$(id -u)" = 0 ] || not_run "needs root"
needs jq:jq curl:curl Xvfb:xvfb xfce4-panel:xfce4-panel dunst:dunst dbus-monitor:dbus-bin dbus-daemon:dbus-daemon \
  gdbus:libglib2.0-bin xdotool:xdotool import:imagemagick fc-list:fontconfig
# The panel draws the menu in the system's fonts; without a Chinese one there would be boxes.
fc-list :lang=zh-cn | grep -q . || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-droid-fallback fonts-dejavu-core || true
mkdir bin
CGO_ENABLED=0 go build -C "$REPO" -trimpath -ldflags '-s -w' -tags nethttpomithttp2 -gcflags=all=-l -o "$WORK/bin/beagle-tray" ./cmd/beagle-tray
mount -t tmpfs none /opt

cleanup() {
  # shellcheck disable=SC2046 # a list of processes
  kill $(jobs -p) 2>/dev/null
  wait
}
sock="$WORK/run/s"
shots="$REPO/build/gallery"
mkdir -p "$shots"
# soon SECONDS COMMAND... tries until the command succeeds.
soon() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] || { "$@" && return; return 1; }
    pause 0.1
  done
}
pause() { read -rt "$1" <> <(:) || true; }
snapshot() { curl --silent --show-error --max-time 20 --unix-socket "$sock" http://beagle/v1/snapshot; }
holds() { snapshot | jq -e "$1" >/dev/null; }

# The session: screen, bus, panel, notifications. An own HOME, so that nothing of another
# session is in it.
export HOME="$WORK/home" XDG_RUNTIME_DIR="$WORK/xdg" DISPLAY=":$((200 + $$ % 700))" LANG=C.UTF-8 NO_AT_BRIDGE=1
unset WAYLAND_DISPLAY XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME
mkdir -p "$HOME/.config/xfce4/xfconf/xfce-perchannel-xml" "$HOME/.config/dunst" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
cat >"$HOME/.config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="30"/>
      <property name="length" type="uint" value="100"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
XML
Xvfb "$DISPLAY" -screen 0 800x500x24 -nolisten tcp 2>xvfb.err &
check "a screen" soon 20 xdotool getdisplaygeometry
dbus-daemon --session --nofork --nopidfile --print-address=1 >bus.address 2>bus.err &
check "a session bus" soon 10 test -s bus.address
DBUS_SESSION_BUS_ADDRESS=$(head -n 1 bus.address)
export DBUS_SESSION_BUS_ADDRESS
xsetroot -solid '#5b6b7b' 2>/dev/null || true
dunst 2>dunst.err &
# The whole of each call is one line: a call begins in the first column.
dbus-monitor --session "interface='org.freedesktop.Notifications'" >calls 2>&1 &
has_name() { gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus --method org.freedesktop.DBus.NameHasOwner "$1" | grep -q true; }
check "a notification service" soon 20 has_name org.freedesktop.Notifications
told() { grep -c 'member=Notify$' calls; }
tells() { grep -qF "$1" calls; }

# The service.
echo 'schedule: {deep: off}' >settings.yaml
start_agent() {
  "$BEAGLE" run --state "$WORK/state" --socket "$sock" --settings settings.yaml 2>>agent.err >&2 &
  agent=$!
  check "the agent starts" soon 60 holds '.activity == "idle" and .last_sweep != null'
}
start_agent
check "the machine is clean" holds '.records == []'

# The window, as far as the tray is concerned.
cat >bin/beagle-gui <<SH
#!/bin/sh
printf '%s\n' "\$*" >>"$WORK/opened"
SH
chmod +x bin/beagle-gui
: >opened

# The tray comes before the panel, as it may after a login.
bin/beagle-tray --socket "$sock" 2>tray.err &
tray=$!
item=org.kde.StatusNotifierItem-
item_name() {
  gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus --method org.freedesktop.DBus.ListNames |
    grep -o "${item}[0-9]*-1" | head -n 1
}
check "the icon is on the bus" soon 10 item_name
name=$(item_name)
of_item() { gdbus call --session --dest "$name" --object-path /StatusNotifierItem --method org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierItem "$1"; }
picture() { of_item IconPixmap | cksum; }
menu() {
  gdbus call --session --dest "$name" --object-path /StatusNotifierItem/menu --method com.canonical.dbusmenu.GetLayout 0 -- -1 '[]'
}
menu_says() { menu | grep -qF "$1"; }
check "the menu says that all is well" soon 10 menu_says 'No banned apps'
fine=$(picture)
xfce4-panel --disable-wm-check 2>panel.err &
check "a panel" soon 30 has_name org.kde.StatusNotifierWatcher
registered() {
  gdbus call --session --dest org.kde.StatusNotifierWatcher --object-path /StatusNotifierWatcher \
    --method org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierWatcher RegisteredStatusNotifierItems | grep -q StatusNotifierItem
}
check "the panel that came later has the icon" soon 10 registered
shot() {
  pause 1 # until the panel has drawn
  import -window root "$shots/tray-$1.png"
  # The icon alone, without anything that says when, for comparing.
  convert "$shots/tray-$1.png" -crop 60x30+0+0 "rgb:$1.icon"
}
shot clean

# An app is planted.
before=$(told || true)
mkdir -p /opt/kingsoft/wps-office/office6
for program in wps et wpp wpspdf; do cp "$(command -v sleep)" "/opt/kingsoft/wps-office/office6/$program"; done
check "the agent notices" soon 30 holds '[.records[] | select(.verdict == "prohibited")] | length == 1'
check "within 2 s the menu names it" soon 2 menu_says 'WPS Office'
check "and the icon is another" [ "$(picture)" != "$fine" ]
check "it is told" soon 10 tells 'WPS Office'
more() { [ "$(told)" -gt "${1:-0}" ]; }
check "by a notification" more "${before:-0}"
shot prohibited
check "the panel shows another icon" bash -c '! cmp -s clean.icon prohibited.icon'

# It runs, which is told at once.
count=$(told)
/opt/kingsoft/wps-office/office6/wps 60 &
program=$!
check "the menu says that it runs" soon 12 menu_says 'running'
check "and so does a notification" soon 8 more "$count"
kill "$program"

# A click on a notification, and on the icon; then by keyboard to Open.
id=$(snapshot | jq -r '.records[0].id')
xdotool mousemove 15 15 click 1
shot menu
xdotool key Escape mousemove 400 400
gdbus emit --session --object-path /org/freedesktop/Notifications --signal org.freedesktop.Notifications.ActionInvoked 1 default >/dev/null
check "a click of somebody else opens nothing" [ ! -s opened ]
dunstctl action 0 2>/dev/null || true
check "a click on the notification opens its finding" soon 10 grep -qxF -- "--socket $sock --show record:$id" opened
entry() { menu | grep -oP "\(\K\d+(?=, \{[^}]*'label': <'$1)" | head -n 1; }
gdbus call --session --dest "$name" --object-path /StatusNotifierItem/menu --method com.canonical.dbusmenu.Event \
  "$(entry 'Open Beagle')" clicked "<''>" 0 >/dev/null
check "the menu opens the window" soon 10 grep -qxF -- "--socket $sock" opened

# A second start opens the window and ends.
lines=$(wc -l <opened)
exits 0 bin/beagle-tray --socket "$sock"
opened_more() { [ "$(wc -l <opened)" -gt "$lines" ]; }
check "a second start opens the window" soon 10 opened_more

# The panel crashes and comes back.
kill -9 %?xfce4-panel || true
gone() { ! has_name org.kde.StatusNotifierWatcher; }
check "the panel is gone" soon 10 gone
xfce4-panel --disable-wm-check 2>panel.err &
check "the next panel has the icon" soon 30 registered

# The service is killed, and started again.
kill -9 "$agent"
wait "$agent" || true
check "the menu says that nothing answers" soon 5 menu_says 'ot protected'
shot unprotected
start_agent
check "the menu names the app again" soon 10 menu_says 'WPS Office'

# The app is removed.
rm -r /opt/kingsoft
check "the agent notices the removal" soon 60 holds '.records == []'
check "within 2 s all is well" soon 2 menu_says 'No banned apps'
check "with the first icon" [ "$(picture)" = "$fine" ]
shot clear
check "in the panel, too" cmp clean.icon clear.icon

# What it costs.
check "memory of at most 12 MiB" [ "$(awk '/^VmRSS/ {print $2}' /proc/$tray/status)" -le 12288 ]
kill "$tray"
code=0
wait "$tray" || code=$?
check "the tray ends with 0" [ "$code" = 0 ]
