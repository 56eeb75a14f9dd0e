package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	twosignal "twosignal-client"
)

// trial is a case: the settings of a client, and what is done with it.
type trial struct {
	Client struct {
		BaseURL     *string
		APIKey      *string
		Timeout     *float64
		LongestWait *float64
	}
	Do []json.RawMessage
}

// outcome is what came of a case.
type outcome struct {
	Results []any     `json:"results"`
	Waits   []float64 `json:"waits"`
	// Shown is whatever Go shows of the client and of its errors.
	Shown []string `json:"shown"`
}

// tried carries out a case, with a client of its own that notes its waits and does not wait.
func tried(ctx context.Context, wanted trial) (*outcome, error) {
	came := &outcome{Results: []any{}, Waits: []float64{}, Shown: []string{}}
	options := []twosignal.Option{twosignal.WithSleep(func(ctx context.Context, wait time.Duration) error {
		came.Waits = append(came.Waits, wait.Seconds())
		return ctx.Err()
	})}
	options = append(options, option(wanted.Client.BaseURL, twosignal.WithBaseURL)...)
	options = append(options, option(wanted.Client.APIKey, twosignal.WithAPIKey)...)
	options = append(options, option(duration(wanted.Client.Timeout), twosignal.WithTimeout)...)
	options = append(options, option(duration(wanted.Client.LongestWait), twosignal.WithLongestWait)...)
	client, err := twosignal.NewClient(options...)
	var typed twosignal.TwoSignalError
	if errors.As(err, &typed) {
		came.Results, came.Shown = append(came.Results, described(typed)), texts(err)
		return came, nil
	} else if err != nil {
		return nil, err
	}
	came.Shown = append(came.Shown, formats(client)...)
	for _, step := range wanted.Do {
		result, failed, err := do(ctx, client, step)
		if err != nil {
			return nil, err
		}
		came.Results, came.Shown = append(came.Results, result), append(came.Shown, texts(failed)...)
	}
	return came, nil
}

func option[Value any](value *Value, make func(Value) twosignal.Option) []twosignal.Option {
	if value == nil {
		return nil
	}
	return []twosignal.Option{make(*value)}
}

func duration(seconds *float64) *time.Duration {
	if seconds == nil {
		return nil
	}
	return twosignal.Ptr(time.Duration(*seconds * float64(time.Second)))
}

// texts are those of an error, and of the errors that it holds.
func texts(err error) []string {
	shown := []string{}
	for ; err != nil; err = errors.Unwrap(err) {
		shown = append(shown, formats(err)...)
	}
	return shown
}

func formats(value any) []string {
	return []string{fmt.Sprintf("%v", value), fmt.Sprintf("%+v", value), fmt.Sprintf("%#v", value)}
}

// special is a value with the numbers that JSON cannot say.
func special(value any) any {
	switch held := value.(type) {
	case string:
		if number, is := numbers[held]; is {
			return number
		}
	case []any:
		for index, item := range held {
			held[index] = special(item)
		}
	case map[string]any:
		for name, item := range held {
			held[name] = special(item)
		}
	}
	return value
}

var numbers = map[string]float64{"$NaN": math.NaN(), "$Infinity": math.Inf(1), "$-Infinity": math.Inf(-1)}
