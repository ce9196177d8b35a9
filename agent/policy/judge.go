package policy

import (
	"cmp"
	"slices"
	"strings"

	"beagle/detectors/catalog"
)

// Ruling is the answer of one policy, or of all of them.
type Ruling string

// The rulings, the worst first.
const (
	Prohibited    Ruling = "prohibited"
	Pending       Ruling = "pending"
	SuspendedNow  Ruling = "suspended"
	Exempt        Ruling = "exempt"
	Unconfirmed   Ruling = "unconfirmed"
	Lifted        Ruling = "lifted"
	Allowed       Ruling = "allowed"
	NotApplicable Ruling = "not_applicable"
)

// Rulings lists every ruling, the worst first.
func Rulings() []Ruling {
	return []Ruling{Prohibited, Pending, SuspendedNow, Exempt, Unconfirmed, Lifted, Allowed, NotApplicable}
}

// Worse reports whether r is worse than other.
func (r Ruling) Worse(other Ruling) bool {
	return slices.Index(Rulings(), r) < slices.Index(Rulings(), other)
}

// Reason codes. Wording lives with whoever shows them; every code lists its arguments.
const (
	CodeNamed         = "named"           // in force and named: authority, since, note
	CodeByCompany     = "by_company"      // in force and covered through its maker: authority, company, since
	CodeByAffiliate   = "by_affiliate"    // in force and covered through its maker's group: authority, company, since
	CodeStarts        = "starts"          // not begun: starts, condition
	CodeConditionOpen = "condition_open"  // start passed, condition not met: starts, condition
	CodeAnnounced     = "announced"       // made, no start set: since
	CodeListedFrom    = "listed_from"     // the app joins the list later: since
	CodeEnjoined      = "enjoined"        // stopped by a court: since, by, status, text
	CodeNotEnforced   = "not_enforced"    // in force but not enforced: since, by, status, text
	CodeRevoked       = "revoked"         // since, by, status, text
	CodeSuperseded    = "superseded"      // since, by, status, text
	CodeVacated       = "vacated"         // since, by, status, text
	CodeExpired       = "expired"         // since, by, status, text
	CodeNeverBegan    = "never_operative" // ended without ever having begun: since, by, status, text
	CodeExempted      = "exempted"        // approver, expires, reason, legal_basis
	CodeOnlyPossible  = "only_possible"   // in force, but the app is not confirmed
	CodeResidueOnly   = "residue_only"    // nothing left that could run
	CodeInstallerOnly = "installer_only"  // a download, not installed
	CodeNotCovered    = "not_covered"     // the policy does not cover the app
	CodeNotMadeYet    = "not_made_yet"    // the policy did not exist on that day
	CodeNotListedYet  = "not_listed_yet"  // the app was not on the list yet: since
	CodeOtherKinds    = "other_kinds"     // binds other organisations: kinds, answers
	CodeOtherActs     = "other_acts"      // forbids other acts than having the app: acts
)

// Reason is why a ruling was given, as data.
type Reason struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args"`
}

// Verdict is the answer of one policy about one finding. It always says by which policy, on
// what day, why, and how current the source is.
type Verdict struct {
	Policy *Policy
	Ruling Ruling
	Reason Reason
	// Since is the day since which the legal state and the list say so, "" for rulings that
	// come from elsewhere, such as leftovers or an app that is not covered.
	Since Date
	// State is the legal state behind the ruling, for the organisation asked about or, where
	// the policy binds others, for those it binds.
	State State
}

// Exemption lifts one policy for one app, for a while.
type Exemption struct {
	App    string
	Policy string
	// Owners limits the exemption to these users; empty means the whole machine.
	Owners   []string
	Reason   string
	Approver string
	Expires  Date
	// LegalBasis cites the exception in the law itself. Without it an exemption from a rule
	// of law is void: a company waiver never lifts one.
	LegalBasis string
}

// Question is everything a verdict depends on besides the finding.
type Question struct {
	On    Date // the day the law speaks about
	Known Date // the day by which the data had learnt of it
	// OrgKinds are what the organisation is, in the vocabulary of Policy.OrgKinds.
	OrgKinds []string
	// Adopted are ids of policies that the organisation follows although none binds it.
	Adopted    []string
	Exemptions []Exemption
	// Residue and Installers are treated like the app itself if set.
	CountResidue    bool
	CountInstallers bool
}

// Subject is what is judged.
type Subject struct {
	App        *catalog.App
	Owner      string
	Presence   []catalog.Presence
	Confidence catalog.Confidence
}

