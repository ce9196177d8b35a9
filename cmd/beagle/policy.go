package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"beagle/agent"
	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

func policyCommand(env Env) *cobra.Command {
	return group("policy", "Show, check and ask the policies",
		policyList(env), policyShow(env), policyCheck(env), policyLint(env))
}

func policyList(env Env) *cobra.Command {
	var r rules
	var kinds []string
	var on string
	cmd := &cobra.Command{Use: "list", Short: "List the policies and their legal state", Long: "List the policies and their legal state.\n\nKinds of organisation: " + strings.Join(policy.OrgKinds(), ", ") + "; those of a place as us-state-agency:TX or gov:CA.", Args: noArgs, RunE: func(*cobra.Command, []string) error {
		_, set, err := r.load()
		if err != nil {
			return err
		}
		if err := checkKinds(kinds, set); err != nil {
			return err
		}
		day, err := dateFlag("on", on)
		if err != nil {
			return err
		}
		today, err := dateFlag("", "")
		if err != nil {
			return err
		}
		p := policyPage{env.page()}
		for i := range set.Policies {
			pol := &set.Policies[i]
			p.states(pol, kinds, day, today)
		}
		return p.err
	}}
	cmd.Flags().StringArrayVar(&kinds, "kind", nil, "only policies that bind organisations of the kind `ORG`, such as us-state-agency:TX (repeatable)")
	cmd.Flags().StringVar(&on, "on", "", "the legal state on this day, written `YYYY-MM-DD`, instead of today")
	r.flags(cmd)
	return cmd
}

// states prints the legal state of a policy for those of kinds that it binds, or for all it
// binds; equal states in one line.
func (p *policyPage) states(pol *policy.Policy, kinds []string, day, known policy.Date) {
	if len(kinds) == 0 {
		kinds = pol.OrgKinds
	}
	seen := map[string]bool{}
	for _, kind := range kinds {
		if !pol.BindsKind(kind) && kind != "any" {
			continue
		}
		state := pol.StateOn(day, known, kind)
		line := padded(pol.ID, 32) + " " + padded(forceText(state.Force), 24) + " " + padded(string(state.Since), 11)
		if seen[line] {
			continue
		}
		title := pol.Title
		if len(seen) > 0 {
			title = "the same, for " + kind
		}
		seen[line] = true
		p.line("%s %s", line, title)
	}
}

func policyShow(env Env) *cobra.Command {
	var r rules
	cmd := &cobra.Command{Use: "show POLICY", Short: "Show a policy with its timeline", Args: one("policy"), RunE: func(_ *cobra.Command, args []string) error {
		index, set, err := r.load()
		if err != nil {
			return err
		}
		pol, err := findPolicy(args[0], set)
		if err != nil {
			return err
		}
		p := policyPage{env.page()}
		return p.print(pol, index)
	}}
	r.flags(cmd)
	return cmd
}

func policyLint(env Env) *cobra.Command {
	r := rules{}
	cmd := &cobra.Command{Use: "lint DIR", Short: "Check a directory of policies", Args: one("directory"), RunE: func(_ *cobra.Command, args []string) error {
		index, _, err := r.load()
		if err != nil {
			return err
		}
		set, err := loadPolicies(args[0])
		if err != nil {
			return err
		}
		problems := policy.Lint(set, index)
		for _, problem := range problems {
			fmt.Fprintln(env.Stderr, "beagle:", clean(problem.String()))
		}
		if len(problems) > 0 {
			return exit{code: exitUsage}
		}
		fmt.Fprintf(env.Stdout, "%s: no problems\n", plural(len(set.Policies), "policy", "policies"))
		return nil
	}}
	r.catalogFlag(cmd)
	return cmd
}

// checkFlags are the question that policy check answers.
type checkFlags struct {
	rules  rules
	kinds  []string
	policy string
	on     string
	known  string
	format string
}

func policyCheck(env Env) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use: "check APP", Short: "Say whether an app is banned for an organisation on a day, and why", Args: one("app"),
		RunE: func(_ *cobra.Command, args []string) error { return f.run(args[0], env) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.kinds, "kind", nil, "ask for an organisation of the kind `ORG`, such as us-state-agency:TX (repeatable)")
	flags.StringVar(&f.policy, "policy", "", "ask only the policy of this `ID`")
	flags.StringVar(&f.on, "on", "", "the day asked about, written `YYYY-MM-DD`; today if left out")
	flags.StringVar(&f.known, "known-on", "", "use only what was known on this day, written `YYYY-MM-DD`; today if left out")
	formatFlag(cmd, &f.format)
	f.rules.flags(cmd)
	return cmd
}

// checkAnswer is the JSON of policy check.
type checkAnswer struct {
	App      string        `json:"app"`
	On       string        `json:"on"`
	Kinds    []string      `json:"kinds"`
	Verdict  string        `json:"verdict"`
	Verdicts []api.Verdict `json:"verdicts"`
}

func (f *checkFlags) run(name string, env Env) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	index, set, err := f.rules.load()
	if err != nil {
		return err
	}
	app, err := findApp(name, index, set)
	if err != nil {
		return err
	}
	policies, q, err := f.question(index, set)
	if err != nil {
		return err
	}
	verdicts := policy.Judge(policies, policy.Present(app), q)
	if f.format == "json" {
		answer := checkAnswer{App: app.ID, On: string(q.On), Kinds: append([]string{}, f.kinds...), Verdict: string(policy.Worst(verdicts))}
		for i := range verdicts {
			answer.Verdicts = append(answer.Verdicts, agent.Verdict(&verdicts[i]))
		}
		return writeJSON(env.Stdout, answer)
	}
	p := policyPage{env.page()}
	return p.answer(app, f.kinds, q, verdicts)
}

