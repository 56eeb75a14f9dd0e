package twosignal

import (
	"github.com/google/uuid"

	"twosignal-client/generated/api"
	"twosignal-client/utc"
)

// Event is what Ingest sends: a trace, or a span of one. It keeps its id, by which a server knows it when it comes twice.
type Event struct{ content any }

// NewTrace is an event that opens a trace, or adds to one, now and with an id of its own.
func NewTrace(body api.TraceBody) Event {
	return TraceEvent(api.TraceCreateEvent{ID: NewID(), Timestamp: utc.Now(), Body: body})
}

// NewSpan is an event that adds a span to a trace, now and with an id of its own.
func NewSpan(body api.SpanBody) Event {
	return SpanEvent(api.SpanCreateEvent{ID: NewID(), Timestamp: utc.Now(), Body: body})
}

// TraceEvent is an event with the id and the time that it names; its type need not be set.
func TraceEvent(event api.TraceCreateEvent) Event {
	event.Type = api.TraceCreateEventTypeTraceCreate
	return Event{event}
}

// SpanEvent is an event with the id and the time that it names; its type need not be set.
func SpanEvent(event api.SpanCreateEvent) Event {
	event.Type = api.SpanCreateEventTypeSpanCreate
	return Event{event}
}

// NewID is a fresh UUID, for traces, spans and events.
func NewID() string { return uuid.NewString() }

// Ptr is a pointer to a value, for fields that may be left out: Limit: twosignal.Ptr[int64](10).
func Ptr[Value any](value Value) *Value { return &value }
