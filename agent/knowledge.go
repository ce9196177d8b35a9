package agent

import (
	"context"
	"slices"
	"strings"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// App returns what the catalog knows about one app, and what the policies would say of it.
func (a *Agent) App(_ context.Context, id string) (api.AppPage, bool, error) {
	rules := a.rules.now()
	app, found := rules.Catalog.App(id)
	if !found {
		return api.AppPage{}, false, nil
	}
	page := api.AppPage{
		App:     api.App{ID: app.ID, Name: app.Name, NativeName: app.NativeName, Vendor: app.Vendor},
		Aliases: orNone(app.Aliases), Homepage: app.Homepage, Summary: app.Summary, CarriedBy: orNone(app.CarriedBy),
		Editions: []api.Edition{}, Removal: []api.Step{}, Verdicts: []api.Verdict{},
	}
	for _, e := range app.Editions {
		page.Editions = append(page.Editions, api.Edition{ID: e.ID, Name: e.Name})
	}
	for _, step := range app.Removal.For(catalog.OS(a.board.Snapshot().Host.OS)) {
		args := map[string]string{}
		for _, arg := range step.Args {
			args[arg.Name] = arg.Value
		}
		page.Removal = append(page.Removal, api.Step{Code: step.Code, Args: args, When: texts(step.When)})
	}
	verdicts := policy.Judge(rules.Policies, policy.Present(app), rules.Question)
	for i := range verdicts {
		page.Verdicts = append(page.Verdicts, Verdict(&verdicts[i]))
	}
	return page, true, nil
}

// Policy returns one policy: of those in force by the settings, or of those only known.
func (a *Agent) Policy(_ context.Context, id string) (api.PolicyPage, bool, error) {
	rules := a.rules.now()
	i := slices.IndexFunc(rules.Policies, func(p policy.Policy) bool { return p.ID == id })
	var p *policy.Policy
	if i >= 0 {
		p = &rules.Policies[i]
	} else if known, ok := a.rules.set.Find(id); ok {
		p = known
	} else {
		return api.PolicyPage{}, false, nil
	}
	page := api.PolicyPage{
		ID: p.ID, Title: p.Title, Nature: string(p.Nature), Authority: p.Authority, Jurisdiction: p.Jurisdiction,
		Citation: p.Citation, OrgKinds: orNone(p.OrgKinds), Acts: orNone(p.Acts), DeviceRelevant: p.DeviceRelevant,
		Followed: i >= 0 && p.Follows(rules.Question), LatestSource: p.LatestSource,
		Apps: []api.PolicyApp{}, Events: []api.PolicyEvent{},
	}
	for _, named := range p.Apps {
		app, detected := rules.Catalog.App(named.ID)
		name := named.Name
		if detected {
			name = app.Name
		}
		page.Apps = append(page.Apps, api.PolicyApp{ID: named.ID, Name: name, Since: string(named.Since), Detected: detected})
	}
	for _, e := range p.Events {
		page.Events = append(page.Events, api.PolicyEvent{
			Date: string(e.Date), Status: string(e.Status), Starts: string(e.Starts), Until: string(e.Until), Text: e.Text, Source: e.Source,
		})
	}
	slices.SortStableFunc(page.Events, func(x, y api.PolicyEvent) int { return strings.Compare(x.Date, y.Date) })
	return page, true, nil
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
