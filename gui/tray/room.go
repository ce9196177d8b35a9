package tray

import "unicode/utf16"

// fill writes as much of a text as there is room for, with a zero at the end, as Windows wants
// it. It cuts between characters and says that it did.
func fill(room []uint16, text string) {
	const more = '…'
	used := 0
	for _, r := range text {
		part := utf16.AppendRune(nil, r)
		if used+len(part) >= len(room) {
			// The sign for more needs a place, which may be half of a character.
			if used+1 >= len(room) {
				used--
				if utf16.IsSurrogate(rune(room[used])) {
					used--
				}
			}
			room[used] = more
			used++
			break
		}
		used += copy(room[used:], part)
	}
	room[used] = 0
}
