// Command gen writes Beagle's icons: gen FOLDER [APPFOLDER]. The tray's go into the first,
// the program's own, by sizes, into the second.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"beagle/gui/tray/icons/internal/draw"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(folders []string) error {
	if len(folders) != 2 {
		return fmt.Errorf("want a folder for the tray's icons and one for the program's")
	}
	for _, state := range draw.States() {
		var sizes []*image.NRGBA
		for _, size := range draw.TraySizes() {
			picture, err := draw.State(state, size)
			if err != nil {
				return err
			}
			sizes = append(sizes, picture)
		}
		if err := os.WriteFile(filepath.Join(folders[0], state+".ico"), draw.ICO(sizes), 0o644); err != nil {
			return err
		}
		largest := sizes[len(sizes)-1]
		if err := save(filepath.Join(folders[0], state+".png"), largest); err != nil {
			return err
		}
		if err := save(filepath.Join(folders[0], "panel", state+".png"), draw.Panel(largest)); err != nil {
			return err
		}
	}
	for _, size := range draw.AppSizes() {
		if err := save(filepath.Join(folders[1], fmt.Sprintf("beagle-%d.png", size)), draw.App(size)); err != nil {
			return err
		}
	}
	return nil
}

func save(name string, picture image.Image) error {
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil {
		return err
	}
	return os.WriteFile(name, data.Bytes(), 0o644)
}
