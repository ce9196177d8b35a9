package main

import "beagle/agent/policy"

// style marks words for a terminal, or leaves them alone.
type style struct{ on bool }

func (s style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.paint("1", text) }
func (s style) dim(text string) string  { return s.paint("2", text) }

// ruling paints a word in the colour of a ruling: red for what needs action, yellow for
// what may soon, green for what is fine.
func (s style) ruling(r policy.Ruling, text string) string {
	switch r {
	case policy.Prohibited:
		return s.paint("1;31", text)
	case policy.Pending, policy.SuspendedNow, policy.Unconfirmed:
		return s.paint("33", text)
	case policy.Exempt, policy.Lifted, policy.Allowed:
		return s.paint("32", text)
	}
	return s.dim(text)
}
