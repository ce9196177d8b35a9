package draw

import (
	"bytes"
	"encoding/binary"
	"image"
)

// ICO writes pictures as one icon of Windows, each as a bitmap with opacity, which every
// version reads (https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)). The
// pictures are square, at most 256 pixels wide.
func ICO(pictures []*image.NRGBA) []byte {
	const headSize, entrySize = 6, 16
	var entries, bodies bytes.Buffer
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(b, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	put(&entries, uint16(0), uint16(1), uint16(len(pictures)))
	for _, p := range pictures {
		size := p.Bounds().Dx()
		body := bitmap(p, put)
		at := headSize + entrySize*len(pictures) + bodies.Len()
		// 256 is written as 0.
		put(&entries, uint8(size), uint8(size), uint8(0), uint8(0), uint16(1), uint16(32), uint32(len(body)), uint32(at))
		bodies.Write(body)
	}
	return append(entries.Bytes(), bodies.Bytes()...)
}

// bitmap is the picture bottom up in blue, green, red, opacity, then a mask that nobody who
// knows opacity looks at; its height counts both.
func bitmap(p *image.NRGBA, put func(*bytes.Buffer, ...any)) []byte {
	var out bytes.Buffer
	size := p.Bounds().Dx()
	put(&out, uint32(40), int32(size), int32(2*size), uint16(1), uint16(32), [6]uint32{})
	for y := size - 1; y >= 0; y-- {
		for x := range size {
			c := p.NRGBAAt(x, y)
			out.Write([]byte{c.B, c.G, c.R, c.A})
		}
	}
	for y := size - 1; y >= 0; y-- {
		row := make([]byte, (size+31)/32*4)
		for x := range size {
			if p.NRGBAAt(x, y).A < 128 {
				row[x/8] |= 0x80 >> (x % 8)
			}
		}
		out.Write(row)
	}
	return out.Bytes()
}
