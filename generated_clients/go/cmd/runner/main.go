// Command runner carries out a scenario or many cases, given on standard input, with this client; generated_clients/README.md
// describes all three.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	twosignal "twosignal-client"
)

const (
	exitFailed       = 1
	exitNotSupported = 64
)

var errNotSupported = errors.New("is no action that this runner knows")

func main() {
	done, err := run(context.Background(), os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(done)
	}
	switch {
	case errors.Is(err, errNotSupported):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitNotSupported)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
}

// run gives a result for each thing that a scenario does, or what came of each case.
func run(ctx context.Context, input *os.File) (any, error) {
	var wanted struct {
		Do    []json.RawMessage
		Cases []trial
	}
	if err := json.NewDecoder(input).Decode(&wanted); err != nil {
		return nil, fmt.Errorf("the input cannot be read: %w", err)
	}
	if wanted.Cases != nil {
		came := make([]*outcome, len(wanted.Cases))
		for index, each := range wanted.Cases {
			var err error
			if came[index], err = tried(ctx, each); err != nil {
				return nil, fmt.Errorf("cases[%d]: %w", index, err)
			}
		}
		return map[string]any{"cases": came}, nil
	}
	client, err := twosignal.NewClient()
	if err != nil {
		return nil, err
	}
	results := make([]any, len(wanted.Do))
	for index, step := range wanted.Do {
		if results[index], _, err = do(ctx, client, step); err != nil {
			return nil, fmt.Errorf("do[%d]: %w", index, err)
		}
	}
	return map[string]any{"results": results}, nil
}

// do does one thing, as often as it says. An error of the client is a result, and is given beside it too.
func do(ctx context.Context, client *twosignal.Client, step json.RawMessage) (result any, failed, err error) {
	var head struct {
		Action string
		Times  int
	}
	if err := json.Unmarshal(step, &head); err != nil {
		return nil, nil, err
	}
	action, known := actions[head.Action]
	if !known {
		return nil, nil, fmt.Errorf("%q %w", head.Action, errNotSupported)
	}
	for range max(head.Times, 1) {
		var typed twosignal.TwoSignalError
		if result, err = action(ctx, client, step); errors.As(err, &typed) {
			return described(typed), err, nil
		} else if err != nil {
			return nil, nil, err
		}
	}
	return result, nil, nil
}

func described(typed twosignal.TwoSignalError) map[string]any {
	about := map[string]any{"kind": typed.Kind(), "code": "", "status": nil, "message": typed.Error()}
	var apiError *twosignal.APIError
	if errors.As(typed, &apiError) {
		about["code"] = apiError.Code
		if apiError.Status != 0 {
			about["status"] = apiError.Status
		}
	}
	return map[string]any{"error": about}
}
