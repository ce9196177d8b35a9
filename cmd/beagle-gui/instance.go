//go:build cgo || ci

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// errTaken says that this session has a window already.
var errTaken = errors.New("another window is open")

const (
	// maxPage is how long the name of a page may be: one of a record is 71 bytes.
	maxPage = 200
	// exchangeTime is how long one start may take to tell another what to show.
	exchangeTime = 5 * time.Second
)

// told is the answer of a window that will show a page.
const told = "shown\n"

// exchange asks the window at the other end to show a page.
func exchange(conn io.ReadWriter, page string) error {
	if len(page) > maxPage || strings.ContainsAny(page, "\r\n") {
		return fmt.Errorf("%.40q is not the name of a page", page)
	}
	if _, err := io.WriteString(conn, page+"\n"); err != nil {
		return fmt.Errorf("ask the open window: %w", err)
	}
	answer, err := bufio.NewReader(io.LimitReader(conn, maxPage)).ReadString('\n')
	if err != nil {
		return fmt.Errorf("hear the open window: %w", err)
	}
	if answer != told {
		return fmt.Errorf("the open window answered %.40q", answer)
	}
	return nil
}

// attend hears which page another start wants, and says that it is shown.
func attend(conn io.ReadWriter, show func(page string)) error {
	line, err := bufio.NewReader(io.LimitReader(conn, maxPage+1)).ReadString('\n')
	if err != nil {
		return fmt.Errorf("hear another start: %w", err)
	}
	show(strings.TrimSuffix(line, "\n"))
	if _, err := io.WriteString(conn, told); err != nil {
		return fmt.Errorf("answer another start: %w", err)
	}
	return nil
}
