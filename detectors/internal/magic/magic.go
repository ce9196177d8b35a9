// Package magic tells what kind of file something is from its first bytes.
//
// It exists because neither name nor permission says whether a file can be started: a
// probe reads [HeadSize] bytes and asks [Sniff]. The answer is about the form only, a
// damaged program still has it. Nothing beyond the bytes given is looked at.
//
// Promise: the strings of [Format] are never renamed.
package magic

import (
	"bytes"
	"encoding/binary"
)

// HeadSize is how many bytes [Sniff] makes use of. Fewer are fine if the file has no more.
const HeadSize = 512

// Format is a kind of file.
type Format string

const (
	ELF      Format = "elf"      // program, library or object of Linux and other Unix systems
	AppImage Format = "appimage" // an ELF program that carries a file system with an app
	PE       Format = "pe"       // program or library of Windows
	MachO    Format = "macho"    // program, library or object of macOS, for one or several architectures
	Script   Format = "script"   // text that names its interpreter in the first line
	Zip      Format = "zip"      // a zip archive: also jar, apk, msix, xpi, office documents
	Other    Format = "other"    // anything else, text and empty files included
)

// Executable tells whether an operating system starts files of this kind by themselves.
func (f Format) Executable() bool {
	switch f {
	case ELF, AppImage, PE, MachO, Script:
		return true
	}
	return false
}

// Sniff names the format of a file that begins with head.
func Sniff(head []byte) Format {
	head = head[:min(len(head), HeadSize)]
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return sniffELF(head)
	case bytes.HasPrefix(head, []byte("MZ")) && isPE(head):
		return PE
	case isMachO(head):
		return MachO
	case bytes.HasPrefix(head, []byte("#!")) && isScript(head[2:]):
		return Script
	case isZip(head):
		return Zip
	}
	return Other
}

func sniffELF(head []byte) Format {
	const identSize = 16 // EI_NIDENT, elf(5)
	if len(head) < identSize {
		return Other
	}
	// AppImage specification, "Image format": AI and the type in the padding of the
	// ELF identification.
	if head[8] == 'A' && head[9] == 'I' && (head[10] == 1 || head[10] == 2) {
		return AppImage
	}
	return ELF
}

// isPE follows the offset at 0x3c to the signature that tells Windows programs from those
// of DOS, 16-bit Windows and OS/2 ("PE Format", section "MS-DOS Stub"). A signature
// beyond the head counts as there.
func isPE(head []byte) bool {
	const dosHeaderSize = 0x40
	if len(head) < dosHeaderSize {
		return false
	}
	at := uint64(binary.LittleEndian.Uint32(head[0x3c:]))
	if at+4 > uint64(len(head)) {
		return at < 1<<31 // Windows takes the offset as signed
	}
	return string(head[at:at+4]) == "PE\x00\x00"
}

// isMachO knows the magic numbers of <mach-o/loader.h> and <mach-o/fat.h>.
func isMachO(head []byte) bool {
	const (
		headerSize = 28 // struct mach_header
		// Java class files begin like fat files; where those count architectures, class
		// files have a version, which is 45 or more (Java Virtual Machine Specification,
		// section 4.1). No fat file has as many architectures.
		minClassVersion = 45
	)
	if len(head) < headerSize {
		return false
	}
	second := binary.BigEndian.Uint32(head[4:])
	switch binary.BigEndian.Uint32(head) {
	case 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe:
		return true
	case 0xcafebabe, 0xcafebabf: // offsets of 32 and of 64 bits
		return 0 < second && second < minClassVersion
	}
	return false
}

// isScript tells whether the text after "#!" can name an interpreter. "#![" opens an
// attribute in the source text of Rust.
func isScript(rest []byte) bool {
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	line = bytes.TrimSpace(line)
	return len(line) > 0 && line[0] != '['
}

// isZip knows the signatures that can begin an archive: a file's header, the end of an
// empty archive, a spanned archive (APPNOTE.TXT, sections 4.3.7, 4.3.16 and 8.5.3).
func isZip(head []byte) bool {
	for _, sig := range []string{"PK\x03\x04", "PK\x05\x06", "PK\x07\x08"} {
		if bytes.HasPrefix(head, []byte(sig)) {
			return true
		}
	}
	return false
}
