package policy_test

import (
	"os"
	"testing"

	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// dataDay is the day up to which the shipped timelines were looked up.
const dataDay policy.Date = "2026-11-23"

// shipped loads the policies as written.
func shipped(t testing.TB) *policy.Set {
	t.Helper()
	set, err := policy.Load(os.DirFS("policies"))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// find returns an embedded policy; TestDrift holds those to what is written.
func find(t testing.TB, id string) policy.Policy {
	t.Helper()
	p, ok := policy.Embedded().Find(id)
	if !ok {
		t.Fatalf("no policy %q", id)
	}
	return *p
}

// seedApps is how many of the stubs, from the first, the real catalog is sure to describe.
const seedApps = 10

// stubs is a small catalog: the seed apps, and some apps that policies cover through a
// company or not at all.
func stubs() []catalog.App {
	return []catalog.App{
		{ID: "alipay", Name: "Alipay", Vendor: "ant-group", Affiliates: []string{"alibaba"}},
		{ID: "camscanner", Name: "CamScanner", Vendor: "intsig"},
		{ID: "qq-wallet", Name: "QQ Wallet", Vendor: "tencent"},
		{ID: "shareit", Name: "SHAREit", Vendor: "shareit"},
		{ID: "tencent-qq", Name: "Tencent QQ", Vendor: "tencent"},
		{ID: "vmate", Name: "VMate", Vendor: "ucweb", Affiliates: []string{"alibaba"}},
		{ID: "wechat", Name: "WeChat", Vendor: "tencent"},
		{ID: "wechat-pay", Name: "WeChat Pay", Vendor: "tencent"},
		{ID: "wps-office", Name: "WPS Office", Vendor: "kingsoft-office"},
		{ID: "tiktok", Name: "TikTok", Vendor: "bytedance"},
		{ID: "wecom", Name: "WeCom", Vendor: "tencent"},
		{ID: "douyin", Name: "Douyin", Vendor: "bytedance"},
		{ID: "lemon8", Name: "Lemon8", Vendor: "bytedance"},
		{ID: "alipay-hk", Name: "AlipayHK", Vendor: "ant-group", Affiliates: []string{"alibaba"}},
		{ID: "icalingua", Name: "Icalingua", Vendor: "icalingua"},
	}
}

func stubIndex(t testing.TB) *catalog.Index {
	t.Helper()
	ix, err := catalog.New("test", stubs())
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

// index is the small catalog with the makers of the seed apps as the real one has them: so
// the vectors hold the company ids of policies and catalog together.
func index(t testing.TB) *catalog.Index {
	t.Helper()
	embedded, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	apps := stubs()
	for i := range seedApps {
		if known, ok := embedded.App(apps[i].ID); ok {
			apps[i].Vendor, apps[i].Affiliates = known.Vendor, known.Affiliates
		}
	}
	ix, err := catalog.New("test", apps)
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

// lintIndex is the real catalog, or the stubs while that is empty.
func lintIndex(t testing.TB) *catalog.Index {
	t.Helper()
	embedded, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if len(embedded.Apps()) == 0 {
		return stubIndex(t)
	}
	return embedded
}

// app finds an app of the small catalog or a product that only policies know.
func app(t testing.TB, name string) *catalog.App {
	t.Helper()
	if found, ok := index(t).Find(name); ok {
		return found
	}
	found, ok := policy.Embedded().Product(name)
	if !ok {
		t.Fatalf("no app or product %q", name)
	}
	return found
}

// rule is a minimal policy that binds everyone and names one app.
func rule(events ...policy.Event) policy.Policy {
	return policy.Policy{
		ID: "TEST", Title: "a rule", Nature: policy.Law, Authority: "a legislator", Jurisdiction: "somewhere",
		Citation: "section 1", OrgKinds: []string{"any"}, Acts: []string{"install"}, DeviceRelevant: true,
		Apps: []policy.Named{{ID: "wechat"}}, Events: events, LatestSource: "2026",
	}
}

func event(date policy.Date, status policy.Status) policy.Event {
	return policy.Event{Date: date, Status: status, Text: "text", Source: "source", Confidence: "high"}
}

func until(ev policy.Event, last policy.Date) policy.Event {
	ev.Until = last
	return ev
}

func forKind(ev policy.Event, kind string) policy.Event {
	ev.OrgKind = kind
	return ev
}

// one judges the subject by one policy and fails unless exactly one verdict comes of it.
func one(t testing.TB, p policy.Policy, s policy.Subject, q policy.Question) policy.Verdict {
	t.Helper()
	verdicts := policy.Judge([]policy.Policy{p}, s, q)
	if len(verdicts) != 1 {
		t.Fatalf("%s gives %d verdicts about %q, want 1", p.ID, len(verdicts), s.App.ID)
	}
	return verdicts[0]
}

// want fails unless the verdict has this ruling and reason.
func want(t testing.TB, v policy.Verdict, ruling policy.Ruling, code string) {
	t.Helper()
	if v.Ruling != ruling || v.Reason.Code != code {
		t.Errorf("got %s, %s %v; want %s, %s", v.Ruling, v.Reason.Code, v.Reason.Args, ruling, code)
	}
}
