package detectors

import (
	"bufio"
	"io"
	"slices"
	"strings"
)

// Mount is one mounted file system.
type Mount struct {
	Path   string // where it is mounted on this machine
	Type   string // as in /proc/filesystems
	Device string // major:minor
	Subdir string // the part of the file system that is mounted, "/" for all
}

// maxMounts bounds a mount table; container hosts have some thousands.
const maxMounts = 100_000

// parseMountinfo reads /proc/PID/mountinfo (proc_pid_mountinfo(5)). Lines it cannot read
// are left out: a mount that nobody understands is not descended for being unknown.
func parseMountinfo(r io.Reader) []Mount {
	var mounts []Mount
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && len(mounts) < maxMounts {
		fields := strings.Fields(lines.Text())
		dash := slices.Index(fields, "-")
		if dash < 5 || len(fields) < dash+2 {
			continue
		}
		mounts = append(mounts, Mount{
			Path: unescapeOctal(fields[4]), Subdir: unescapeOctal(fields[3]),
			Device: fields[2], Type: fields[dash+1],
		})
	}
	return mounts
}

// unescapeOctal undoes the \040 that the kernel writes for a space.
func unescapeOctal(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && isOctal(s[i+1:i+4]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isOctal(s string) bool {
	return strings.Trim(s, "01234567") == "" && s[0] <= '3'
}

// Local reports whether the file system lies on a disk of this machine. Network file
// systems are another machine's to look at, and may hang; pseudo file systems hold no files.
func (m *Mount) Local() bool {
	switch m.Type {
	case "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "bcachefs", "zfs", "jfs", "reiserfs", "nilfs2",
		"vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk", "hfsplus", "hfs", "apfs", "udf", "iso9660",
		"squashfs", "erofs", "overlay", "tmpfs", "ramfs", "virtiofs", "ecryptfs":
		return true
	}
	return false
}

// Pseudo reports whether the file system holds no files of anybody's, only the kernel's or
// a desktop's views of other things.
func (m *Mount) Pseudo() bool {
	switch m.Type {
	case "proc", "sysfs", "cgroup", "cgroup2", "devpts", "devtmpfs", "mqueue", "hugetlbfs", "debugfs", "tracefs", "securityfs",
		"pstore", "bpf", "configfs", "fusectl", "efivarfs", "binfmt_misc", "autofs", "rpc_pipefs", "nsfs", "selinuxfs",
		"fuse.portal", "fuse.gvfsd-fuse", "fuse.snapfuse":
		return true
	}
	return false
}

// ForeignMounts returns the mount points that a walk must not descend into.
func (h *Host) ForeignMounts() map[string]bool {
	skip := map[string]bool{}
	for i := range h.Mounts {
		if !h.Mounts[i].Local() && h.Mounts[i].Path != h.Root {
			skip[h.Mounts[i].Path] = true
		}
	}
	return skip
}

// DataMounts returns local file systems besides the system's own, where people keep
// programs too: one path for each, on this machine.
func (h *Host) DataMounts() []string {
	system := []string{"/boot", "/usr", "/var", "/etc", "/proc", "/sys", "/dev", "/run", "/snap", "/nix", "/tmp"}
	seen := map[string]bool{}
	var paths []string
	for i := range h.Mounts {
		m := &h.Mounts[i]
		key := m.Device + m.Subdir
		inSystem := m.Path == "/" || slices.ContainsFunc(system, func(dir string) bool {
			return m.Path == dir || strings.HasPrefix(m.Path, dir+"/")
		})
		// A bind mount of one file is no file system of its own.
		if seen[key] || !m.Local() || volatile(m.Type) {
			continue
		}
		seen[key] = true
		if !inSystem {
			paths = append(paths, m.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

// volatile file systems live in memory or are layers of others.
func volatile(fstype string) bool {
	return slices.Contains([]string{"tmpfs", "ramfs", "overlay", "squashfs", "erofs"}, fstype)
}

// mountsBelow keeps what is mounted at or below root.
func mountsBelow(mounts []Mount, root string) []Mount {
	return slices.DeleteFunc(mounts, func(m Mount) bool {
		return m.Path != root && !strings.HasPrefix(m.Path, strings.TrimSuffix(root, "/")+"/")
	})
}
