package twosignal

import (
	"context"
	"encoding/json"
	"fmt"

	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

// Validation is what evaluators said about an output.
type Validation = api.ValidateAnswer_Data

var (
	getHealth          = operation{bearer: byKeyIfAny, required: policy.GetHealthAnswer}
	createScore        = operation{limit: policy.CreateScore, build: api.NewCreateScoreRequestWithBody, bearer: byKey, required: policy.CreateScoreAnswer}
	routeModel         = operation{limit: policy.RouteModel, build: api.NewRouteModelRequestWithBody, bearer: byKey, required: policy.RouteModelAnswer}
	getPromptTemplates = operation{bearer: byKey, required: policy.GetPromptTemplatesAnswer}
	pushPromptTemplate = operation{limit: policy.PushPromptTemplate, build: api.NewPushPromptTemplateRequestWithBody, bearer: byKey, required: policy.PushPromptTemplateAnswer}
	validateOutput     = operation{limit: policy.ValidateOutput, build: api.NewValidateOutputRequestWithBody, bearer: byKey, required: policy.ValidateOutputAnswer}
)

// Health asks whether the server is there; it needs no key, and sends the one that there is.
func (client *Client) Health(ctx context.Context) (*api.Health, error) {
	request, err := api.NewGetHealthRequest(client.server)
	return call[api.Health](ctx, client, getHealth, request, err)
}

// CreateScore stores a score of a trace, or of one of its spans. When an answer is lost the score is stored twice.
func (client *Client) CreateScore(ctx context.Context, score api.ScoreRequest) (*api.Score, error) {
	if !(score.Value >= policy.ScoreSmallest && score.Value <= policy.ScoreLargest) {
		return nil, refused(KindValidation, policy.CodeInvalidValue,
			fmt.Sprintf("value is %v; expected %v to %v", score.Value, policy.ScoreSmallest, policy.ScoreLargest))
	}
	return post[api.Score](ctx, client, createScore, score)
}

// RouteModel picks a model for an input, by the project's configuration of that name, or the default one when it is empty.
func (client *Client) RouteModel(ctx context.Context, input, configName string) (*api.RouteDecision, error) {
	request := api.RouteRequest{Input: input}
	if configName != "" {
		request.ConfigName = &configName
	}
	return post[api.RouteDecision](ctx, client, routeModel, request)
}

// ListTemplates gets all templates of the project.
func (client *Client) ListTemplates(ctx context.Context) ([]api.TemplateSummary, error) {
	request, err := api.NewGetPromptTemplatesRequest(client.server, &api.GetPromptTemplatesParams{})
	answer, err := call[templateList](ctx, client, getPromptTemplates, request, err)
	if err != nil {
		return nil, err
	}
	return answer.summaries, nil
}

// ResolveTemplate gets one version of a template, the latest when version is 0.
func (client *Client) ResolveTemplate(ctx context.Context, name string, version int64) (*api.Template, error) {
	params := api.GetPromptTemplatesParams{Name: &name}
	if version != 0 {
		params.Version = &version
	}
	request, err := api.NewGetPromptTemplatesRequest(client.server, &params)
	answer, err := call[api.TemplateAnswer](ctx, client, getPromptTemplates, request, err)
	if err != nil {
		return nil, err
	}
	return &answer.Data, nil
}

// PushTemplate makes a template, or a new version of it. When an answer is lost there are two versions.
func (client *Client) PushTemplate(ctx context.Context, template api.TemplateRequest) (*api.Template, error) {
	answer, err := post[api.TemplateAnswer](ctx, client, pushPromptTemplate, template)
	if err != nil {
		return nil, err
	}
	return &answer.Data, nil
}

// Validate runs evaluators on one output.
func (client *Client) Validate(ctx context.Context, request api.ValidateRequest) (*Validation, error) {
	answer, err := post[api.ValidateAnswer](ctx, client, validateOutput, request)
	if err != nil {
		return nil, err
	}
	return &answer.Data, nil
}

// templateList is the answer of getPromptTemplates without a name: one operation has two answers.
type templateList struct{ summaries []api.TemplateSummary }

func (list *templateList) UnmarshalJSON(body []byte) error {
	var answer api.TemplatesAnswer
	err := json.Unmarshal(body, &answer)
	if err != nil {
		return err
	}
	list.summaries, err = answer.Data.AsTemplatesAnswerData0()
	return err
}
