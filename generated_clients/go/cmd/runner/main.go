// Command runner carries out a scenario, given on standard input, with this client; generated_clients/README.md describes both.
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
	results, err := run(context.Background(), os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(map[string]any{"results": results})
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

// run gives a result for each thing that the scenario does.
func run(ctx context.Context, input *os.File) ([]any, error) {
	var scenario struct {
		Do []json.RawMessage `json:"do"`
	}
	if err := json.NewDecoder(input).Decode(&scenario); err != nil {
		return nil, fmt.Errorf("the scenario cannot be read: %w", err)
	}
	client, err := twosignal.NewClient()
	if err != nil {
		return nil, err
	}
	results := make([]any, len(scenario.Do))
	for index, step := range scenario.Do {
		if results[index], err = do(ctx, client, step); err != nil {
			return nil, fmt.Errorf("do[%d]: %w", index, err)
		}
	}
	return results, nil
}

// do does one thing, as often as it says; an error of the client is a result.
func do(ctx context.Context, client *twosignal.Client, step json.RawMessage) (result any, err error) {
	var head struct {
		Action string `json:"action"`
		Times  int    `json:"times"`
	}
	if err := json.Unmarshal(step, &head); err != nil {
		return nil, err
	}
	action, known := actions[head.Action]
	if !known {
		return nil, fmt.Errorf("%q %w", head.Action, errNotSupported)
	}
	for range max(head.Times, 1) {
		var typed twosignal.TwoSignalError
		if result, err = action(ctx, client, step); errors.As(err, &typed) {
			return map[string]any{"error": describe(typed)}, nil
		} else if err != nil {
			return nil, err
		}
	}
	return result, nil
}

func describe(typed twosignal.TwoSignalError) map[string]any {
	described := map[string]any{"kind": typed.Kind(), "code": "", "status": nil, "message": typed.Error()}
	var apiError *twosignal.APIError
	if errors.As(typed, &apiError) {
		described["code"] = apiError.Code
		if apiError.Status != 0 {
			described["status"] = apiError.Status
		}
	}
	return described
}
