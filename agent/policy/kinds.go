package policy

import (
	"slices"
	"strings"
)

// OrgKinds lists the kinds of organisation that the policies of the world speak of, those
// of a state or country without it: "us-state-agency" stands for us-state-agency:TX and so on.
func OrgKinds() []string {
	return []string{
		"private-company", "us-person", "us-app-store-or-host", "us-reseller",
		"us-federal-executive-agency", "us-federal-contractor", "us-dod", "us-dod-contractor",
		"us-intelligence-community", "us-house", "eu-commission", "eu-parliament", "bytedance", "kaspersky",
		"us-state-agency", "us-state-contractor", "us-local-government", "us-public-university", "us-school", "us-court",
		"app-store", "gov", "parliament", "any",
	}
}

// placed are the kinds that name a place after a colon, and which places those are.
func placed(kind string) string {
	const states = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
	switch kind {
	case "us-state-agency", "us-state-contractor", "us-local-government", "us-public-university", "us-school", "us-court", "app-store":
		return states
	case "gov", "parliament", "any", "private-company":
		return "country"
	}
	return ""
}

// KnownKind reports whether a kind of organisation is one that policies can bind: of the
// vocabulary, or named by one of the policies. A misspelt kind would make every law
// silently not apply.
func KnownKind(kind string, policies []Policy) bool {
	base, place, hasPlace := strings.Cut(kind, ":")
	places := placed(base)
	switch {
	case !hasPlace && places != "" && base != "private-company" || base == "any" && !hasPlace:
		// needs a place
	case !slices.Contains(OrgKinds(), base):
	case !hasPlace:
		return true
	case places == "country":
		return len(place) == 2 && strings.ToUpper(place) == place
	case slices.Contains(strings.Fields(places), place):
		return true
	}
	return slices.ContainsFunc(policies, func(p Policy) bool { return slices.Contains(p.OrgKinds, kind) && kind != "any" })
}