// SubjectOf makes a finding the subject of a judgement.
func SubjectOf(f *catalog.Finding) Subject {
	return Subject{f.App, f.Owner, f.Presence, f.Confidence}
}

// Present is the subject of the question "would this app be banned here": certain and
// installed.
func Present(app *catalog.App) Subject {
	return Subject{app, catalog.MachineOwner, []catalog.Presence{catalog.Installed}, catalog.Certain}
}

// Judge returns the verdict of every policy that binds the organisation or covers the app,
// the worst first and otherwise in the order of policies.
func Judge(policies []Policy, s Subject, q Question) []Verdict {
	var verdicts []Verdict
	for i := range policies {
		p := &policies[i]
		if p.Follows(q) || p.Names(s.App) {
			verdicts = append(verdicts, p.judge(s, q))
		}
	}
	slices.SortStableFunc(verdicts, func(a, b Verdict) int {
		return cmp.Compare(slices.Index(Rulings(), a.Ruling), slices.Index(Rulings(), b.Ruling))
	})
	return verdicts
}

// Worst returns the ruling that stands for all verdicts: the worst of them, and
// [Allowed] where no policy spoke at all.
func Worst(verdicts []Verdict) Ruling {
	worst := NotApplicable
	for i := range verdicts {
		if verdicts[i].Ruling.Worse(worst) {
			worst = verdicts[i].Ruling
		}
	}
	if len(verdicts) == 0 {
		return Allowed
	}
	return worst
}

// judge asks the policy for each kind the organisation is and keeps the worst answer.
func (p *Policy) judge(s Subject, q Question) Verdict {
	var worst *Verdict
	for _, kind := range p.kindsOf(q) {
		if !p.BindsKind(kind) {
			continue
		}
		if v := p.judgeFor(kind, s, q); worst == nil || v.Ruling.Worse(worst.Ruling) {
			worst = &v
		}
	}
	if worst != nil {
		return *worst
	}
	v := Verdict{Policy: p, State: p.StateOn(q.On, q.Known, first(p.OrgKinds))}
	v.rule(NotApplicable, reason(CodeOtherKinds, "kinds", strings.Join(p.OrgKinds, ", "), "answers", p.answersElsewhere(s, q)))
	return v
}

// Answer is how a policy rules for some kinds of organisation.
type Answer struct {
	Kinds  []string
	Ruling Ruling
	Since  Date
}

// answersElsewhere writes how the policy rules for those it binds, equal answers together:
// "kind,kind|ruling|since;...". See [ParseAnswers].
func (p *Policy) answersElsewhere(s Subject, q Question) string {
	var answers []Answer
	for _, kind := range p.OrgKinds {
		v := p.judgeFor(kind, s, q)
		i := slices.IndexFunc(answers, func(a Answer) bool { return a.Ruling == v.Ruling && a.Since == v.Since })
		if i < 0 {
			i = len(answers)
			answers = append(answers, Answer{Ruling: v.Ruling, Since: v.Since})
		}
		answers[i].Kinds = append(answers[i].Kinds, kind)
	}
	var parts []string
	for _, a := range answers {
		parts = append(parts, strings.Join([]string{strings.Join(a.Kinds, ","), string(a.Ruling), string(a.Since)}, "|"))
	}
	return strings.Join(parts, ";")
}

// ParseAnswers reads the argument "answers" of [CodeOtherKinds].
func ParseAnswers(text string) []Answer {
	var answers []Answer
	for part := range strings.SplitSeq(text, ";") {
		if fields := strings.Split(part, "|"); len(fields) == 3 {
			answers = append(answers, Answer{strings.Split(fields[0], ","), Ruling(fields[1]), Date(fields[2])})
		}
	}
	return answers
}

// Follows reports whether the policy binds the organisation of the question, by what it is or
// because it follows the policy of its own accord.
func (p *Policy) Follows(q Question) bool { return slices.ContainsFunc(p.kindsOf(q), p.BindsKind) }

// kindsOf returns the kinds of organisation for which the policy is asked.
func (p *Policy) kindsOf(q Question) []string {
	if slices.Contains(q.Adopted, p.ID) {
		return p.OrgKinds
	}
	if slices.Contains(p.OrgKinds, "any") {
		return append(slices.Clone(q.OrgKinds), "any")
	}
	return q.OrgKinds
}

