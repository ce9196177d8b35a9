package draw

import (
	"image"
	"image/color"
)

// App draws Beagle's own icon, for launchers, windows and packages: a beagle before a shield.
func App(size int) *image.NRGBA {
	cream, tan, dark := color.NRGBA{0xff, 0xf8, 0xee, 0xff}, color.NRGBA{0xb5, 0x6a, 0x2d, 0xff}, color.NRGBA{0x2b, 0x22, 0x1d, 0xff}
	navy, ear := color.NRGBA{0x1f, 0x4f, 0xa3, 0xff}, color.NRGBA{0x8f, 0x4e, 0x1d, 0xff}
	head := either(stroke(point{0.5, 0.40}, point{0.5, 0.56}, 0.40), stroke(point{0.5, 0.60}, point{0.5, 0.66}, 0.28))
	blaze := either(stroke(point{0.5, 0.18}, point{0.5, 0.50}, 0.085), stroke(point{0.5, 0.60}, point{0.5, 0.66}, 0.30))
	return paint(size, []layer{
		{shield(), navy},
		{edge(shield(), 0.035), blue()},
		{head, tan},
		{both(head, blaze), cream},
		{stroke(point{0.305, 0.33}, point{0.245, 0.57}, 0.155), ear},
		{stroke(point{0.695, 0.33}, point{0.755, 0.57}, 0.155), ear},
		{circle(point{0.415, 0.45}, 0.036), dark},
		{circle(point{0.585, 0.45}, 0.036), dark},
		{stroke(point{0.465, 0.605}, point{0.535, 0.605}, 0.085), dark},
		{stroke(point{0.5, 0.63}, point{0.5, 0.70}, 0.022), dark},
	})
}
