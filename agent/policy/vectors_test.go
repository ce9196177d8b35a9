package policy_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"beagle/agent/policy"
)

// TestVectors judges every row of testdata/vectors.txt.
func TestVectors(t *testing.T) {
	f, err := os.Open("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := 0
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		row := strings.TrimSpace(lines.Text())
		if row == "" || strings.HasPrefix(row, "#") {
			continue
		}
		cells := strings.Split(row, "|")
		if len(cells) != 7 {
			t.Fatalf("line %d has %d columns, want 7", n, len(cells))
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows++
		t.Run(strings.Join(cells[:4], " "), func(t *testing.T) { checkVector(t, n, cells) })
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if rows < 40 {
		t.Errorf("%d rows, want 40 at the least", rows)
	}
}

func checkVector(t *testing.T, line int, cells []string) {
	// Given a policy, an app, a day and an organisation.
	p, subject := find(t, cells[0]), policy.Present(app(t, cells[1]))
	day, err := policy.ParseDate(cells[2])
	if err != nil {
		t.Fatal(err)
	}
	q := policy.Question{On: day, Known: dataDay}
	if cells[3] != "-" {
		q.OrgKinds = []string{cells[3]}
	}
	// When it is judged, then force, ruling and reason are those of the row.
	v := one(t, p, subject, q)
	held := "no"
	switch v.Reason.Code {
	case policy.CodeNamed, policy.CodeByCompany, policy.CodeByAffiliate:
		held = "yes"
	}
	got := []string{held, string(v.Ruling), v.Reason.Code}
	if strings.Join(got, " | ") != strings.Join(cells[4:], " | ") {
		t.Errorf("vectors.txt:%d: got %s; want %s", line, strings.Join(got, " | "), strings.Join(cells[4:], " | "))
	}
	if (held == "yes") != (v.Ruling == policy.Prohibited) {
		t.Errorf("vectors.txt:%d: in force %q goes with %q", line, held, v.Ruling)
	}
	if v.Since > day {
		t.Errorf("vectors.txt:%d: holds since %s, which is after the day asked about", line, v.Since)
	}
}
