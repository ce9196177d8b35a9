// Command idle stands in for a running app in the acceptance suites. It says "ready" and
// then does nothing until its input ends, and never for longer than a minute, so that a
// suite that dies leaves nothing running.
package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	fmt.Println("ready")
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(time.Minute):
	}
}
