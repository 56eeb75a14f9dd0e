// error: not enough arguments in call to client.CreateScore

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	var _ api.ScoreRequest
	_, _ = client.CreateScore(context.Background())
}
