package view

import (
	"slices"
	"strings"

	"beagle/agent/api"
)

// The reasons that this package treats unlike others.
const (
	reasonOtherKinds = "other_kinds"
	reasonNotCovered = "not_covered"
)

// rules returns the answers of the policies: those that count here, and those that only tell
// the legal history.
func (p *Printer) rules(n *Now, s *Subject) (here, others []Rule) {
	for i := range s.Record.Verdicts {
		v := &s.Record.Verdicts[i]
		var page *api.PolicyPage
		if at := slices.IndexFunc(s.Policies, func(p api.PolicyPage) bool { return p.ID == v.Policy }); at >= 0 {
			page = &s.Policies[at]
		}
		rule := p.rule(n, v, page)
		if v.Reason.Code == reasonOtherKinds || v.Reason.Code == reasonNotCovered {
			others = append(others, rule)
		} else {
			here = append(here, rule)
		}
	}
	return here, others
}

func (p *Printer) rule(n *Now, v *api.Verdict, page *api.PolicyPage) Rule {
	r := Rule{Policy: clean(v.Policy), Title: clean(v.Policy), Verdict: p.verdictBadge(v.Verdict), Reason: p.reasonText(&v.Reason), Legal: p.legalText(&v.Reason)}
	add := func(key, value string) {
		if value != "" {
			r.Facts = append(r.Facts, Fact{Label: p.say("fact." + key), Value: value})
		}
	}
	citation, source := v.Citation, v.SourceDate
	if page != nil {
		if page.Title != "" {
			r.Title = p.policyText(v.Policy, "title", page.Title)
		}
		add("nature", p.word("nature", page.Nature))
		add("authority", p.policyText(v.Policy, "authority", page.Authority))
		add("jurisdiction", p.policyText(v.Policy, "jurisdiction", page.Jurisdiction))
		add("binds", p.kindsText(page.OrgKinds))
		add("forbids", p.actsText(page.Acts))
		for i := range page.Events {
			ev := &page.Events[i]
			r.Events = append(r.Events, RuleEvent{Date: p.date(ev.Date), Word: p.word("event", ev.Status), Text: p.policyText(v.Policy, ev.Date, ev.Text)})
		}
		if citation == "" {
			citation = page.Citation
		}
		if source == "" {
			source = page.LatestSource
		}
	} else {
		add("authority", clean(v.Reason.Args["authority"]))
	}
	add("citation", p.policyText(v.Policy, "citation", citation))
	add("source", p.sourceText(source, n))
	return r
}

// policyText is a text of a policy. Laws speak for themselves; Beagle's own default has words
// in every language.
func (p *Printer) policyText(id, part, text string) string {
	if own, ok := p.coded("policy", id+"."+part); ok && text != "" {
		return own
	}
	return clean(text)
}

// sourceText says how current the newest source of a policy is.
func (p *Printer) sourceText(date string, n *Now) string {
	if date == "" {
		return ""
	}
	age := p.age(date, n.now())
	if age == "" {
		return clean(date)
	}
	return p.say("rule.source", "date", said(p.date(date)), "age", said(age))
}

// reasonText says why a policy answers as it does.
func (p *Printer) reasonText(r *api.Reason) string {
	if r.Code == reasonOtherKinds {
		return p.otherKinds(r.Args)
	}
	args := make([]any, 0, 2*len(r.Args)+8)
	for name, value := range r.Args {
		switch name {
		case "since", "starts", "expires":
			args = append(args, name, said(p.date(value)))
		case "status":
			args = append(args, name, said(p.word("event", value)))
		case "company":
			args = append(args, name, companyName(value))
		case "acts":
			args = append(args, name, said(p.actsText(splitList(value))))
		default:
			args = append(args, name, strings.TrimRight(value, ". "))
		}
	}
	// What may be missing is a clause of its own, so that no sentence ends in nothing.
	args = append(args, p.clauses(r.Args)...)
	if text, ok := p.coded("reason", r.Code, args...); ok {
		return text
	}
	return p.unknown(r.Code, r.Args)
}

// clauses are the parts of reasons that are there only if their arguments are.
func (p *Printer) clauses(a map[string]string) []any {
	var list []any
	for _, name := range []string{"by", "text", "note", "condition", "legal_basis", "since"} {
		clause := ""
		switch {
		case a[name] == "":
		case name == "since":
			clause = p.say("clause.since", "since", said(p.date(a[name])))
		case name == "text": // sentences of their own
			clause = p.say("clause.text", name, a[name])
		default:
			clause = p.say("clause."+name, name, strings.TrimRight(a[name], ". "))
		}
		list = append(list, name+"_clause", said(clause))
	}
	return list
}

// otherKinds says how those fare whom a policy binds. The argument "answers" is written
// "kind,kind|verdict|since;...".
func (p *Printer) otherKinds(a map[string]string) string {
	var parts []string
	for part := range strings.SplitSeq(a["answers"], ";") {
		fields := strings.Split(part, "|")
		if len(fields) != 3 {
			continue
		}
		kinds, verdict := p.kindsText(strings.Split(fields[0], ",")), p.word("verdict", fields[1])
		if fields[2] == "" {
			parts = append(parts, p.say("reason.other_kinds.answer", "kinds", said(kinds), "verdict", said(verdict)))
			continue
		}
		parts = append(parts, p.say("reason.other_kinds.since", "kinds", said(kinds), "verdict", said(verdict), "since", said(p.date(fields[2]))))
	}
	text := p.say("reason.other_kinds")
	if len(parts) > 0 {
		text = p.say("sentences", "first", said(text), "second", said(strings.Join(parts, p.say("list.semicolon"))))
	}
	return text
}

// legalText says whether the rule is in force today, "" if the reason does not tell.
func (p *Printer) legalText(r *api.Reason) string {
	key := ""
	switch r.Code {
	case "named", "by_company", "by_affiliate", "only_possible", "other_acts", "exempted", "not_listed_yet":
		key = "in_force"
	case "starts", "condition_open", "announced":
		key = "to_come"
	case "listed_from":
		key = "listed_later"
	case "enjoined":
		key = "enjoined"
	case "not_enforced":
		key = "not_enforced"
	case "revoked", "superseded", "vacated", "expired":
		key = "ended"
	case "never_operative":
		key = "never"
	default:
		return ""
	}
	return p.say("legal." + key)
}

func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// kindsText names kinds of organisation, such as us-state-agency:TX.
func (p *Printer) kindsText(kinds []string) string {
	const most = 4
	var names []string
	for i, kind := range kinds {
		if i == most {
			names = append(names, p.count("kinds.more", len(kinds)-i))
			break
		}
		base, place, _ := strings.Cut(kind, ":")
		name := p.word("kind", base)
		if place != "" {
			name = p.say("kinds.place", "kind", said(name), "place", place)
		}
		names = append(names, name)
	}
	return p.list(names)
}

func (p *Printer) actsText(acts []string) string {
	var names []string
	for _, act := range acts {
		names = append(names, p.word("act", act))
	}
	return p.list(names)
}
