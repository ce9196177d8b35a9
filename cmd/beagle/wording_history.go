package main

import "beagle/agent/api"

// closedText says why a record is not open any more.
func closedText(reason string) string {
	switch reason {
	case api.ClosedRemoved:
		return "it is not there any more"
	case api.ClosedRuleChanged:
		return "what was seen is not taken for this app any more"
	case api.ClosedProbeRetired:
		return "this version of Beagle does not look there any more"
	case "":
		return "it is closed"
	}
	return clean(reason)
}

// changeText says what differs after a change.
func changeText(reason string) string {
	switch reason {
	case api.ChangedVerdict:
		return "the verdict changed"
	case api.ChangedPresence:
		return "it is there in another way"
	case api.ChangedConfidence:
		return "how sure this is changed"
	case api.ChangedCopies:
		return "its copies changed"
	case api.ChangedPolicies:
		return "what policies say changed"
	case api.ChangedDetails:
		return "details changed"
	}
	return clean(reason)
}
