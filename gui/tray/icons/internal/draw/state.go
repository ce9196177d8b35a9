package draw

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// States are the names of the tray's icons.
func States() []string {
	return []string{"clean", "attention", "prohibited", "unprotected", "scanning"}
}

// State draws the icon of one state. It fails for a name that is not in [States].
func State(name string, size int) (*image.NRGBA, error) {
	layers, ok := stateLayers()[name]
	if !ok {
		return nil, fmt.Errorf("draw %q: no such state", name)
	}
	return paint(size, layers), nil
}

// The colours lie half-way between black and white, so that each can be seen on a light and
// on a dark panel.
func white() color.NRGBA { return color.NRGBA{0xff, 0xff, 0xff, 0xff} }
func green() color.NRGBA { return color.NRGBA{0x1a, 0x96, 0x4c, 0xff} }
func amber() color.NRGBA { return color.NRGBA{0xc9, 0x7a, 0x00, 0xff} }
func red() color.NRGBA   { return color.NRGBA{0xdd, 0x34, 0x2f, 0xff} }
func gray() color.NRGBA  { return color.NRGBA{0x83, 0x89, 0x92, 0xff} }
func blue() color.NRGBA  { return color.NRGBA{0x2f, 0x7d, 0xe1, 0xff} }
func none() color.NRGBA  { return color.NRGBA{} }

func stateLayers() map[string][]layer {
	return map[string][]layer{
		// A shield with a tick.
		"clean": {
			{shield(), green()},
			{either(stroke(point{0.30, 0.49}, point{0.445, 0.635}, 0.115), stroke(point{0.445, 0.635}, point{0.71, 0.35}, 0.115)), white()},
		},
		// A warning sign.
		"attention": {
			{polygon(0.10, point{0.5, 0.155}, point{0.865, 0.82}, point{0.135, 0.82}), amber()},
			{either(stroke(point{0.5, 0.37}, point{0.5, 0.585}, 0.115), circle(point{0.5, 0.765}, 0.068)), white()},
		},
		// A stop sign with a bar.
		"prohibited": {
			{octagon(0.44), red()},
			{stroke(point{0.29, 0.5}, point{0.71, 0.5}, 0.17), white()},
		},
		// The outline of a shield, struck through.
		"unprotected": {
			{edge(shield(), 0.12), gray()},
			{stroke(point{0.10, 0.11}, point{0.90, 0.89}, 0.29), none()},
			{stroke(point{0.13, 0.14}, point{0.87, 0.86}, 0.13), gray()},
		},
		// A magnifying glass.
		"scanning": {
			{stroke(point{0.62, 0.62}, point{0.875, 0.875}, 0.175), blue()},
			{circle(point{0.42, 0.42}, 0.385), blue()},
			{circle(point{0.42, 0.42}, 0.265), white()},
			{both(edge(circle(point{0.42, 0.42}, 0.205), 0.07), wedge(point{0.42, 0.42})), blue()},
		},
	}
}

// shield is Beagle's own shape.
func shield() shape {
	const steps = 12
	corners := []point{{0.5, 0.075}, {0.84, 0.175}}
	// The flanks go down straight and then meet below in two arcs.
	for i := range steps + 1 {
		t := float64(i) / steps
		corners = append(corners, curve(t, point{0.84, 0.45}, point{0.84, 0.75}, point{0.5, 0.925}))
	}
	for i := range steps {
		right := corners[len(corners)-2-2*i]
		corners = append(corners, point{1 - right.x, right.y})
	}
	return polygon(0.05, append(corners, point{0.16, 0.175})...)
}

// curve is a point of a quadratic Bézier curve.
func curve(t float64, a, b, c point) point {
	u := 1 - t
	return point{u*u*a.x + 2*u*t*b.x + t*t*c.x, u*u*a.y + 2*u*t*b.y + t*t*c.y}
}

func octagon(radius float64) shape {
	const rounding = 0.03
	corners := make([]point, 0, 8)
	for i := range 8 {
		angle := (float64(i) + 0.5) * math.Pi / 4
		corners = append(corners, point{0.5 + (radius/math.Cos(math.Pi/8)-rounding)*math.Cos(angle), 0.5 + (radius/math.Cos(math.Pi/8)-rounding)*math.Sin(angle)})
	}
	return polygon(rounding, corners...)
}

// wedge is the quarter above and left of a point: where light falls on a lens.
func wedge(c point) shape {
	return func(p point) float64 { return max(p.x-c.x, p.y-c.y) }
}

// TraySizes are the sizes of the tray's icons, in pixels: what panels show at 100, 125, 150
// and 200 percent, and the largest last.
func TraySizes() []int { return []int{16, 20, 24, 32, 48} }

// AppSizes are the sizes of the program's own icon, in pixels.
func AppSizes() []int { return []int{48, 128, 256} }
