package settings

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// guarded are settings with secrets, which those of today have not.
type guarded struct {
	name, secret string
	poll         Duration
	codes        []string
	pairs        []Ban
}

func guardedKeys(g *guarded) []key {
	return []key{
		{name: "server.name", shape: text{&g.name}},
		{name: "server.secret", shape: text{&g.secret}, secret: true},
		{name: "server.poll", shape: duration{at: &g.poll, min: minute, max: hour}, secret: true},
		{name: "server.codes", shape: texts{&g.codes, absolute}, secret: true},
		{name: "server.pairs", shape: records[Ban]{&g.pairs, banKeys}, secret: true},
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	// Given secrets that are wrong in every way,
	file := written(t, `server:
  secret: [hunter2]
  poll: hunter2
  codes: [hunter2]
  pairs: [{since: hunter2}, hunter2]
`)
	environ := []string{"BEAGLE_SERVER_POLL=5s", "BEAGLE_SERVER_CODES=[hunter2", "BEAGLE_SERVER_SECRET=hunter2\xff"}
	// when they are resolved,
	var g guarded
	_, err := resolve(guardedKeys(&g), Places{File: file, Environ: environ})
	// then the errors say what is wrong without them.
	if len(problems(err)) < 8 { // more where others can read files that are made without further ado
		t.Errorf("got %d problems, want 8:\n%v", len(problems(err)), err)
	}
	for _, secret := range []string{"hunter", "5s"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("an error tells a secret: %v", err)
		}
	}
	if want := "settings BEAGLE_SERVER_POLL: server.poll: the value (which is secret) is too short: want at least 1m"; !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want among it %s", err, want)
	}

	// Given secrets that are right, then it is shown that they are there, and no more.
	environ = []string{"BEAGLE_SERVER_NAME=x", "BEAGLE_SERVER_SECRET=hunter2", "BEAGLE_SERVER_CODES=" + examplePath()}
	origins, err := resolve(guardedKeys(&g), Places{Environ: environ})
	if err != nil || g.secret != "hunter2" {
		t.Fatalf("got %q, %v", g.secret, err)
	}
	shown := map[string]string{}
	for _, v := range values(guardedKeys(&g), origins) {
		shown[v.Key] = v.Text
	}
	want := map[string]string{
		"server.name": "x", "server.secret": "set (secret)", "server.codes": "set (secret)",
		"server.pairs": "not set", "server.poll": "not set",
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFilesWithSecrets(t *testing.T) {
	if !modesCount() {
		t.Skip("this system has no modes")
	}
	const secret = "server:\n  name: x\n  secret: hunter2\n"
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"the owner's alone", secret, 0o600, ""},
		{"read only", secret, 0o400, ""},
		{"readable by a group", secret, 0o640, ":3: server.secret: is secret, but others can read the file (mode 0640): run: chmod 0600 PATH"},
		{"readable by all", secret, 0o644, ":3: server.secret: is secret, but others can read the file (mode 0644): run: chmod 0600 PATH"},
		{"executable by a group", secret, 0o710, ":3: server.secret: is secret, but others can read the file (mode 0710): run: chmod 0600 PATH"},
		{"writable by all", secret, 0o602, ": everybody can write to the file (mode 0602): run: chmod o-w PATH"},
		{"without a secret", "server: {name: x}\n", 0o644, ""},
		{"without a secret, writable by a group", "server: {name: x}\n", 0o664, ""},
		{"a secret without a value", "server: {secret: }\n", 0o644, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, c.text)
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			var g guarded
			_, err := resolve(guardedKeys(&g), Places{File: path})
			want := c.want
			if want != "" {
				want = "settings " + path + strings.Replace(want, "PATH", path, 1)
			}
			if got := strings.Join(problems(err), "\n"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
