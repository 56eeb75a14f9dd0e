package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
	"twosignal-client/utc"
)

// recorded is a trace as a program has recorded it, without ids and times.
type recorded struct {
	api.TraceBody
	Spans []recordedSpan
}

type recordedSpan struct {
	api.SpanBody
	Error string
	Spans []recordedSpan
}

// emit sends traces with their spans, each before those inside it; ids and times are given here.
func emit(ctx context.Context, client *twosignal.Client, step struct{ Traces []recorded }) (any, error) {
	var events []twosignal.Event
	for _, trace := range step.Traces {
		trace.ID, trace.StartTime = twosignal.NewID(), twosignal.Ptr(utc.Now())
		events = append(events, twosignal.NewTrace(trace.TraceBody))
		events = appendSpans(events, trace.Spans, trace.ID, nil)
	}
	accepted, err := client.Ingest(ctx, events)
	return map[string]any{"accepted": accepted}, err
}

func appendSpans(events []twosignal.Event, spans []recordedSpan, trace string, parent *string) []twosignal.Event {
	for _, span := range spans {
		span.ID, span.TraceID, span.ParentSpanID = twosignal.Ptr(twosignal.NewID()), trace, parent
		span.StartTime, span.EndTime = twosignal.Ptr(utc.Now()), twosignal.Ptr(utc.Now())
		if span.Error != "" {
			span.Status, span.ErrorMessage = twosignal.Ptr(api.StatusERROR), twosignal.Ptr(span.Error)
		}
		events = append(events, twosignal.NewSpan(span.SpanBody))
		events = appendSpans(events, span.Spans, trace, span.ID)
	}
	return events
}
