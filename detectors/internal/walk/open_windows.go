package walk

import "golang.org/x/sys/windows"

// openDirectory makes the portable walker open a link itself, which has no entries,
// should one take the place of a directory. It also keeps directories of cloud storage
// from being downloaded in order to be listed (CreateFileW, "Symbolic Link Behavior").
const openDirectory = windows.FILE_FLAG_OPEN_REPARSE_POINT
