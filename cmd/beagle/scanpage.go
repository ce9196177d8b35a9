package main

import (
	"fmt"
	"strings"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
)

// scanPage prints a scan for a person: first what was found and why, then what was looked
// at, last the sum.
type scanPage struct {
	page
	quiet bool
}

func (p *scanPage) print(doc *api.Scan) error {
	if !p.quiet {
		root := ""
		if doc.Host.Offline {
			root = " in " + clean(doc.Host.Root)
		}
		host := clean(doc.Host.OS)
		if doc.Host.Hostname != "" {
			host = clean(doc.Host.Hostname) + " (" + host + ")"
		}
		p.line("%s  %s%s, judged as of %s", p.style.bold("Beagle "+clean(doc.AgentVersion)), host, root, doc.AsOf)
		p.blank()
	}
	for i := range doc.Findings {
		p.record(&doc.Findings[i])
	}
	if p.quiet {
		return p.err
	}
	p.coverage(doc.Probes)
	p.sum(doc)
	return p.err
}

func (p *scanPage) record(r *api.Record) {
	p.heading(r)
	p.copies(r)
	p.verdicts(r.Verdicts)
	p.line("  %s", p.style.dim("how to remove it: beagle explain "+clean(r.App.ID)))
	p.blank()
}

func (p *scanPage) heading(r *api.Record) {
	ruling := policy.Ruling(r.Verdict)
	p.line("%s  %s, %s", p.style.ruling(ruling, verdictWord(r.Verdict)), p.style.bold(appName(&r.App)), ownerText(r.Owner))
}

// copies prints how the app is there, and every copy with what was seen of it.
func (p *scanPage) copies(r *api.Record) {
	how := clean(strings.Join(r.Presence, ", ") + "; " + r.Confidence)
	if r.ImpliedBy != nil {
		p.line("  %s; it lives inside %s", how, clean(*r.ImpliedBy))
		return
	}
	p.line("  %s", how)
	for i := range r.Instances {
		p.instance(&r.Instances[i])
	}
}

func (p *scanPage) instance(in *api.Instance) {
	root := "no folder of its own"
	if in.Root != "" {
		root = clean(in.Root)
	}
	about := clean(strings.Join(in.Presence, ", "))
	if in.Version != "" {
		about = "version " + clean(in.Version) + ", " + about
	}
	if in.Edition != "" {
		about = "edition " + clean(in.Edition) + ", " + about
	}
	p.line("  %s  %s", root, p.style.dim("("+about+")"))
	for i := range in.Evidence {
		ev := &in.Evidence[i]
		place := clean(ev.Path)
		if place == "" {
			place = "path unknown"
		}
		p.line("    %s %s %s %s", padded(clean(ev.Strength), 6), padded(clean(ev.Kind), 9), clean(ev.Value), p.style.dim(place+details(ev)))
	}
}

// details names what else was seen and helps a person to recognise it.
func details(ev *api.Evidence) string {
	var parts []string
	for _, key := range []string{"pid", "user", "display_name", "publisher", "version", "exec"} {
		if value := ev.Attributes[key]; value != "" {
			parts = append(parts, strings.ReplaceAll(key, "_", " ")+" "+clean(value))
		}
	}
	if gone := ev.Attributes["gone"]; gone != "" {
		parts = append(parts, clean(goneText(gone)))
	}
	if ev.Attributes["deleted"] != "" {
		parts = append(parts, "file removed while it runs")
	}
	if ev.Attributes["beside"] != "" {
		parts = append(parts, "beside "+clean(strings.ReplaceAll(ev.Attributes["beside"], "/", ", ")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, ", ")
}

// verdicts prints what decides, then the legal history in short.
func (p *scanPage) verdicts(list []api.Verdict) {
	for i := range list {
		v := &list[i]
		if v.Reason.Code == policy.CodeOtherKinds {
			p.long("  ", p.style.dim(clean("for "+otherKinds(v.Reason.Args)+" ("+v.Policy+")")))
			continue
		}
		p.long("  ", p.style.ruling(policy.Ruling(v.Verdict), clean(rulingText(v.Verdict)+" by policy "+v.Policy))+": "+clean(reasonText(v.Reason)))
	}
}

func (p *scanPage) coverage(probes []api.Probe) {
	p.line("%s", p.style.bold("Looked at"))
	for i := range probes {
		probe := &probes[i]
		line := fmt.Sprintf("  %s %s %12s %s %s", padded(clean(probe.Name), 10), padded(clean(probe.Status), 9), grouped(probe.Examined),
			padded(clean(probe.Unit), 10), p.style.dim(took(probe.DurationMS)))
		p.line("%s", strings.TrimRight(line, " "))
		if probe.Error != nil {
			p.wrapped("      ", clean(problemText(probe.Error)))
		}
		for _, area := range probe.Areas {
			hidden := area.Status == "skipped" && probe.Status != "skipped" && area.Error != nil && area.Error.Code == detectors.CodeAbsent
			if area.Error != nil && !hidden {
				p.long("      ", clean(area.Area+", "+area.Status+": "+problemText(area.Error)))
			}
		}
	}
	p.blank()
}

// took says how long a probe took, if that is known.
func took(ms float64) string {
	if ms == 0 {
		return ""
	}
	return milliseconds(ms)
}

func (p *scanPage) sum(doc *api.Scan) {
	s := &doc.Summary
	found := "Nothing prohibited was found"
	if counts := countsText(s); counts != "" {
		found = "Found: " + counts
	}
	if s.Complete {
		p.line("%s. All %s finished.", found, plural(len(doc.Probes), "probe", "probes"))
		return
	}
	p.line("%s. %s", found, p.style.ruling(policy.Pending, "Not everything could be looked at: see above."))
}

// countsText writes how many records have which verdict, the worst first, "" for none.
func countsText(s *api.Summary) string {
	var parts []string
	for _, count := range []struct {
		n    int
		word string
	}{
		{s.Prohibited, "prohibited"}, {s.Pending, "pending"}, {s.Suspended, "suspended"},
		{s.Exempt, "exempt"}, {s.Unconfirmed, "unconfirmed"}, {s.Lifted, "lifted"},
	} {
		if count.n > 0 {
			parts = append(parts, grouped(int64(count.n))+" "+count.word)
		}
	}
	return strings.Join(parts, ", ")
}

// verdictWord is the word for a verdict where it stands out.
func verdictWord(verdict string) string { return clean(strings.ToUpper(rulingText(verdict))) }

// appName writes the name of an app and, if it has another there, that of its home.
func appName(app *api.App) string {
	if app.NativeName != "" && app.NativeName != app.Name {
		return clean(app.Name + " " + app.NativeName)
	}
	return clean(app.Name)
}

func ownerText(owner string) string {
	if owner == api.MachineOwner {
		return "for the whole machine"
	}
	return "of user " + clean(owner)
}
