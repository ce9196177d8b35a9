package budget

import (
	"encoding/binary"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// tree makes a folder of lines such as "AC/type Mains".
func tree(lines string) fs.FS {
	files := fstest.MapFS{}
	for line := range strings.Lines(lines) {
		if name, text, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[name] = &fstest.MapFile{Data: []byte(text + "\n")}
		}
	}
	return files
}

func TestSupply(t *testing.T) {
	for _, c := range []struct {
		name, tree string
		want       Power
	}{
		{"a laptop that is plugged in", `
			AC/type Mains
			AC/online 1
			BAT0/type Battery
			BAT0/status Charging
			BAT0/scope System`, Mains},
		{"a laptop that is not", `
			AC/type Mains
			AC/online 0
			BAT0/type Battery
			BAT0/status Discharging`, Battery},
		{"one whose battery does not say", `
			ADP1/type Mains
			ADP1/online 0
			BAT1/type Battery
			BAT1/status Unknown`, Battery},
		{"one that is charged by the second USB port", `
			BAT0/type Battery
			BAT0/status Charging
			ucsi-source-psy-USBC000:001/type USB
			ucsi-source-psy-USBC000:001/online 0
			ucsi-source-psy-USBC000:002/type USB
			ucsi-source-psy-USBC000:002/online 1`, Mains},
		{"one that is charged by no USB port", `
			BAT0/type Battery
			BAT0/status Discharging
			ucsi-source-psy-USBC000:001/type USB
			ucsi-source-psy-USBC000:001/online 0`, Battery},
		{"a full battery and no word of a plug", `
			BAT0/type Battery
			BAT0/status Full
			usb/type USB
			usb/online 0`, Mains},
		{"two batteries, of which one is used", `
			AC/type Mains
			AC/online 0
			BAT0/type Battery
			BAT0/status Not charging
			BAT1/type Battery
			BAT1/status Discharging`, Battery},
		{"a desktop with a mouse", `
			hidpp_battery_0/type Battery
			hidpp_battery_0/status Discharging
			hidpp_battery_0/scope Device`, Mains},
		{"a server behind a UPS in a power cut", `
			ups/type UPS
			ups/status Discharging`, Battery},
		{"a battery that is being taken out", `
			AC/type Mains
			AC/online 1
			BAT0/type Battery`, Mains},
		{"a virtual machine", ``, Mains},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := supply(tree(c.tree)); got != c.want || err != nil {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
	if got, err := supply(fstest.MapFS{"x": &fstest.MapFile{}}); got != Mains || err != nil {
		t.Errorf("a stray file: %s, %v", got, err)
	}
	if sub, err := fs.Sub(fstest.MapFS{}, "none"); err != nil {
		t.Error(err)
	} else if got, err := supply(sub); got != UnknownPower || err != nil {
		t.Errorf("no folder: %s, %v", got, err)
	}
}

func TestLoad(t *testing.T) {
	answer := func(load float64, err error) float64 {
		if err != nil {
			return math.NaN()
		}
		return load
	}
	for _, c := range []struct {
		name string
		got  float64
		want float64 // NaN for an error
	}{
		{"pressure", answer(pressure("some avg10=20.00 avg60=26.22 avg300=34.27 total=331663622\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")), 1},
		{"no pressure", answer(pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")), 0},
		{"pressure, cut off", answer(pressure("some avg1")), math.NaN()},
		{"pressure, empty", answer(pressure("")), math.NaN()},
		{"pressure, nonsense", answer(pressure("some avg10=much")), math.NaN()},
		{"queue", answer(queue("2.00 4.93 3.04 1/388 17654\n", 4)), 0.5},
		{"queue, empty", answer(queue("", 4)), math.NaN()},
		{"macOS", answer(loadavg(darwin(3*2048, 2048), 2)), 1.5},
		{"macOS, cut off", answer(loadavg(darwin(1, 1)[:20], 2)), math.NaN()},
		{"macOS, nonsense", answer(loadavg(make([]byte, 24), 2)), math.NaN()},
	} {
		if c.got != c.want && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

// darwin is struct loadavg with that much in the last minute.
func darwin(load uint32, scale uint64) []byte {
	raw := binary.NativeEndian.AppendUint32(nil, load)
	raw = binary.NativeEndian.AppendUint32(raw, 9)
	raw = binary.NativeEndian.AppendUint32(raw, 9)
	raw = binary.NativeEndian.AppendUint32(raw, 0)
	return binary.NativeEndian.AppendUint64(raw, scale)
}

func TestTimes(t *testing.T) {
	now := time.Now()
	before := times{now, 100 * time.Second, 50 * time.Second}
	for _, c := range []struct {
		name       string
		before     times
		after      time.Duration
		idle, busy time.Duration
		want       float64
	}{
		{"three quarters", before, 5 * time.Second, 1, 3, 1},
		{"idle", before, 5 * time.Second, 4, 0, 0},
		{"the first reading", times{}, 5 * time.Second, 1, 3, 0},
		{"long ago", before, time.Hour, 1, 3, 0},
		{"nothing passed", before, time.Second, 0, 0, 0},
	} {
		after := times{now.Add(c.after), before.idle + c.idle*time.Second, before.busy + c.busy*time.Second}
		if got := after.since(c.before); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTaskInfo(t *testing.T) {
	info := binary.NativeEndian.AppendUint64(nil, 1<<40)
	info = binary.NativeEndian.AppendUint64(info, 42<<20)
	info = append(info, make([]byte, taskInfoSize-len(info))...)
	if got, err := residentOf(info); got != 42<<20 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if _, err := residentOf(info[:50]); err == nil {
		t.Error("half an answer is taken")
	}
}

func TestMeter(t *testing.T) {
	// Given readings some seconds apart of a process that uses a core for ten seconds,
	var m meter
	begin := time.Now()
	at := func(second int) reading {
		return reading{begin.Add(time.Duration(second) * time.Second), time.Duration(min(max(second-20, 0), 10)) * time.Second}
	}
	if got := m.share(at(0)); got != 0 {
		t.Errorf("at the start: %v", got)
	}
	for second := 0; second <= 200; second += 5 {
		m.add(at(second))
		// then each minute is averaged, at whatever second it begins.
		for ahead := range 5 {
			now := second + ahead
			want := (at(now).cpu - at(max(now-60, 0)).cpu).Seconds() / 60
			if got := m.share(at(now)); math.Abs(got-want) > 1e-9 {
				t.Errorf("at %d: got %v, want %v", now, got, want)
			}
		}
		if n := len(m.readings); n > 14 {
			t.Errorf("it keeps %d readings", n)
		}
	}
	m.reset(at(200))
	if got := m.share(at(200)); got != 0 || len(m.readings) != 1 {
		t.Errorf("after it was reset: %v", got)
	}
}
