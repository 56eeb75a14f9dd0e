// error: unknown field TraceName in struct literal of type api.ScoreRequest

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.CreateScore(context.Background(), api.ScoreRequest{TraceName: "t"})
}
