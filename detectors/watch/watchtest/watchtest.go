// Package watchtest makes tiny programs for Linux, to be started by the thousand where the
// watching of processes is tested and measured.
package watchtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Noop writes a static program that ends at once with success.
func Noop(path string) error { return write(path, exit()) }

// Idle writes a static program that ends when its standard input does.
func Idle(path string) error { return write(path, append(readByte(), exit()...)) }

// The machine code: exit(0), and read(0, stack, 1) before it.

func exit() []byte {
	if runtime.GOARCH == "arm64" {
		return words(0xd2800000, 0xd2800ba8, 0xd4000001) // mov x0,#0; mov x8,#93; svc #0
	}
	return []byte{0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05} // xor edi,edi; mov eax,60; syscall
}

func readByte() []byte {
	if runtime.GOARCH == "arm64" {
		return words(0xd2800000, 0x910003e1, 0xd2800022, 0xd28007e8, 0xd4000001) // x0=0; x1=sp; x2=1; x8=63; svc #0
	}
	return []byte{0x31, 0xc0, 0x31, 0xff, 0x48, 0x89, 0xe6, 0xba, 1, 0, 0, 0, 0x0f, 0x05} // eax=0; edi=0; rsi=rsp; edx=1; syscall
}

func words(code ...uint32) []byte {
	var b []byte
	for _, w := range code {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// write puts the code into the smallest file that Linux runs: header, one segment, code (elf(5)).
func write(path string, code []byte) error {
	machine, known := map[string]uint16{"amd64": 62, "arm64": 183}[runtime.GOARCH]
	if !known {
		return fmt.Errorf("write a program for %s: only known for amd64 and arm64", runtime.GOARCH)
	}
	const base, header, segment = 0x400000, 64, 56
	size := uint64(header + segment + len(code))
	var file bytes.Buffer
	file.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	for _, field := range []any{
		uint16(2), machine, uint32(1), uint64(base + header + segment), uint64(header), uint64(0), uint32(0),
		uint16(header), uint16(segment), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(1), uint32(5), uint64(0), uint64(base), uint64(base), size, size, uint64(0x1000),
	} {
		if err := binary.Write(&file, binary.LittleEndian, field); err != nil {
			return err
		}
	}
	file.Write(code)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, file.Bytes(), 0o755)
}
