package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// TestCommittedIconsAreDrawn compares what programs embed with what the source draws.
func TestCommittedIconsAreDrawn(t *testing.T) {
	for _, state := range States() {
		sizes := drawn(t, state)
		name := filepath.Join("..", "..", state)
		if data, err := os.ReadFile(name + ".ico"); err != nil || !bytes.Equal(data, ICO(sizes)) {
			t.Errorf("%s.ico is not what the source draws (%v): run make generate", state, err)
		}
		largest := sizes[len(sizes)-1]
		samePicture(t, name+".png", largest)
		samePicture(t, filepath.Join("..", "..", "panel", state+".png"), Panel(largest))
	}
}

func TestCommittedProgramIconsAreDrawn(t *testing.T) {
	for _, size := range AppSizes() {
		name := filepath.Join("..", "..", "..", "..", "..", "packaging", "linux", "icons", "beagle-"+strconv.Itoa(size)+".png")
		samePicture(t, name, App(size))
	}
}

// TestPanelsGetTheColours reads pictures as systray does, and as everybody else does.
func TestPanelsGetTheColours(t *testing.T) {
	for a := range 256 {
		for v := range 256 {
			want := color.NRGBA{uint8(v), uint8(v), uint8(v), uint8(a)}
			plain := image.NewNRGBA(image.Rect(0, 0, 1, 1))
			plain.SetNRGBA(0, 0, want)
			if a == 0 {
				want = color.NRGBA{}
			}
			r, g, b, alpha := Panel(plain).At(0, 0).RGBA()
			if got := (color.NRGBA{byte(r), byte(g), byte(b), byte(alpha)}); got != want {
				t.Fatalf("a panel gets %v, want %v", got, want)
			}
			// Half of the upper byte is as near as the lower one lets it come.
			if product := uint32(want.R) * 0x101 * alpha / 0xffff; max(r, product)-min(r, product) > 0x100 {
				t.Fatalf("%v looks like %#x, want %#x", want, r, product)
			}
		}
	}
}

func samePicture(t *testing.T, name string, want image.Image) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	got, err := png.Decode(f)
	if err != nil || got.Bounds() != want.Bounds() {
		t.Errorf("%s: %v, %v, want %v", name, err, got, want.Bounds())
		return
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if want.ColorModel().Convert(got.At(x, y)) != want.At(x, y) {
				t.Errorf("%s is not what the source draws: run make generate", name)
				return
			}
		}
	}
}

func drawn(t *testing.T, state string) []*image.NRGBA {
	t.Helper()
	var sizes []*image.NRGBA
	for _, size := range TraySizes() {
		picture, err := State(state, size)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, picture)
	}
	return sizes
}

// TestStatesDifferWithoutColour compares the icons as a panel shows them that paints all of
// them grey, at the smallest size.
func TestStatesDifferWithoutColour(t *testing.T) {
	const size, enough = 16, 0.15
	for i, a := range States() {
		for _, b := range States()[i+1:] {
			first, second := drawn(t, a)[0], drawn(t, b)[0]
			differs := 0.0
			for y := range size {
				for x := range size {
					p, q := first.NRGBAAt(x, y), second.NRGBAAt(x, y)
					differs += math.Abs(mark(p)-mark(q)) / (size * size)
				}
			}
			if differs < enough {
				t.Errorf("%s and %s differ by %.0f %% of their area, want at least %.0f %%", a, b, 100*differs, 100*enough)
			}
		}
	}
}

// mark is 1 where a pixel is the icon's colour, 0 where it is white or nothing.
func mark(c color.NRGBA) float64 {
	whiteness := float64(min(c.R, c.G, c.B)) / 255
	return float64(c.A) / 255 * (1 - whiteness*whiteness)
}

// TestColoursAreSeenOnEveryPanel asks for the contrast that WCAG 2.2 wants of pictures
// (https://www.w3.org/TR/WCAG22/#non-text-contrast), on a white and on a dark panel.
func TestColoursAreSeenOnEveryPanel(t *testing.T) {
	const least = 3.0
	panels := []color.NRGBA{{0xff, 0xff, 0xff, 0xff}, {0x24, 0x26, 0x29, 0xff}}
	for name, c := range map[string]color.NRGBA{"green": green(), "amber": amber(), "red": red(), "gray": gray(), "blue": blue()} {
		for _, panel := range panels {
			if got := contrast(c, panel); got < least {
				t.Errorf("%s on %v has a contrast of %.2f, want %.1f", name, panel, got, least)
			}
		}
	}
}

func contrast(a, b color.NRGBA) float64 {
	high, low := max(luminance(a), luminance(b)), min(luminance(a), luminance(b))
	return (high + 0.05) / (low + 0.05)
}

func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func TestUnknownState(t *testing.T) {
	if _, err := State("asleep", 16); err == nil {
		t.Error("an unknown state was drawn")
	}
}