// question lets a stated kind of organisation replace Beagle's default, as settings do.
func (f *checkFlags) question(index *catalog.Index, set *policy.Set) ([]policy.Policy, policy.Question, error) {
	var none policy.Question
	if err := checkKinds(f.kinds, set); err != nil {
		return nil, none, err
	}
	settings := agent.Settings{}
	settings.Organisation.Kinds = f.kinds
	policies, q, err := settings.Decide(set, index)
	if err != nil {
		return nil, none, err
	}
	if f.policy != "" {
		only, err := findPolicy(f.policy, set)
		if err != nil {
			return nil, none, err
		}
		policies = []policy.Policy{*only}
		if len(f.kinds) == 0 {
			q.Adopted = []string{only.ID}
		}
	}
	if q.On, err = dateFlag("on", f.on); err != nil {
		return nil, none, err
	}
	q.Known, err = dateFlag("known-on", f.known)
	return policies, q, err
}

// policyPage prints policies for people, among them lawyers.
type policyPage struct{ page }

func (p *policyPage) answer(app *catalog.App, kinds []string, q policy.Question, verdicts []policy.Verdict) error {
	who := "an organisation that has decided nothing"
	if len(kinds) > 0 {
		who = strings.Join(kinds, ", ")
	}
	worst := policy.Worst(verdicts)
	p.line("%s for %s on %s: %s", p.style.bold(app.Name), who, q.On, p.style.ruling(worst, rulingText(string(worst))))
	for i := range verdicts {
		v := agent.Verdict(&verdicts[i])
		p.blank()
		p.line("  %s: %s", v.Policy, p.style.ruling(verdicts[i].Ruling, rulingText(v.Verdict)))
		p.wrapped("    ", strings.TrimSuffix(reasonText(v.Reason), ".")+".")
		if verdicts[i].Ruling != policy.NotApplicable && v.Reason.Code != policy.CodeNotCovered {
			p.wrapped("    ", verdicts[i].Policy.Title)
			p.wrapped("    ", v.Citation+"; newest source "+v.SourceDate)
		}
	}
	if len(verdicts) == 0 {
		p.line("  no policy covers it")
	}
	return p.err
}

func (p *policyPage) print(pol *policy.Policy, index *catalog.Index) error {
	p.line("%s  %s", p.style.bold(pol.ID), pol.Title)
	for _, fact := range [][2]string{
		{"authority", pol.Authority}, {"jurisdiction", pol.Jurisdiction}, {"citation", pol.Citation},
		{"binds", strings.Join(pol.OrgKinds, ", ")}, {"whom exactly", pol.Binds},
		{"forbids", strings.Join(pol.Acts, ", ")}, {"matching", pol.Matching}, {"notes", pol.Notes},
		{"newest source", pol.LatestSource},
	} {
		if fact[1] != "" {
			p.line("  %s", p.style.dim(fact[0]))
			p.wrapped("    ", fact[1])
		}
	}
	if !pol.DeviceRelevant {
		p.line("  It says nothing about having an app on a device.")
	}
	p.products(pol, index)
	p.blank()
	p.line("%s", p.style.bold("Timeline"))
	for i := range pol.Events {
		p.event(&pol.Events[i])
	}
	return p.err
}

func (p *policyPage) products(pol *policy.Policy, index *catalog.Index) {
	if len(pol.Apps)+len(pol.Companies) == 0 {
		return
	}
	p.blank()
	detected, named := pol.Detected(index)
	p.line("%s  Beagle detects %d of %d named products", p.style.bold("Covers"), detected, named)
	for _, n := range pol.Apps {
		name := n.Name
		if app, ok := index.App(n.ID); ok {
			name = app.Name
		} else {
			name += p.style.dim("  (not detected)")
		}
		p.line("  %s %s", padded(string(n.Since), 11), name)
	}
	for _, c := range pol.Companies {
		also := ""
		if c.Affiliates {
			also = " and its affiliates"
		}
		p.line("  %s everything made by %s%s", padded(string(c.Since), 11), c.ID, also)
	}
	if pol.AppsIncomplete {
		p.line("  The authority's list holds more than this.")
	}
}

func (p *policyPage) event(ev *policy.Event) {
	status := string(ev.Status)
	if ev.Subtype != "" {
		status += ", " + strings.ReplaceAll(ev.Subtype, "_", " ")
	}
	for _, extra := range [][2]string{{"for ", ev.OrgKind}, {"scope: ", ev.Scope}, {"starts ", string(ev.Starts)}, {"once ", ev.Condition}, {"until ", string(ev.Until)}} {
		if extra[1] != "" {
			status += "; " + extra[0] + extra[1]
		}
	}
	p.line("  %s  %s", ev.Date, p.style.bold(status))
	p.wrapped("              ", ev.Text)
	learnt := ""
	if ev.Learnt != "" {
		learnt = "; known since " + string(ev.Learnt)
	}
	p.wrapped("              ", ev.Source+" ("+ev.Confidence+" confidence"+learnt+")")
}
