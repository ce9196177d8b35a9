package desktop_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"beagle/detectors/internal/desktop"
)

func TestParseFiles(t *testing.T) {
	tests := []struct {
		file string
		want desktop.Entry
	}{
		{"python.desktop", desktop.Entry{ // recorded on Debian 12
			Type: "Application", Name: "Python (v3.11)", Exec: "/usr/bin/python3.11",
			Icon: "/usr/share/pixmaps/python3.11.xpm", NoDisplay: true,
		}},
		{"vim.desktop", desktop.Entry{ // recorded on Debian 12, with fewer translations
			Type: "Application", Name: "Vim", Exec: "vim %F", TryExec: "vim", Icon: "gvim",
		}},
		{"webapp.desktop", desktop.Entry{
			Type: "Application", Name: "Übersicht 日本",
			Exec:    `/opt/google/chrome/google-chrome "--profile-directory=Profile 1" --app-id=aaaabbbbccccddddeeeeffffgggghhhh`,
			Icon:    "chrome-aaaabbbbccccddddeeeeffffgggghhhh-Profile_1",
			WMClass: "crx_aaaabbbbccccddddeeeeffffgggghhhh",
		}},
		{"wineapp.desktop", desktop.Entry{
			Type: "Application", Name: "Reader",
			Exec: `env WINEPREFIX="/home/user/.wine" wine C:\\windows\\command\\start.exe /Unix ` +
				`/home/user/.wine/dosdevices/c:/ProgramData/Start\ Menu/Reader.lnk`,
			Icon: "A1B2_Reader.0", WMClass: "reader.exe",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			// Given a file as found on a desktop.
			f, err := os.Open("testdata/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			// When it is parsed.
			got, err := desktop.Parse(f)
			// Then the main group's values are there.
			if err != nil || got != tt.want {
				t.Errorf("entry:\n got %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	const head = "[Desktop Entry]\n"
	tests := []struct {
		name string
		text string
		want desktop.Entry
	}{
		{"only the header", "[Desktop Entry]", desktop.Entry{}},
		{"byte order mark", "\ufeff" + head + "Name=a", desktop.Entry{Name: "a"}},
		{"crlf", "[Desktop Entry]\r\nName=a\r\nExec=b c\r\n", desktop.Entry{Name: "a", Exec: "b c"}},
		{"blanks around", " \n  [Desktop Entry]  \n\tName \t=  a b \t\n", desktop.Entry{Name: "a b"}},
		{"keys of other groups", "Name=0\n[X]\nName=1\n" + head + "Name=a\n[desktop entry]\nName=2\n", desktop.Entry{Name: "a"}},
		{"the group twice", head + "Name=a\nIcon=i\n[X]\n" + head + "Name=b\n", desktop.Entry{Name: "b", Icon: "i"}},
		{"localised and foreign keys", head + "Name=a\nName[de]=b\nX-Name=c\nname=d\nNames=e\n", desktop.Entry{Name: "a"}},
		{"lines of no format", head + "hello\n=x\n\x00\n#Name=c\nName=a\n", desktop.Entry{Name: "a"}},
		{"invalid utf-8 stays", head + "Name=caf\xe9\n", desktop.Entry{Name: "caf\xe9"}},
		{"escapes", head + `Name=\sa\tb\nc\rd\\e\xf\` + "\n", desktop.Entry{Name: " a\tb\nc\rd\\e\\xf\\"}},
		{"an equal sign in a value", head + "Exec=env A=b c\n", desktop.Entry{Exec: "env A=b c"}},
		{"booleans", head + "NoDisplay=true\nHidden=1\n", desktop.Entry{NoDisplay: true, Hidden: true}},
		{"not quite booleans", head + "NoDisplay=True\nHidden=yes\n", desktop.Entry{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// When the text is parsed.
			got, err := desktop.Parse(strings.NewReader(tt.text))
			// Then it is read as GLib would.
			if err != nil || got != tt.want {
				t.Errorf("entry:\n got %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	cut := errors.New("cable cut")
	const head = "[Desktop Entry]\nName=a\n"
	line := "X=" + strings.Repeat("x", 1000) + "\n"
	tests := []struct {
		name string
		r    io.Reader
		want string // part of the error, "" for none
	}{
		{"empty", strings.NewReader(""), "no group"},
		{"other group", strings.NewReader("[Desktop Action x]\nName=a\n"), "no group"},
		{"long line allowed", strings.NewReader(head + "Exec=" + strings.Repeat("x", 65000)), ""},
		{"overlong line", strings.NewReader(head + "Exec=" + strings.Repeat("x", 65536)), "longer than 65536"},
		{"large file allowed", strings.NewReader(head + strings.Repeat(line, 1000)), ""},
		{"overlarge file", strings.NewReader(head + strings.Repeat(line, 1100)), "larger than 1048576"},
		{"failing reader", io.MultiReader(strings.NewReader(head), iotest.ErrReader(cut)), "cable cut"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// When something out of bounds is parsed.
			got, err := desktop.Parse(tt.r)
			// Then the error says which bound, and no half entry is returned.
			if tt.want == "" {
				if err != nil || got.Name != "a" {
					t.Errorf("got %.100q, %v, want name a and no error", got.Name, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error: got %v, want %q", err, tt.want)
			}
			if got != (desktop.Entry{}) {
				t.Errorf("entry: got %.100v, want none", got)
			}
		})
	}
}
