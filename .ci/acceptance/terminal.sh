#!/usr/bin/env bash
# What a person sees: a scan in a real terminal of 100 by 40 (tmux), its progress while it
# runs, its colours, and names of files that try to rewrite the screen.
# shellcheck source=/dev/null
. "$REPO/.ci/acceptance/lib"

needs tmux:tmux
export LC_ALL=C.UTF-8 TERM=xterm-256color TMUX_TMPDIR="$WORK" SHELL=/bin/sh
unset TMUX NO_COLOR
terminal() { tmux -u -L acceptance -f /dev/null "$@"; }
cleanup() { terminal kill-server; }

# within SECONDS COMMAND... repeats a command until it succeeds.
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
  done
}

# show NAME COLUMNS SCRIPT runs a script in a new terminal; every byte it writes goes to
# NAME.raw, its exit code to NAME.code. The terminal stays for a look at its end.
show() {
  printf '%s\necho "$?" >%s.code\necho "== end"\nread -r _\n' "$3" "$1" >"$1.script"
  terminal new-session -d -s "$1" -x "$2" -y 40 "bash $1.script" \; \
    pipe-pane -t "$1:" "cat >$1.raw"
}

# pane NAME is the text on the screen, each line whole though it may wrap.
pane() { terminal capture-pane -p -J -S - -t "$1:"; }

# ended NAME reports whether the script is done, or its terminal is gone.
ended() {
  if [ -e "$1.raw" ] && grep -q '^== end' "$1.raw"; then return; fi
  ! terminal has-session -t "$1:" 2>/dev/null
}

# finished NAME waits for the script's end and leaves the screen in NAME.pane.
finished() {
  within 120 ended "$1" || true
  check "$1: comes to its end" grep -q '^== end' "$1.raw"
  pane "$1" >"$1.pane"
}

# A bar, the share, the probe, a count with its unit and a rate.
progress='^[█░]{10} +[0-9]+%  [a-z]+  [0-9 ]+ [a-z]+  [0-9 ]+/s'
moving() {
  pane "$1" >"$1.moving" 2>/dev/null || true
  grep -qE "$progress" "$1.moving" || ended "$1"
}

# A scan long enough to watch needs millions of files, which take minutes to make. The same
# tree named many times is walked as often; how many times is enough is up to the machine.
mkdir tree
for i in {1..100}; do
  mkdir "tree/$i"
  (cd "tree/$i" && touch {1..200})
done
many() { for ((i = 0; i < $1; i++)); do printf ' --paths tree'; done; }
for times in 50 200 800 3200; do
  rm -f long.*
  terminal kill-session -t long 2>/dev/null || true
  show long 100 "'$BEAGLE' scan --deep$(many "$times")"
  within 120 moving long || true
  if grep -qE "$progress" long.moving; then break; fi
done
check "progress shows a bar, a share, a count and a rate" grep -E "$progress" long.moving
check "progress is one line" [ "$(grep -c '[█░]' long.moving)" = 1 ]
finished long
check "progress is gone at the end" [ "$(grep -c '[█░]' long.pane)" = 0 ]
check "the page begins where the progress was" [ "$(head -n 1 long.pane | cut -c 1-7)" = "Beagle " ]
check "the sum closes the page" grep -qE '^(Nothing prohibited was found|Found: ).*\.$' long.pane
# Every frame that was ever drawn, without the ^C that a terminal echoes: the share never
# falls, and no frame is as wide as the terminal.
frames() { tr '\r' '\n' <"$1.raw" | sed 's/\x1b\[K//g; s/\^C$//' | grep '^[█░]' || true; }
frames long >long.frames
check "the share never falls" sort -nc <(grep -oE '[0-9]+%' long.frames)
check "frames fit" [ "$(wc -L <long.frames)" -lt 100 ]

# A narrow terminal, interrupted long before the end.
show narrow 30 "'$BEAGLE' scan --no-processes$(many 3200)"
check "narrow: progress appears" within 60 grep -q 'portable  [0-9]' narrow.raw
terminal send-keys -t narrow: C-c
finished narrow
# On a narrow page the sentence goes on in the next line.
tr -s ' \n' '  ' <narrow.pane >narrow.line
check "narrow: an interrupted scan says so" grep -q 'stopped before it was done' narrow.line
check "narrow: its exit code is not that of a clean machine" grep -qx '[13]' narrow.code
check "narrow: no bar is left" [ "$(grep -c '[█░]' narrow.pane)" = 0 ]
frames narrow >narrow.frames
check "narrow: frames fit" [ "$(wc -L <narrow.frames)" -lt 30 ]

# A folder whose name turns the rest of the screen red and reads backwards holds a copy of
# WPS Office, known by what lies side by side.
name=$'\e[31mred\u202egnp'
mkdir -p "planted/$name/office6"
for program in et wps wpp; do cp /bin/true "planted/$name/office6/$program"; done
colour=$'\e\[[0-9;]*m'
shown='planted/\x1b[31mred\u202egnp'
for run in coloured plain dumb quiet; do
  case $run in
    coloured) show "$run" 100 "'$BEAGLE' scan --no-processes --paths planted" ;;
    plain) show "$run" 100 "NO_COLOR=1 '$BEAGLE' scan --no-processes --paths planted" ;;
    dumb) show "$run" 100 "TERM=dumb '$BEAGLE' scan --no-processes --paths planted" ;;
    quiet) show "$run" 100 "'$BEAGLE' scan --no-processes --paths planted --quiet | tee piped" ;;
  esac
  finished "$run"
  check "$run: the name is shown escaped" grep -qF "$shown" "$run.pane"
  check "$run: its escape sequence is not sent" [ "$(grep -c $'\e\[31m' "$run.raw")" = 0 ]
  check "$run: its override is not sent" [ "$(grep -c $'\u202e' "$run.raw")" = 0 ]
done
check "coloured: a terminal gets colours" grep -q "$colour" coloured.raw
check "coloured: the copy is prohibited" grep -qx 1 coloured.code
check "plain: NO_COLOR gets none" [ "$(grep -c "$colour" plain.raw)" = 0 ]
check "plain: otherwise they are the same" diff <(grep -v ' ms$' coloured.pane) <(grep -v ' ms$' plain.pane)
check "dumb: no escape sequence at all" [ "$(grep -c $'\e\[.*m\|\e\[K' dumb.raw)" = 0 ]
check "quiet: no progress" [ "$(grep -c '[█░]' quiet.raw)" = 0 ]
check "quiet: a pipe gets no escape sequence" [ "$(grep -c $'\e' piped)" = 0 ]
