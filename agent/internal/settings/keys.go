package settings

import (
	"log/slog"
	"strings"
)

// key is one thing that can be set: its name, how its values are read, and what to tell a
// person about it.
type key struct {
	name    string // as in schedule.inventory
	shape   shape
	example string // in the form of a settings file
	doc     string // what follows "schedule.inventory:"
	needed  bool   // in an entry of a list: it must be there
	// secret values are never shown, and a file that holds one must be its owner's alone.
	secret bool
}

// keys are all that can be set, in the order in which a person reads them, bound to s.
func keys(s *Settings) []key {
	return []key{
		{name: "organisation.name", shape: text{&s.Organisation.Name}, example: "Example Ltd",
			doc: "what the organisation is called where its own rules are shown"},
		{name: "organisation.kinds", shape: texts{at: &s.Organisation.Kinds}, example: "[us-state-agency:TX]",
			doc: "what the organisation is, in the words of the policies: selects the laws that bind it"},
		{name: "policies", shape: texts{at: &s.Policies}, example: "[US-TX-PROHIBITED-TECHNOLOGIES]",
			doc: "policies to follow although no law binds this organisation to them, by id"},
		{name: "bans", shape: records[Ban]{&s.Bans, banKeys}, example: "[{app: wps-office, since: 2026-01-01, reason: not supported}]",
			doc: "apps that the organisation itself forbids"},
		{name: "exemptions", shape: records[Exemption]{&s.Exemptions, exemptionKeys},
			example: "[{app: wps-office, policy: company, reason: migration, approver: CISO, expires: 2027-06-30}]",
			doc:     "apps that are let be, for a while and for a reason; who approved it stays on record"},
		{name: "count_residue", shape: truth{&s.CountResidue}, example: "true",
			doc: "whether what an app leaves behind when it is removed counts like the app"},
		{name: "count_installers", shape: truth{&s.CountInstallers}, example: "true",
			doc: "whether a downloaded installer that was not run counts like the app"},

		{name: "schedule.inventory", shape: duration{at: &s.Schedule.Inventory, min: minute, max: maxInventory}, example: "30m",
			doc: "how long to wait between two looks at everything that is installed"},
		{name: "schedule.deep", shape: duration{at: &s.Schedule.Deep, min: hour, max: maxDeep, off: true}, example: "1d",
			doc: "how long to wait between two walks through homes and other places where copies lie that were never installed; `off` for never"},
		{name: "schedule.jitter", shape: number{&s.Schedule.Jitter, 0, 1, "share of the wait"}, example: "0.25",
			doc: "each wait is longer by a random share of it, up to this, so that not all machines look at once; it never makes a wait shorter"},

		{name: "watch.processes", shape: choice[ProcessWatch]{&s.Watch.Processes, processWatches()}, example: "polling",
			doc: "how to notice that a program starts: `auto` asks the kernel where it tells and polls elsewhere, `kernel` never polls, `off` leaves it to sweeps"},
		{name: "watch.poll", shape: duration{at: &s.Watch.Poll, min: 100 * millisecond, max: minute}, example: "500ms",
			doc: "how long to wait between two looks at the process list, when polling"},
		{name: "watch.files", shape: truth{&s.Watch.Files}, example: "false",
			doc: "whether to follow the folders in which apps land, and the databases of packages"},

		{name: "limits.cpu", shape: number{&s.Limits.CPU, 1, 100, "percent of one core"}, example: "2.5",
			doc: "what the agent may use, averaged over a minute; beyond it sweeps pause. The first sweep is not held to it"},
		{name: "limits.memory", shape: whole{&s.Limits.Memory, 50, 4096, "MiB"}, example: "200",
			doc: "what the agent may hold; beyond it sweeps pause"},
		{name: "limits.deep_on_battery", shape: truth{&s.Limits.DeepOnBattery}, example: "true",
			doc: "whether deep sweeps go on while the machine runs on its battery"},

		{name: "deep.paths", shape: texts{at: &s.Deep.Paths, item: absolute}, example: "[/srv/tools]",
			doc: "folders that deep sweeps walk through besides the usual ones, as absolute paths; they need not exist"},
		{name: "deep.removable", shape: truth{&s.Deep.Removable}, example: "true",
			doc: "whether deep sweeps walk through other local and removable drives too"},

		{name: "log.level", shape: choice[slog.Level]{&s.Log.Level, levels()}, example: "debug",
			doc: "what is worth a line in the log"},
	}
}

func banKeys(b *Ban) []key {
	return []key{
		{name: "app", shape: text{&b.App}, example: "wps-office", doc: "id of the app in the catalog", needed: true},
		{name: "since", shape: date{&b.Since}, example: "2026-01-01", doc: "the first day on which it is forbidden", needed: true},
		{name: "reason", shape: text{&b.Reason}, example: "not supported", doc: "what the employee reads"},
	}
}

func exemptionKeys(ex *Exemption) []key {
	return []key{
		{name: "app", shape: text{&ex.App}, example: "wps-office", doc: "id of the app in the catalog", needed: true},
		{name: "policy", shape: text{&ex.Policy}, example: "company", doc: "id of the policy that is lifted; `company` are the organisation's own bans", needed: true},
		{name: "owners", shape: texts{at: &ex.Owners}, example: "[alice]", doc: "users it is for, or `machine`; everybody if left out"},
		{name: "reason", shape: text{&ex.Reason}, example: "migration", doc: "why", needed: true},
		{name: "approver", shape: text{&ex.Approver}, example: "CISO", doc: "who decided it", needed: true},
		{name: "expires", shape: date{&ex.Expires}, example: "2027-06-30", doc: "the last day", needed: true},
		{name: "legal_basis", shape: text{&ex.LegalBasis}, example: "Gov. Code 620.004", doc: "the law's own exception; without it a law cannot be lifted"},
	}
}

func processWatches() []option[ProcessWatch] {
	var all []option[ProcessWatch]
	for _, w := range []ProcessWatch{WatchAuto, WatchKernel, WatchPolling, WatchOff} {
		all = append(all, option[ProcessWatch]{string(w), w})
	}
	return all
}

func levels() []option[slog.Level] {
	var all []option[slog.Level]
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		all = append(all, option[slog.Level]{strings.ToLower(l.String()), l})
	}
	return all
}

// variable is the name of a key in the environment.
func (k *key) variable() string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}
