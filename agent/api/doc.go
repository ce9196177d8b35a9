// Package api is what the agent tells the tray, the window, the command line and, inside
// reports, the organisation: plain structs that marshal to the JSON of the design.
//
// It imports nothing of Beagle's, so that a client carries no catalog. Field names and the
// strings in them are a contract: additions are minor, renames are a new schema.
package api
