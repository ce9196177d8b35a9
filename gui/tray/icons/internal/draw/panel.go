package draw

import (
	"image"
	"image/color"
)

// Panel returns a picture for the session bus. systray v1.12.2 sends the lower byte of each
// 16-bit part of a colour that is multiplied by its opacity (systray_unix.go, argbForImage),
// which is noise wherever a pixel is neither clear nor opaque, such as at every edge. Here those
// lower bytes are what panels want: the parts as they are without opacity. To other eyes the
// picture is the same.
func Panel(p *image.NRGBA) *image.NRGBA64 {
	out := image.NewNRGBA64(p.Bounds())
	for y := range p.Bounds().Dy() {
		for x := range p.Bounds().Dx() {
			c := p.NRGBAAt(x, y)
			a := uint32(c.A) * 0x101
			out.SetNRGBA64(x, y, color.NRGBA64{R: panelPart(c.R, a), G: panelPart(c.G, a), B: panelPart(c.B, a), A: uint16(a)})
		}
	}
	return out
}

// panelPart is the part of a colour near v that, multiplied by opacity a, ends in the byte v.
func panelPart(v uint8, a uint32) uint16 {
	if a == 0 {
		return 0
	}
	// The number nearest to the true product that ends so, and is not more than the opacity.
	product := uint32(v) * 0x101 * a / 0xffff
	near := product&^0xff | uint32(v)
	switch {
	case near > product+0x80 && near >= 0x100:
		near -= 0x100
	case near+0x80 < product:
		near += 0x100
	}
	for near > a {
		near -= 0x100 // a is at least 0x101 and v at most 0xff
	}
	return uint16(min((near*0xffff+a-1)/a, 0xffff))
}
