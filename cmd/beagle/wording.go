package main

import (
	"fmt"
	"strings"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
)

// This file is where codes become English. Everything before it carries {code, args}.

// reasonText says why a policy answers as it does.
func reasonText(r api.Reason) string {
	a := r.Args
	switch r.Code {
	case policy.CodeNamed:
		return fmt.Sprintf("in force since %s, and the app is named", a["since"]) + optional(" (%s)", a["note"])
	case policy.CodeByCompany:
		return fmt.Sprintf("in force since %s; the app is covered because %s makes it", a["since"], a["company"])
	case policy.CodeByAffiliate:
		return fmt.Sprintf("in force since %s; the app is covered because its maker belongs to %s", a["since"], a["company"])
	case policy.CodeStarts:
		return "not in force: it is to start on " + a["starts"] + condition(a)
	case policy.CodeConditionOpen:
		return "not in force: its start of " + a["starts"] + " passed, but it binds only once " + a["condition"] + ", which has not happened"
	case policy.CodeAnnounced:
		return "not in force: made on " + a["since"] + ", no start is set"
	case policy.CodeListedFrom:
		return "the app joins the list on " + a["since"]
	case policy.CodeEnjoined:
		return "not in force: stopped by a court on " + a["since"] + by(a) + detail(a)
	case policy.CodeNotEnforced:
		return "not in force or not enforced since " + a["since"] + by(a) + detail(a)
	case policy.CodeRevoked:
		return "no longer in force: revoked on " + a["since"] + by(a)
	case policy.CodeSuperseded:
		return "no longer in force: replaced on " + a["since"] + by(a)
	case policy.CodeVacated:
		return "no longer in force: set aside by a court on " + a["since"] + by(a)
	case policy.CodeExpired:
		return "no longer in force: it ran out on " + a["since"]
	case policy.CodeNeverBegan:
		return "never took effect: " + a["status"] + " on " + a["since"] + by(a)
	case policy.CodeExempted:
		return fmt.Sprintf("exempted until %s by %s: %s%s", a["expires"], a["approver"], a["reason"], basis(a))
	case policy.CodeOnlyPossible:
		return "in force, but it is not certain that this is the app"
	case policy.CodeResidueOnly:
		return "only leftovers of a removed app, nothing that could run"
	case policy.CodeInstallerOnly:
		return "only a download, not installed"
	case policy.CodeNotCovered:
		return "does not cover the app"
	case policy.CodeNotMadeYet:
		return "did not exist on that day"
	case policy.CodeNotListedYet:
		return "the app was not on the list before " + a["since"]
	case policy.CodeOtherKinds:
		return "binds other organisations; for " + otherKinds(a)
	case policy.CodeOtherActs:
		return "in force, but forbids other acts than having the app: " + a["acts"]
	}
	return r.Code
}

// otherKinds says how those fare whom a policy binds: "us-person it is lifted since 2021-06-09".
func otherKinds(a map[string]string) string {
	var parts []string
	for _, answer := range policy.ParseAnswers(a["answers"]) {
		text := answer.Kinds[0]
		if more := len(answer.Kinds) - 1; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		text += " it is " + rulingText(string(answer.Ruling))
		if answer.Since != "" {
			text += " since " + string(answer.Since)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", for ")
}

func condition(a map[string]string) string {
	if a["condition"] == "" {
		return ""
	}
	return ", once " + a["condition"]
}

func by(a map[string]string) string {
	if a["by"] == "" {
		return ""
	}
	return " by " + a["by"]
}

func detail(a map[string]string) string {
	if a["text"] == "" {
		return ""
	}
	return ": " + a["text"]
}

func basis(a map[string]string) string {
	if a["legal_basis"] == "" {
		return ""
	}
	return " (" + a["legal_basis"] + ")"
}

// problemText says what kept a probe from looking.
func problemText(p *api.Error) string {
	a := p.Args
	switch p.Code {
	case detectors.CodeAbsent:
		return "nothing there: " + a["what"]
	case detectors.CodeUnreadable:
		return fmt.Sprintf("%s could not be read, the first: %s: %s", a["count"], a["first"], p.Text)
	case detectors.CodeMalformed:
		return fmt.Sprintf("%s could not be understood, the first in %s", a["count"], a["first"])
	case detectors.CodeTimeout:
		return "not finished within " + a["limit"]
	case detectors.CodePanic:
		return "a defect in Beagle stopped it, please report: " + p.Text
	case detectors.CodeCancelled:
		return "stopped before it was done"
	case detectors.CodeForeign:
		return "not looked at: a file system of type " + a["type"] + " that is not on this machine's disks"
	case detectors.CodeLimit:
		return "more than " + a["limit"] + ", the rest was left out"
	}
	return p.Text
}

// goneText says in which way only leftovers are there.
func goneText(code string) string {
	switch code {
	case "config_files":
		return "removed, only its configuration is left"
	case "target_missing":
		return "the program it names is not there"
	case "trash":
		return "in the Trash"
	case "old_system":
		return "in the folder of a former system"
	case "snapshot":
		return "in a snapshot"
	case "image_layer":
		return "in a layer of a container image"
	}
	return code
}

// stepText says how to do one removal step, whose arguments a gets.
func stepText(code string, a func(name string) string) string {
	switch code {
	case "quit_app":
		return "quit it" + optional(" (%s)", a("process"))
	case "remove_package":
		return "remove the package: sudo apt remove " + a("package")
	case "uninstall_settings":
		return "Settings > Apps > Installed apps > " + a("name") + " > Uninstall"
	case "move_to_trash":
		return "move " + a("bundle") + " to the Trash and empty it"
	case "delete_folder":
		return "delete the folder that the finding names" + optional(": %s", a("path"))
	case "remove_web_app":
		return "open the web app and choose Uninstall from the browser's menu"
	case "remove_android_app":
		return "remove it inside Waydroid: waydroid app remove " + a("package")
	case "remove_carrier":
		return "it lives inside another app: remove " + a("carrier")
	}
	return code
}

func optional(format, text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(format, text)
}

// rulingText is the word for a ruling.
func rulingText(r string) string { return strings.ReplaceAll(r, "_", " ") }

// forceText is the word for a legal state.
func forceText(f policy.Force) string {
	switch f {
	case policy.ForceNone:
		return "not made yet"
	case policy.ForcePending:
		return "made, not in force yet"
	case policy.ForceInForce:
		return "in force"
	case policy.ForceSuspended:
		return "stopped or not enforced"
	case policy.ForceEnded:
		return "ended"
	}
	return string(f)
}
