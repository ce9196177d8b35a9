// Package view turns what the agent says into what a person reads: a [Now] goes in, and rows,
// sentences, badges and menus come out, in the reader's language. It knows no toolkit. Tray and
// window draw what it returns and add no words of their own.
//
// A [Printer] speaks one language. Its methods are pure: the same [Now] gives the same page,
// time and zone included, so that a caller can compare two menus or pages and draw only when
// they differ. Everything that came from a machine, such as names and paths, is made
// harmless on its way: control, bidirectional and invisible characters are shown as escapes.
//
// Codes that this version does not know, since the agent is newer, are shown as they came
// beside a neutral sentence. Nothing here panics, whatever a snapshot holds or lacks.
package view