// judgeFor answers for one kind of organisation that the policy binds.
func (p *Policy) judgeFor(kind string, s Subject, q Question) Verdict {
	state := p.StateOn(q.On, q.Known, kind)
	v := Verdict{Policy: p, State: state}
	cover := p.covers(s.App, q.On)
	switch {
	case cover.code == "":
		v.rule(Allowed, reason(CodeNotCovered))
	case !slices.ContainsFunc(s.Presence, q.counts):
		code := CodeInstallerOnly
		if only(s.Presence, catalog.Residue) {
			code = CodeResidueOnly
		}
		v.rule(Allowed, reason(code))
	case cover.since > q.On && cover.since > q.Known:
		v.rule(Pending, reason(CodeListedFrom, "since", string(cover.since)))
	case cover.since > q.On:
		v.rule(Allowed, reason(CodeNotListedYet, "since", string(cover.since)))
	default:
		v.Since = max(state.Since, cover.since)
		p.ruleByState(&v, cover, s, q)
	}
	return v
}

// counts reports whether a presence is treated as having the app.
func (q *Question) counts(p catalog.Presence) bool {
	return p.Live() || p == catalog.Residue && q.CountResidue || p == catalog.Installer && q.CountInstallers
}

func (p *Policy) ruleByState(v *Verdict, cover coverage, s Subject, q Question) {
	st := &v.State
	switch st.Force {
	case ForceNone:
		v.Since = ""
		v.rule(Allowed, reason(CodeNotMadeYet))
	case ForcePending:
		v.rule(Pending, pendingReason(st, q.On))
	case ForceSuspended:
		code := CodeNotEnforced
		if st.Cause.Status == Enjoined {
			code = CodeEnjoined
		}
		v.rule(SuspendedNow, causeReason(code, st))
	case ForceEnded:
		v.rule(Lifted, endReason(st))
	case ForceInForce:
		p.ruleInForce(v, cover, s, q)
	}
}

func (p *Policy) ruleInForce(v *Verdict, cover coverage, s Subject, q Question) {
	if !p.DeviceRelevant {
		v.rule(NotApplicable, reason(CodeOtherActs, "acts", strings.Join(p.Acts, ", ")))
		return
	}
	if ex := p.exemption(s, q); ex != nil {
		v.rule(Exempt, reason(CodeExempted, "approver", ex.Approver, "expires", string(ex.Expires), "reason", ex.Reason, "legal_basis", ex.LegalBasis))
		return
	}
	if s.Confidence == catalog.Possible {
		v.rule(Unconfirmed, reason(CodeOnlyPossible))
		return
	}
	v.rule(Prohibited, reason(cover.code, "authority", p.Authority, "since", string(v.Since), "company", cover.by, "note", cover.note))
}

// exemption finds one that is still valid and reaches this subject.
func (p *Policy) exemption(s Subject, q Question) *Exemption {
	for i := range q.Exemptions {
		ex := &q.Exemptions[i]
		if ex.App != s.App.ID || ex.Policy != p.ID || ex.Expires < q.On {
			continue
		}
		if p.Nature == Law && ex.LegalBasis == "" {
			continue
		}
		if len(ex.Owners) == 0 || slices.Contains(ex.Owners, s.Owner) {
			return ex
		}
	}
	return nil
}

func (v *Verdict) rule(r Ruling, why Reason) { v.Ruling, v.Reason = r, why }

func pendingReason(st *State, on Date) Reason {
	switch {
	case st.Starts == "":
		return reason(CodeAnnounced, "since", string(st.Since))
	case st.Starts > on || st.Condition == "":
		return reason(CodeStarts, "starts", string(st.Starts), "condition", st.Condition)
	}
	return reason(CodeConditionOpen, "starts", string(st.Starts), "condition", st.Condition)
}

func endReason(st *State) Reason {
	if st.LapsedOn != "" {
		return reason(CodeExpired, "since", string(st.Since))
	}
	if !st.EverOperative {
		return causeReason(CodeNeverBegan, st)
	}
	switch st.Cause.Status {
	case Superseded:
		return causeReason(CodeSuperseded, st)
	case Vacated:
		return causeReason(CodeVacated, st)
	case Expired:
		return causeReason(CodeExpired, st)
	}
	return causeReason(CodeRevoked, st)
}

func causeReason(code string, st *State) Reason {
	return reason(code, "since", string(st.Since), "by", st.Cause.By, "status", string(st.Cause.Status), "text", st.Cause.Text)
}

// reason builds a reason from names and values; empty values are left out.
func reason(code string, pairs ...string) Reason {
	args := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			args[pairs[i]] = pairs[i+1]
		}
	}
	return Reason{Code: code, Args: args}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func only(list []catalog.Presence, p catalog.Presence) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(q catalog.Presence) bool { return q != p })
}
