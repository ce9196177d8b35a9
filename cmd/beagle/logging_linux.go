package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// readByJournal reports whether what is written to w is read by the journal: it names device
// and inode of the stream that it gave to the service (systemd.exec(5), JOURNAL_STREAM). A
// child whose output goes elsewhere inherits the variable too.
func readByJournal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		return false
	}
	return os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}
