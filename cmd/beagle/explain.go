package main

import (
	"strings"

	"github.com/spf13/cobra"

	"beagle/agent"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

func explainCommand(env Env) *cobra.Command {
	var r rules
	var flags agentFlags
	cmd := &cobra.Command{
		Use: "explain APP|RECORD", Short: "Say what an app is, where it is banned, how it is recognised and removed",
		Long: `Say what an app is, where it is banned, how it is recognised and removed; and,
if an agent answers, whether it is on this machine.

Of a record, by its id or the beginning of it as findings shows it: what was
seen, why it is judged so, what happened to it, and how to remove this very
copy.

Exit codes: 0 explained, 2 wrong use or unknown, 4 a record was named and no
agent answers.`,
		Args:    one("app or record"),
		PreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },
		RunE: func(cmd *cobra.Command, args []string) error {
			index, set, err := r.load()
			if err != nil {
				return err
			}
			app, err := findApp(args[0], index, set)
			if err != nil {
				if id := strings.ToLower(args[0]); recordLike(id) {
					return explainRecord(cmd.Context(), env, flags, id)
				}
				return err
			}
			today, err := dateFlag("", "")
			if err != nil {
				return err
			}
			p := explainPage{env.page()}
			return p.print(app, set, today, lookUp(cmd.Context(), env, flags, app.ID))
		},
	}
	flags.flags(cmd)
	r.flags(cmd)
	return cmd
}

// explainPage is everything Beagle knows about an app, for reading or printing.
type explainPage struct{ page }

func (p *explainPage) print(app *catalog.App, set *policy.Set, today policy.Date, here *presence) error {
	title := app.Name
	if app.NativeName != "" {
		title += " " + app.NativeName
	}
	p.line("%s  (%s)", p.style.bold(title), app.ID)
	p.wrapped("  ", app.Summary)
	p.fact("maker", strings.Join(append([]string{app.Vendor}, app.Affiliates...), ", affiliated with "))
	p.fact("also called", strings.Join(app.Aliases, ", "))
	p.fact("home page", app.Homepage)
	p.fact("lives inside", strings.Join(app.CarriedBy, ", "))
	p.blank()
	p.here(here)
	p.history(app, set, today)
	p.recognised(app)
	p.removal(app)
	return p.err
}

func (p *explainPage) fact(name, value string) {
	if value != "" {
		p.long("  "+padded(name+":", 13)+" ", value)
	}
}

// history shows each policy that covers the app as it stands today for those it binds.
func (p *explainPage) history(app *catalog.App, set *policy.Set, today policy.Date) {
	p.line("%s", p.style.bold("Where it is banned, as of "+string(today)))
	none := true
	for i := range set.Policies {
		pol := &set.Policies[i]
		if !pol.Names(app) {
			continue
		}
		none = false
		p.long("  ", p.style.bold(pol.ID)+"  "+pol.Title)
		p.answers(app, pol, today)
		p.wrapped("    ", pol.Citation+"; newest source "+pol.LatestSource)
	}
	if none {
		p.line("  no policy covers it")
	}
	p.blank()
}

// answers says how the policy rules for each kind it binds, equal answers together.
func (p *explainPage) answers(app *catalog.App, pol *policy.Policy, today policy.Date) {
	kinds := map[string][]string{}
	var order []string
	for _, kind := range pol.OrgKinds {
		q := policy.Question{On: today, Known: today, OrgKinds: []string{kind}}
		for _, v := range policy.Judge([]policy.Policy{*pol}, policy.Present(app), q) {
			text := rulingText(string(v.Ruling)) + "; " + reasonText(agent.Verdict(&v).Reason)
			if len(kinds[text]) == 0 {
				order = append(order, text)
			}
			kinds[text] = append(kinds[text], kind)
		}
	}
	for _, text := range order {
		whom := strings.Join(kinds[text], ", ")
		if whom == "any" {
			whom = "any organisation"
		}
		p.wrapped("    ", "for "+whom+": "+text)
	}
}

func (p *explainPage) recognised(app *catalog.App) {
	p.line("%s", p.style.bold("How it is recognised"))
	if app.Vendor == "" {
		p.line("  Beagle cannot detect it: no catalog entry describes it")
	}
	for _, os := range catalog.Systems() {
		for i := range app.Indicators.For(os) {
			in := &app.Indicators.For(os)[i]
			p.long("  "+padded(string(os), 8)+" "+padded(string(in.Strength), 6)+" "+padded(string(in.Kind), 9)+" ", pattern(in))
		}
	}
	for _, carrier := range app.CarriedBy {
		p.line("  wherever %s is found", carrier)
	}
	p.blank()
}

// pattern writes an indicator in one line.
func pattern(in *catalog.Indicator) string {
	var parts []string
	if len(in.Value) > 0 {
		parts = append(parts, strings.Join(in.Value, " or "))
	}
	if len(in.Path) > 0 {
		parts = append(parts, "at "+strings.Join(in.Path, " or "))
	}
	for _, cond := range in.Where {
		parts = append(parts, "with "+cond.Attribute+" "+strings.Join(cond.Matches, " or "))
	}
	if len(in.Beside) > 0 {
		parts = append(parts, "beside "+strings.Join(in.Beside, ", "))
	}
	return strings.Join(parts, " ")
}

func (p *explainPage) removal(app *catalog.App) {
	p.line("%s", p.style.bold("How to remove it"))
	for _, os := range catalog.Systems() {
		for i := range app.Removal.For(os) {
			step := &app.Removal.For(os)[i]
			when := ""
			if len(step.When) > 0 {
				var ways []string
				for _, w := range step.When {
					ways = append(ways, string(w))
				}
				when = "if " + strings.Join(ways, " or ") + ": "
			}
			p.long("  "+padded(string(os), 8)+" ", when+stepText(step.Code, step.Args.Get))
		}
	}
}
