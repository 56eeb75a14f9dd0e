package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
	"twosignal-client/utc"
)

type action func(context.Context, *twosignal.Client, json.RawMessage) (any, error)

var actions = map[string]action{
	"health": with(func(ctx context.Context, client *twosignal.Client, _ struct{}) (any, error) {
		return client.Health(ctx)
	}),
	"ingest": with(ingest),
	"emit":   with(emit),
	"list":   with(list),
	"otlp": with(func(ctx context.Context, client *twosignal.Client, step struct{ Request api.OtlpExportRequest }) (any, error) {
		accepted, err := client.IngestOTLP(ctx, step.Request)
		return map[string]any{"accepted": accepted}, err
	}),
	"score": with(func(ctx context.Context, client *twosignal.Client, score api.ScoreRequest) (any, error) {
		return client.CreateScore(ctx, score)
	}),
	"route": with(func(ctx context.Context, client *twosignal.Client, step struct{ Input, ConfigName string }) (any, error) {
		return client.RouteModel(ctx, step.Input, step.ConfigName)
	}),
	"templates": with(templates),
	"validate": with(func(ctx context.Context, client *twosignal.Client, request api.ValidateRequest) (any, error) {
		request.Output = special(request.Output)
		return client.Validate(ctx, request)
	}),
	"login": with(func(ctx context.Context, client *twosignal.Client, _ struct{}) (any, error) {
		return email(client.Login(ctx, os.Getenv("TWOSIGNAL_EMAIL"), os.Getenv("TWOSIGNAL_PASSWORD")))
	}),
	"refresh": with(func(ctx context.Context, client *twosignal.Client, _ struct{}) (any, error) {
		return email(client.Refresh(ctx))
	}),
	"logout": with(func(ctx context.Context, client *twosignal.Client, _ struct{}) (any, error) {
		return map[string]any{"success": true}, client.Logout(ctx)
	}),
}

// with makes an action of a function that takes the fields it needs.
func with[Step any](do func(context.Context, *twosignal.Client, Step) (any, error)) action {
	return func(ctx context.Context, client *twosignal.Client, raw json.RawMessage) (any, error) {
		var step Step
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		err := decoder.Decode(&step)
		var other *json.UnmarshalTypeError
		if errors.As(err, &other) {
			return nil, unsayable{other}
		} else if err != nil {
			return nil, err
		}
		return do(ctx, client, step)
	}
}

// unsayable is what the types of this client cannot say: a program that says it does not compile.
type unsayable struct{ error }

func (unsayable) Kind() twosignal.Kind { return twosignal.KindValidation }

func ingest(ctx context.Context, client *twosignal.Client, step struct{ Events []api.Event }) (any, error) {
	events := make([]twosignal.Event, len(step.Events))
	for index, raw := range step.Events {
		value, err := raw.ValueByDiscriminator()
		if err != nil {
			return nil, err
		}
		switch event := value.(type) {
		case api.TraceCreateEvent:
			events[index] = twosignal.TraceEvent(event)
		case api.SpanCreateEvent:
			events[index] = twosignal.SpanEvent(event)
		}
	}
	accepted, err := client.Ingest(ctx, events)
	return map[string]any{"accepted": accepted}, err
}

func list(ctx context.Context, client *twosignal.Client, step struct {
	Query api.ListTracesParams
	Walk  *bool
	Whole bool
	Take  int
}) (any, error) {
	ids := []string{}
	if step.Walk != nil && !*step.Walk {
		page, err := client.ListTraces(ctx, step.Query)
		if err != nil {
			return nil, err
		}
		for _, trace := range page.Traces {
			ids = append(ids, trace.ID)
		}
		result := map[string]any{"ids": ids, "nextCursor": page.NextCursor}
		if step.Whole {
			result["traces"] = page.Traces
		}
		return result, nil
	}
	for trace, err := range client.IterateTraces(ctx, step.Query) {
		if err != nil {
			return nil, err
		}
		if ids = append(ids, trace.ID); len(ids) == step.Take {
			break
		}
	}
	return map[string]any{"ids": ids}, nil
}

func templates(ctx context.Context, client *twosignal.Client, step struct {
	Name    string
	Version int64
	Push    *api.TemplateRequest
}) (any, error) {
	switch {
	case step.Push != nil:
		return client.PushTemplate(ctx, *step.Push)
	case step.Name != "":
		return client.ResolveTemplate(ctx, step.Name, step.Version)
	default:
		summaries, err := client.ListTemplates(ctx)
		return map[string]any{"templates": summaries}, err
	}
}

func email(session *twosignal.Session, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"email": session.User.Email}, nil
}

// recorded is a trace as a program records it, without ids and times.
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
