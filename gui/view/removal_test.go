package view_test

import (
	"strings"
	"testing"

	"beagle/agent/api"
	"beagle/gui/view"
)

// steps returns the removal steps as "text [payload]".
func steps(n view.Now, r api.Record, all ...api.Step) (list []string) {
	page := printer("en").Detail(n, view.Subject{Record: api.Stored{Record: r}, App: &api.AppPage{Removal: all}})
	for _, s := range page.Removal.Steps {
		text := s.Text
		if s.Action != nil {
			text += " [" + string(s.Action.Kind) + " " + s.Action.Payload + "]"
		}
		list = append(list, text)
	}
	return list
}

func step(code string, args ...string) api.Step {
	s := api.Step{Code: code, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		s.Args[args[i]] = args[i+1]
	}
	return s
}

func TestSteps(t *testing.T) {
	prohibited := func(in ...api.Instance) api.Record {
		r := api.Record{Verdict: api.VerdictProhibited, Instances: in}
		for _, i := range in {
			r.Presence = append(r.Presence, i.Presence...)
		}
		return r
	}
	running := api.Instance{Root: "/opt/wps", Presence: []string{"running"}, Evidence: []api.Evidence{{Kind: "process", Value: "notes", Attributes: map[string]string{"pid": "7"}}}}
	deb := api.Instance{Root: "/opt/wps", Presence: []string{"installed"}, Evidence: []api.Evidence{{Kind: "dpkg", Value: "linuxqq"}}}
	quit, portable := step("quit_app", "process", "wps"), step("delete_folder")
	quit.When, portable.When = []string{"running"}, []string{"portable"}
	for _, c := range []struct {
		name, os string
		record   api.Record
		steps    []api.Step
		want     string
	}{
		{"running under another name", "linux", prohibited(running), []api.Step{quit, portable}, "Quit the app (notes)."},
		{"the package that was seen", "linux", prohibited(deb), []api.Step{step("remove_package", "package", "com.qq"), step("remove_package", "package", "linuxqq")},
			"In a terminal, remove the package linuxqq. You need an administrator's password. [copy sudo apt remove linuxqq]"},
		{"one of several packages", "linux", prohibited(running), []api.Step{step("remove_package", "package", "a"), step("remove_package", "package", "b")},
			"Remove the package, whichever of these is there: a, b."},
		{"a package that is a trick", "linux", prohibited(running), []api.Step{step("remove_package", "package", "a; rm -rf ~")},
			"In a terminal, remove the package a; rm -rf ~. You need an administrator's password."},
		{"a package that is an option", "linux", prohibited(running), []api.Step{step("remove_package", "package", "--yes")},
			"In a terminal, remove the package --yes. You need an administrator's password."},
		{"folders of portable copies", "linux", prohibited(running, api.Instance{Root: "/home/a/b/c", Presence: []string{"portable"}}, api.Instance{Root: "/media/x", Presence: []string{"portable"}}), []api.Step{portable},
			"Delete the folder /home/a/b/c [folder /home/a/b]|Delete the folder /media/x [folder /media]"},
		{"Waydroid", "linux", prohibited(running), []api.Step{step("remove_android_app", "package", "com.tencent.mm")},
			"In a terminal, remove the Android app com.tencent.mm from Waydroid. [copy waydroid app remove com.tencent.mm]"},
		{"Windows settings", "windows", prohibited(running), []api.Step{step("uninstall_settings", "name", "QQ")},
			"In Settings, under Apps, find QQ and choose Uninstall. [settings ms-settings:appsfeatures]"},
		{"the same seen from Linux", "linux", prohibited(running), []api.Step{step("uninstall_settings", "name", "QQ")}, "In Settings, under Apps, find QQ and choose Uninstall."},
		{"a bundle", "macos", prohibited(api.Instance{Root: "/Applications/QQ.app", Presence: []string{"installed"}}), []api.Step{step("move_to_trash", "bundle", "QQ")},
			"Move /Applications/QQ.app to the Trash and empty it. [folder /Applications]"},
		{"a bundle nobody saw", "macos", prohibited(api.Instance{Presence: []string{"installed"}}), []api.Step{step("move_to_trash", "bundle", "QQ")}, "Move QQ to the Trash and empty it."},
		{"carried", "linux", prohibited(running), []api.Step{step("remove_carrier", "carrier", "wechat")}, "It lives in another app. Remove WeChat 微信."},
	} {
		n := live(many(1))
		n.OS = c.os
		if got := strings.Join(steps(n, c.record, c.steps...), "|"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestFoldersAreSafeToShow(t *testing.T) {
	// Given places, then what is opened is a folder around them that the file manager only
	// shows: never the thing itself, a bundle, something on the network, or no path.
	for _, c := range []struct{ os, path, want string }{
		{"linux", "/opt/kingsoft/wps-office", "/opt/kingsoft"},
		{"linux", "/opt/apps/com.tencent.wechat/files", "/opt/apps/com.tencent.wechat"},
		{"linux", "/home/a/WeChat.AppImage", "/home/a"},
		{"linux", "/x", "/"},
		{"linux", "/opt/wps/", "/opt"},
		{"linux", "relative/path", ""},
		{"linux", "/opt/../etc/x", ""},
		{"linux", "/opt/a\nb/c", ""},
		{"linux", "/opt/\u202eb/c", ""},
		{"linux", "/opt/\xff/c", ""},
		{"linux", "--help", ""},
		{"linux", "", ""},
		{"macos", "/Applications/WeChat.app", "/Applications"},
		{"macos", "/Users/a/Trap.app/Contents/Inner", "/Users/a"},
		{"macos", "/Trap.app/x/y", "/"},
		{"macos", "/Users/a/.hidden/v1.beta/QQ.app", "/Users/a/.hidden"},
		{"macos", "/Users/a/12.1.0/QQ.app", "/Users/a/12.1.0"},
		{"windows", `C:\Program Files\Tencent\QQ`, `C:\Program Files\Tencent`},
		{"windows", `D:\QQ`, `D:\`},
		{"windows", `D:\`, `D:\`},
		{"windows", `\\server\share\QQ`, ""},
		{"windows", `\\?\C:\QQ`, ""},
		{"windows", `C:\a\..\b\c`, ""},
		{"windows", `C:\a:b\c`, ""},
		{"windows", `HKLM\Software\x`, ""},
		{"windows", "/opt/x", ""},
		{"plan9", "/opt/x", ""},
	} {
		r := api.Record{Verdict: api.VerdictProhibited, Instances: []api.Instance{{Root: c.path}}}
		n := live(fine())
		n.OS = c.os
		page := printer("en").Detail(n, view.Subject{Record: api.Stored{Record: r}})
		got := ""
		if open := page.Copies[0].Open; open != nil {
			got = open.Payload
		}
		if got != c.want {
			t.Errorf("%s, %q: got %q, want %q", c.os, c.path, got, c.want)
		}
	}
}

func TestAppeal(t *testing.T) {
	p := printer("en")
	r := many(1).Records[0]
	if a := p.Detail(live(fine()), view.Subject{Record: r}).Appeal; a != nil {
		t.Errorf("an agent that takes no requests: %+v", a)
	}
	a := p.Detail(live(fine()), view.Subject{Record: r, TakesRequests: true}).Appeal
	if a == nil || !a.Dispute.Enabled || !a.Exemption.Enabled || a.Note == "" {
		t.Errorf("nothing asked yet: %+v", a)
	}
	r.Requests = []api.Request{{Kind: api.RequestExemption, Status: api.RequestKept, Until: "2027-01-31", Text: "please", At: at()}}
	a = p.Detail(live(fine()), view.Subject{Record: r, TakesRequests: true}).Appeal
	if a == nil || !a.Dispute.Enabled || a.Exemption.Enabled || a.Exemption.Tip == "" || len(a.Requests) != 1 || a.Requests[0].Title != "You asked for an exemption, until Jan 31, 2027" {
		t.Errorf("asked: %+v", a)
	}
	r.ClosedAt = before(0)
	if a = p.Detail(live(fine()), view.Subject{Record: r, TakesRequests: true}).Appeal; a.Dispute.Enabled || a.Exemption.Enabled {
		t.Errorf("gone: %+v", a)
	}
}

func TestSearch(t *testing.T) {
	n := found(t)
	p := printer("en")
	for query, want := range map[string]int{
		"": 8, "weixin": 4, "微信": 4, "kingsoft office": 2, "ALICE": 1, "/opt/qq": 2, "wps alice": 1, "nothing like it": 0, "notes": 1, "  ": 8,
	} {
		list := p.Findings(n, view.FilterAll, query)
		if len(list.Rows) != want || (want == 0) != (list.Empty != nil) {
			t.Errorf("%q: got %d rows, want %d; empty: %v", query, len(list.Rows), want, list.Empty)
		}
	}
}
