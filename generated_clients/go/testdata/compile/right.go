// compiles

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.CreateScore(context.Background(), api.ScoreRequest{TraceID: "t", EvaluatorName: "e", Value: 1})
}
