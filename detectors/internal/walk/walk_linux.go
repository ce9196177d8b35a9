package walk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"golang.org/x/sys/unix"
)

// openFlags open a directory and nothing else: O_NOFOLLOW refuses a link, O_DIRECTORY
// refuses a FIFO or device before anything happens to it. O_NOATIME spares the host a
// write for every directory read.
const openFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NOATIME

// fdDir is a directory read with getdents64 and opened relative to its parent, so that
// neither a path longer than PATH_MAX nor a directory exchanged for a link matters.
type fdDir struct {
	fd    int
	flags int   // for opening sub-directories
	last  bool  // read to its end
	pos   int64 // where to go on, while closed
}

func openRoot(path string) (folder, error) {
	d, err := openDir(unix.AT_FDCWD, path, openFlags)
	if err != nil {
		return nil, fmt.Errorf("open directory %q: %w", path, err)
	}
	return d, nil
}

// openDir opens a directory. Only its owner and root may do that without changing its
// access time; below one where that fails it is not tried again.
func openDir(at int, name string, flags int) (*fdDir, error) {
	fd, err := retry(func() (int, error) { return unix.Openat(at, name, flags, 0) })
	if errors.Is(err, unix.EPERM) && flags&unix.O_NOATIME != 0 {
		return openDir(at, name, flags&^unix.O_NOATIME)
	}
	if err != nil {
		return nil, err
	}
	return &fdDir{fd: fd, flags: flags}, nil
}

func (d *fdDir) open(name, _ []byte) (folder, error) {
	sub, err := openDir(d.fd, string(name), d.flags)
	if err != nil {
		return nil, err
	}
	return sub, nil
}

func (d *fdDir) read(w *worker, size int) (bool, error) {
	if w.buf == nil {
		w.buf = make([]byte, readSize)
	}
	n, err := retry(func() (int, error) { return unix.Getdents(d.fd, w.buf[:size]) })
	if err != nil || n == 0 {
		d.last = true
		return true, err
	}
	var final []byte
	for records := w.buf[:n]; len(records) > 0; {
		final = records
		var name []byte
		var kind byte
		if name, kind, records = nextDirent(records); name == nil {
			continue
		}
		if typ, exists := typeOf(d.fd, name, kind); exists {
			w.entry(name, typ)
		}
	}
	d.last = endsDir(final)
	return d.last, nil
}

func (d *fdDir) close() {
	if !d.last {
		pos, err := unix.Seek(d.fd, 0, unix.SEEK_CUR)
		if err != nil {
			pos = -1 // makes resume fail
		}
		d.pos = pos
	}
	unix.Close(d.fd)
	d.fd = -1
}

func (d *fdDir) resume(near folder, rel, _ []byte) error {
	from, ok := near.(*fdDir)
	if !ok {
		return fmt.Errorf("resume from a %T", near)
	}
	at := from.fd
	for name := range bytes.SplitSeq(bytes.Trim(rel, "/"), []byte("/")) {
		sub, err := openDir(at, string(name), d.flags)
		if at != from.fd {
			unix.Close(at)
		}
		if err != nil {
			return err
		}
		at = sub.fd
	}
	if !d.last {
		if _, err := unix.Seek(at, d.pos, unix.SEEK_SET); err != nil {
			unix.Close(at)
			return err
		}
	}
	d.fd = at
	return nil
}

// nextDirent takes the first of the linux_dirent64 records in buf apart: inode and
// offset, 8 bytes each, the record's length in 2, the type in 1, the name up to a NUL
// (getdents64(2)). The name is nil for "." and ".." and where a record makes no sense,
// which also ends the list.
func nextDirent(buf []byte) (name []byte, kind byte, rest []byte) {
	const lenAt, kindAt, nameAt = 16, 18, 19
	if len(buf) < nameAt {
		return nil, 0, nil
	}
	size := int(binary.NativeEndian.Uint16(buf[lenAt:]))
	if size <= nameAt || size > len(buf) {
		return nil, 0, nil
	}
	name, kind, rest = buf[nameAt:size], buf[kindAt], buf[size:]
	end := bytes.IndexByte(name, 0)
	if end <= 0 || name[0] == '.' && (end == 1 || end == 2 && name[1] == '.') {
		return nil, 0, rest
	}
	return name[:end], kind, rest
}

// endsDir says whether nothing can follow a record: the place of the next one, its
// offset, is the greatest there is. ext4 (EXT4_HTREE_EOF_64BIT), Btrfs and tmpfs (LONG_MAX
// in btrfs_readdir and fs/libfs.c) mark the end of a directory so. Knowing it saves a
// second getdents64 for most directories, 6 to 8 % of a walk.
func endsDir(record []byte) bool {
	const offsetAt, offsetEnd = 8, 16
	return len(record) >= offsetEnd &&
		binary.NativeEndian.Uint64(record[offsetAt:]) == math.MaxInt64
}

// typeOf returns the type of an entry of the directory at, which the entry itself
// states as kind or, on a file system that keeps none there, such as XFS made without
// ftype, has to be asked for. Whatever refuses to tell is irregular.
func typeOf(at int, name []byte, kind byte) (typ fs.FileMode, exists bool) {
	if typ, known := dirType(kind); known {
		return typ, true
	}
	var st unix.Stat_t
	err := unix.Fstatat(at, string(name), &st, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT)
	if err != nil {
		return fs.ModeIrregular, !errors.Is(err, unix.ENOENT)
	}
	// The values of d_type are the file type bits of st_mode, shifted (dirent.h, IFTODT).
	if typ, known := dirType(byte(st.Mode & unix.S_IFMT >> 12)); known {
		return typ, true
	}
	return fs.ModeIrregular, true
}

// dirType is the type a directory entry states, if it states one.
func dirType(kind byte) (typ fs.FileMode, known bool) {
	switch kind {
	case unix.DT_REG:
		return 0, true
	case unix.DT_DIR:
		return fs.ModeDir, true
	case unix.DT_LNK:
		return fs.ModeSymlink, true
	case unix.DT_FIFO:
		return fs.ModeNamedPipe, true
	case unix.DT_SOCK:
		return fs.ModeSocket, true
	case unix.DT_BLK:
		return fs.ModeDevice, true
	case unix.DT_CHR:
		return fs.ModeDevice | fs.ModeCharDevice, true
	}
	return 0, false
}

// retry repeats a system call that a signal interrupted, which network and FUSE file
// systems let happen.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
