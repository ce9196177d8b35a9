package draw

import (
	"image"
	"image/color"
	"math"
)

// point is a place on the icon, whose corners are 0,0 and 1,1.
type point struct{ x, y float64 }

// shape tells how far a point is from its edge: negative inside, in units of the icon.
type shape func(point) float64

// layer is one shape in one colour.
type layer struct {
	shape shape
	color color.NRGBA
}

// paint lays layers one over the other. Each pixel takes as much of a colour as the shape
// covers of it.
func paint(size int, layers []layer) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			at := point{(float64(x) + 0.5) / float64(size), (float64(y) + 0.5) / float64(size)}
			var px pixel
			for _, l := range layers {
				cover := min(max(0.5-l.shape(at)*float64(size), 0), 1)
				px = px.under(l.color, cover)
			}
			img.SetNRGBA(x, y, px.nrgba())
		}
	}
	return img
}

// pixel is a colour whose parts are multiplied by its opacity, from 0 to 1.
type pixel struct{ r, g, b, a float64 }

// under returns the pixel with a colour over it. A colour without opacity erases.
func (p pixel) under(c color.NRGBA, cover float64) pixel {
	if c.A == 0 {
		return pixel{p.r * (1 - cover), p.g * (1 - cover), p.b * (1 - cover), p.a * (1 - cover)}
	}
	a := cover * float64(c.A) / 255
	mix := func(below float64, above uint8) float64 { return below*(1-a) + a*float64(above)/255 }
	return pixel{mix(p.r, c.R), mix(p.g, c.G), mix(p.b, c.B), p.a*(1-a) + a}
}

func (p pixel) nrgba() color.NRGBA {
	if p.a == 0 {
		return color.NRGBA{}
	}
	part := func(v float64) uint8 { return uint8(math.Round(min(v/p.a, 1) * 255)) }
	return color.NRGBA{part(p.r), part(p.g), part(p.b), uint8(math.Round(p.a * 255))}
}

func circle(c point, radius float64) shape {
	return func(p point) float64 { return math.Hypot(p.x-c.x, p.y-c.y) - radius }
}

// stroke is a line with round ends.
func stroke(from, to point, width float64) shape {
	dx, dy := to.x-from.x, to.y-from.y
	length := dx*dx + dy*dy
	return func(p point) float64 {
		t := 0.0
		if length > 0 {
			t = min(max(((p.x-from.x)*dx+(p.y-from.y)*dy)/length, 0), 1)
		}
		return math.Hypot(p.x-from.x-t*dx, p.y-from.y-t*dy) - width/2
	}
}

// polygon is a closed outline whose corners are round by as much as radius; it grows by that.
func polygon(radius float64, corners ...point) shape {
	return func(p point) float64 {
		nearest, inside := math.Inf(1), false
		for i, a := range corners {
			b := corners[(i+1)%len(corners)]
			nearest = min(nearest, stroke(a, b, 0)(p))
			if (a.y > p.y) != (b.y > p.y) && p.x < (b.x-a.x)*(p.y-a.y)/(b.y-a.y)+a.x {
				inside = !inside
			}
		}
		if inside {
			nearest = -nearest
		}
		return nearest - radius
	}
}

// either covers what one of the shapes covers.
func either(shapes ...shape) shape {
	return func(p point) float64 {
		nearest := math.Inf(1)
		for _, s := range shapes {
			nearest = min(nearest, s(p))
		}
		return nearest
	}
}

// both covers what all of the shapes cover.
func both(shapes ...shape) shape {
	return func(p point) float64 {
		furthest := math.Inf(-1)
		for _, s := range shapes {
			furthest = max(furthest, s(p))
		}
		return furthest
	}
}

// edge is a band along the inside of a shape's outline.
func edge(s shape, width float64) shape {
	return func(p point) float64 {
		d := s(p)
		return max(d, -d-width)
	}
}
