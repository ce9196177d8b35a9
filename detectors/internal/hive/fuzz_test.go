package hive_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"beagle/detectors/hosttest/hivefile"
	"beagle/detectors/internal/hive"
)

func FuzzHive(f *testing.F) {
	f.Add(hivefile.Write(sample(f)))
	f.Add(hivefile.Write(hivefile.Node{Values: map[string]string{"big": strings.Repeat("b", 9000)}}))
	many := hivefile.Node{}
	for i := range 600 {
		many.Keys = append(many.Keys, hivefile.Node{Name: strconv.Itoa(i)})
	}
	f.Add(hivefile.Write(many))
	c := newCells()
	a := c.node("A", 1, 0, 0, 0)
	ri := c.list("ri", c.list("li", a), c.list("lf", a))
	c.patch(a, 28, ri)
	f.Add(c.bytes(c.node("ROOT", 1, ri, 1, c.offsets(c.value("v", hive.DWord, 1<<31|4, 1)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<18 {
			return
		}
		h, err := hive.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		root, err := h.Key("")
		if err != nil {
			return
		}
		budget := 50
		n, _ := tree(root, &budget)
		for name := range n.Values {
			root.Value(name)
		}
	})
}
