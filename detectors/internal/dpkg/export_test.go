package dpkg

// ParseLimit and FilesLimit let a test meet the input bound without 512 MiB of input.
var (
	ParseLimit = parse
	FilesLimit = files
)
