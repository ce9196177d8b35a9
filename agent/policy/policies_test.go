package policy_test

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beagle/agent/policy"
	"beagle/detectors/catalog/codegen"
)

// TestPolicies holds every shipped file to the rules of policy files.
func TestPolicies(t *testing.T) {
	// Given the files as written and what the binary carries.
	written, embedded := shipped(t), policy.Embedded()
	for i := range written.Policies {
		p := &written.Policies[i]
		t.Run(p.ID, func(t *testing.T) {
			// When the file is linted on its own.
			alone := policy.Set{Policies: []policy.Policy{*p}}
			for _, problem := range policy.Lint(&alone, lintIndex(t)) {
				t.Error(problem)
			}
			// Then its id is the file name, and the binary carries the same.
			if _, err := os.Stat("policies/" + p.ID + ".yaml"); err != nil {
				t.Error(err)
			}
			carried, ok := embedded.Find(p.ID)
			if !ok {
				t.Fatal("not embedded: run go generate ./agent/policy")
			}
			if diff := cmp.Diff(p, carried); diff != "" {
				t.Errorf("embedded differs from the file, run go generate ./agent/policy (-file +embedded):\n%s", diff)
			}
			if covered := slices.ContainsFunc(p.Events, func(ev policy.Event) bool { return ev.Date > dataDay }); covered {
				t.Errorf("has an event after %s: the vectors do not cover it", dataDay)
			}
		})
	}
	// And together no two clash and all are there.
	for _, problem := range policy.Lint(written, lintIndex(t)) {
		t.Error(problem)
	}
	var ids []string
	for i := range written.Policies {
		ids = append(ids, written.Policies[i].ID)
	}
	wantIDs := []string{"US-EO-13942", "US-EO-13971", "US-NO-TIKTOK-GOV-DEVICES", "US-TX-PROHIBITED-TECHNOLOGIES", "default"}
	if diff := cmp.Diff(wantIDs, ids); diff != "" {
		t.Errorf("shipped policies (-want +got):\n%s", diff)
	}
}

// TestDrift holds the generated files to their sources.
func TestDrift(t *testing.T) {
	code, err := codegen.Go("policy", "go generate", "embedded", *shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := codegen.Schema(&policy.Policy{}, "Beagle policy")
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]byte{"embedded_gen.go": code, "schema.json": schema} {
		// Given a generated file, when it is generated again, then nothing changes.
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is out of date, run go generate ./agent/policy (-want +got):\n%s", file, diff)
		}
	}
}

// TestLists holds the lists of apps to what the authorities wrote; a typing slip in an id
// would otherwise silently turn a banned app into an allowed one.
func TestLists(t *testing.T) {
	eight := []string{"alipay", "camscanner", "qq-wallet", "shareit", "tencent-qq", "vmate", "wechat-pay", "wps-office"}
	for id, want := range map[string][]string{
		"default":                  append(slices.Clone(eight), "tiktok", "wechat"),
		"US-EO-13971":              eight,
		"US-EO-13942":              {"tiktok"},
		"US-NO-TIKTOK-GOV-DEVICES": {"tiktok"},
		"US-TX-PROHIBITED-TECHNOLOGIES": {
			"alipay", "camscanner", "kaspersky", "qq-wallet", "shareit", "vmate", "wechat", "wechat-pay", "wps-office", "tiktok",
			"rednote", "deepseek", "webull", "tiger-brokers", "moomoo", "lemon8",
			"alibaba", "temu", "shein", "baidu", "moonshot-ai", "minimax", "stepfun", "baichuan", "zhipu", "iflytek", "sensetime",
		},
	} {
		p := find(t, id)
		var got []string
		for _, n := range p.Apps {
			got = append(got, n.ID)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s names (-want +got):\n%s", id, diff)
		}
	}
}

// TestDetected counts how much of a list can be found at all.
func TestDetected(t *testing.T) {
	// Given a list with products that no entry describes.
	p := find(t, "US-TX-PROHIBITED-TECHNOLOGIES")
	// When the small catalog is held against it.
	detected, named := p.Detected(index(t))
	// Then nine of the ten seed apps (not Tencent QQ, which is not named) and Lemon8 count.
	if detected != 10 || named != 27 {
		t.Errorf("detects %d of %d named products, want 10 of 27", detected, named)
	}
}

// TestProduct answers for products that only policies know.
func TestProduct(t *testing.T) {
	for name, wantID := range map[string]string{"deepseek": "deepseek", "Tiger brokers": "tiger-brokers", "ZHIPU (Z.ai)": "zhipu", "": ""} {
		got, ok := policy.Embedded().Product(name)
		if ok != (wantID != "") || ok && got.ID != wantID {
			t.Errorf("Product(%q) = %v, %v; want id %q", name, got, ok, wantID)
		}
	}
}
