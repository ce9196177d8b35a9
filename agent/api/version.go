package api

// Version is the version of all four programs; they are released together.
const Version = "0.1.0"
