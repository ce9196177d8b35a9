package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// CompanyPolicy is the id of the policy made of an organisation's own bans.
const CompanyPolicy = "company"

// Decide is [Settings.Decide] for settings of which the places are known: its errors name them.
func (r *Resolved) Decide(set *policy.Set, index *catalog.Index) ([]policy.Policy, policy.Question, error) {
	policies, q, err := r.Settings.Decide(set, index)
	lines := single(err)
	for _, line := range lines {
		if wrong, ok := line.(*Problem); ok {
			key, _, _ := strings.Cut(wrong.Key, "[")
			wrong.Place = r.Origins[key].Place
		}
	}
	return policies, q, report(lines)
}

// Decide turns the settings into the policies in force and the question to ask them. It
// fails where the settings name what does not exist or decide what they cannot; the error has
// one line for each [Problem].
func (s *Settings) Decide(set *policy.Set, index *catalog.Index) ([]policy.Policy, policy.Question, error) {
	q := policy.Question{
		OrgKinds:     s.Organisation.Kinds,
		CountResidue: s.CountResidue, CountInstallers: s.CountInstallers,
	}
	var errs []error
	for i, kind := range s.Organisation.Kinds {
		if !policy.KnownKind(kind, set.Policies) {
			errs = append(errs, undecided("organisation.kinds", i, "", "%q is no kind of organisation%s", kind, catalog.DidYouMean(kind, kindNames(set))))
		}
	}
	for i, id := range s.Policies {
		p, ok := set.Find(id)
		if !ok {
			errs = append(errs, undecided("policies", i, "", "there is no policy %q%s", id, catalog.DidYouMean(id, policyIDs(set.Policies))))
			continue
		}
		q.Adopted = append(q.Adopted, p.ID)
	}
	policies := slices.Clone(set.Policies)
	if !s.followsDefault(q.Adopted) {
		policies = slices.DeleteFunc(policies, func(p policy.Policy) bool { return p.ID == policy.DefaultID })
	}
	if len(s.Bans) > 0 {
		company, err := s.companyPolicy(index)
		errs = append(errs, err)
		policies = append(policies, company)
	}
	for i := range s.Exemptions {
		ex := &s.Exemptions[i]
		errs = append(errs, ex.check(i, policies, index))
		q.Exemptions = append(q.Exemptions, policy.Exemption{
			App: ex.App, Policy: ex.Policy, Owners: ex.Owners, Reason: ex.Reason,
			Approver: ex.Approver, Expires: ex.Expires, LegalBasis: ex.LegalBasis,
		})
	}
	return policies, q, errors.Join(errs...)
}

// undecided is a problem with one item of a list, or with one key of an entry.
func undecided(list string, item int, key, format string, args ...any) error {
	name := fmt.Sprintf("%s[%d]", list, item)
	if key != "" {
		name += "." + key
	}
	return &Problem{Key: name, Text: fmt.Sprintf(format, args...)}
}

// followsDefault: who says what they are or what they ban has replaced the default, unless
// they name it.
func (s *Settings) followsDefault(adopted []string) bool {
	decided := len(s.Organisation.Kinds)+len(s.Bans)+len(s.Policies) > 0
	return !decided || slices.Contains(adopted, policy.DefaultID)
}

func kindNames(set *policy.Set) []string {
	known := policy.OrgKinds()
	for i := range set.Policies {
		known = append(known, set.Policies[i].OrgKinds...)
	}
	return slices.DeleteFunc(known, func(kind string) bool { return kind == "any" })
}

func policyIDs(policies []policy.Policy) []string {
	var ids []string
	for i := range policies {
		ids = append(ids, policies[i].ID)
	}
	return ids
}

func appIDs(index *catalog.Index) []string {
	var ids []string
	for i := range index.Apps() {
		ids = append(ids, index.Apps()[i].ID)
	}
	return ids
}

func (s *Settings) companyPolicy(index *catalog.Index) (policy.Policy, error) {
	name := s.Organisation.Name
	if name == "" {
		name = "this organisation"
	}
	p := policy.Policy{
		ID: CompanyPolicy, Title: "Rules of " + name, Nature: policy.Company, Authority: name,
		Jurisdiction: "company", Citation: "settings, bans", OrgKinds: []string{"any"},
		Acts: []string{"install", "use"}, DeviceRelevant: true,
	}
	var errs []error
	first := s.Bans[0].Since
	for i, ban := range s.Bans {
		if _, ok := index.App(ban.App); !ok {
			errs = append(errs, undecided("bans", i, "app", "there is no app %q in the catalog%s", ban.App, catalog.DidYouMean(ban.App, appIDs(index))))
		}
		first = min(first, ban.Since)
		p.Apps = append(p.Apps, policy.Named{ID: ban.App, Since: ban.Since, Note: ban.Reason})
		p.LatestSource = string(max(policy.Date(p.LatestSource), ban.Since))
	}
	p.Events = []policy.Event{{Date: first, Status: policy.Effective, Text: "decided by " + name, Source: "settings", Confidence: "high"}}
	return p, errors.Join(errs...)
}

// check says what is wrong with an exemption, the i-th.
func (ex *Exemption) check(i int, policies []policy.Policy, index *catalog.Index) error {
	var errs []error
	if _, ok := index.App(ex.App); !ok {
		errs = append(errs, undecided("exemptions", i, "app", "there is no app %q in the catalog%s", ex.App, catalog.DidYouMean(ex.App, appIDs(index))))
	}
	at := slices.IndexFunc(policies, func(p policy.Policy) bool { return p.ID == ex.Policy })
	switch {
	case at < 0:
		errs = append(errs, undecided("exemptions", i, "policy", "there is no policy %q in force%s", ex.Policy, catalog.DidYouMean(ex.Policy, policyIDs(policies))))
	case policies[at].Nature == policy.Law && ex.LegalBasis == "":
		errs = append(errs, undecided("exemptions", i, "policy", "%q is law, which a company waiver cannot lift; cite its own exception as legal_basis", ex.Policy))
	}
	return errors.Join(errs...)
}
