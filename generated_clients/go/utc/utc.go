// Package utc has the instants of requests and responses: the contract allows UTC only, and time.Time would write the zone
// of the machine.
package utc

import "time"

// Time is an instant. It is written in UTC, whatever its zone.
//
// The nameless field tells it from the calendar date of oapi-codegen's runtime, a struct with a time.Time alone: the runtime goes
// by what converts, and would put the day only into a query.
type Time struct {
	_ struct{}
	time.Time
}

// Now is this instant.
func Now() Time { return At(time.Now()) }

// At is an instant of the standard library.
func At(instant time.Time) Time { return Time{Time: instant.UTC()} }

// Parse reads an instant as the contract writes it: ISO 8601 with Z or +00:00.
func Parse(text string) (Time, error) {
	instant, err := time.Parse(time.RFC3339Nano, text)
	return At(instant), err
}

// MarshalJSON writes the instant for a body.
func (instant Time) MarshalJSON() ([]byte, error) { return instant.UTC().MarshalJSON() }

// MarshalText writes the instant for a query.
func (instant Time) MarshalText() ([]byte, error) { return instant.UTC().MarshalText() }
