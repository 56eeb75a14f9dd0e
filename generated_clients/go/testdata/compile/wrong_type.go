// error: cannot use "1" (untyped string constant) as api.ScoreValue

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.CreateScore(context.Background(), api.ScoreRequest{Value: "1"})
}
