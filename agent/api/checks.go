package api

// The statuses of a [Check].
const (
	CheckOK      = "ok"
	CheckWarning = "warning" // it works, but somebody should look
	CheckError   = "error"   // it does not work until somebody acts
	CheckUnknown = "unknown" // it could not be examined
)

// The codes of checks, with their arguments. "problem" is a code that tells cases apart.
// What to do about one follows from code, status and arguments.
const (
	// What a client examines itself, also where no agent answers.
	CheckAgent   = "agent"   // whether it answers: socket, version, client (version), problem
	CheckService = "service" // whether the system runs it: problem (not_installed, stopped)
	CheckSocket  = "socket"  // who may replace or use it: socket, owner, mode, problem

	// What the agent examines.
	CheckRights         = "rights"          // problem (not_privileged)
	CheckSettings       = "settings"        // count of keys that differ from the default, problem (broken)
	CheckSetting        = "setting"         // one of these keys: key, layer, place, value where it is no secret
	CheckCatalog        = "catalog"         // version, date, days, problem (old, no_date)
	CheckPolicies       = "policies"        // version, date of the newest source, days, problem (old, no_date)
	CheckState          = "state"           // the folder with its memory: folder, problem (unwritable, set_aside, restored), file
	CheckDisk           = "disk"            // room for it: folder, free and total in bytes, problem (low, full)
	CheckClock          = "clock"           // problem (behind, changed), now, made, from, to
	CheckCoverage       = "coverage"        // areas, count of those not looked at fully, problem (none, incomplete)
	CheckAccess         = "access"          // a right that is missing: right, count, probe and area of the first, user
	CheckArea           = "area"            // an area that was not looked at fully: probe, area, status, problem and its arguments, user
	CheckSweeps         = "sweeps"          // last, next, problem (never, late, paused), reason
	CheckWatchProcesses = "watch_processes" // mode, problem
	CheckWatchFiles     = "watch_files"     // mode, problem
	CheckEndpoint       = "endpoint"        // problem (none)
	CheckCondition      = "condition"       // a condition that no other check covers: condition, severity and its arguments
)

// What [CheckAccess] says is missing.
const (
	RightSystem        = "system"              // those of the system's service
	RightFullDisk      = "full_disk_access"    // macOS: Full Disk Access
	RightReadAll       = "cap_dac_read_search" // Linux: to read the files of all users
	RightSeeProcesses  = "cap_sys_ptrace"      // Linux: to see the programs of all users
	RightAdministrator = "local_system"        // Windows: the account of the system
	RightRefused       = "refused"             // none: the agent has what it takes, and something else refuses
)
