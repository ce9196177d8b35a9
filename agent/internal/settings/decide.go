package settings

import (
	"errors"
	"fmt"
	"slices"

	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// CompanyPolicy is the id of the policy made of an organisation's own bans.
const CompanyPolicy = "company"

// Decide turns the settings into the policies in force and the question to ask them. It
// fails where the settings name what does not exist or decide what they cannot.
func (s *Settings) Decide(set *policy.Set, index *catalog.Index) ([]policy.Policy, policy.Question, error) {
	q := policy.Question{
		OrgKinds:     s.Organisation.Kinds,
		CountResidue: s.CountResidue, CountInstallers: s.CountInstallers,
	}
	var errs []error
	for _, kind := range s.Organisation.Kinds {
		if !policy.KnownKind(kind, set.Policies) {
			errs = append(errs, fmt.Errorf("unknown kind of organisation %q%s", kind, catalog.DidYouMean(kind, kindNames(set))))
		}
	}
	for _, id := range s.Policies {
		p, ok := set.Find(id)
		if !ok {
			errs = append(errs, fmt.Errorf("policies: there is no policy %q%s", id, catalog.DidYouMean(id, policyIDs(set.Policies))))
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
		ex, err := s.Exemptions[i].check(policies, index)
		if err != nil {
			errs = append(errs, fmt.Errorf("exemption %d: %w", i+1, err))
		}
		q.Exemptions = append(q.Exemptions, ex)
	}
	return policies, q, errors.Join(errs...)
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
	for _, ban := range s.Bans {
		if _, ok := index.App(ban.App); !ok {
			errs = append(errs, fmt.Errorf("bans: there is no app %q in the catalog%s", ban.App, catalog.DidYouMean(ban.App, appIDs(index))))
		}
		if ban.Since == "" {
			errs = append(errs, fmt.Errorf("bans: app %q: since is missing", ban.App))
		}
		first = min(first, ban.Since)
		p.Apps = append(p.Apps, policy.Named{ID: ban.App, Since: ban.Since, Note: ban.Reason})
		p.LatestSource = string(max(policy.Date(p.LatestSource), ban.Since))
	}
	p.Events = []policy.Event{{Date: first, Status: policy.Effective, Text: "decided by " + name, Source: "settings", Confidence: "high"}}
	return p, errors.Join(errs...)
}

func (ex *Exemption) check(policies []policy.Policy, index *catalog.Index) (policy.Exemption, error) {
	out := policy.Exemption{
		App: ex.App, Policy: ex.Policy, Owners: ex.Owners, Reason: ex.Reason,
		Approver: ex.Approver, Expires: ex.Expires, LegalBasis: ex.LegalBasis,
	}
	switch "" {
	case ex.Reason:
		return out, errors.New("reason is missing")
	case ex.Approver:
		return out, errors.New("approver is missing")
	case string(ex.Expires):
		return out, errors.New("expires is missing")
	}
	if _, ok := index.App(ex.App); !ok {
		return out, fmt.Errorf("there is no app %q in the catalog%s", ex.App, catalog.DidYouMean(ex.App, appIDs(index)))
	}
	i := slices.IndexFunc(policies, func(p policy.Policy) bool { return p.ID == ex.Policy })
	if i < 0 {
		return out, fmt.Errorf("there is no policy %q in force%s", ex.Policy, catalog.DidYouMean(ex.Policy, policyIDs(policies)))
	}
	if policies[i].Nature == policy.Law && ex.LegalBasis == "" {
		return out, fmt.Errorf("policy %q is law, which a company waiver cannot lift; cite its own exception as legal_basis", ex.Policy)
	}
	return out, nil
}
