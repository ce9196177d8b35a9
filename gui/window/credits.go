package window

import "beagle/gui/view"

// Program is what this program says of itself: its version, and the licences of what is built
// in.
func Program(version string) view.Program {
	return view.Program{Version: version, Credits: credits + "\n\n" + fontLicense}
}

const credits = `Fyne toolkit (fyne.io): BSD 3-Clause License, © 2018 the Fyne.io developers
Noto Sans, DejaVu Sans Mono and EmojiOne within it: SIL Open Font License 1.1, Bitstream Vera License, CC BY 4.0
GLFW (glfw.org): zlib License, © 2002-2006 Marcus Geelnard, © 2006-2019 Camilla Löwy
go-text (github.com/go-text): The Unlicense and BSD 3-Clause License`
