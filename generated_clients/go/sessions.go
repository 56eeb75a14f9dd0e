package twosignal

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

// Session is what a login gives: two tokens, and whose they are.
type Session = api.SessionResult_Data

// session is the one that a client remembers; nil when there is none. The lock is held while the server is asked to change it,
// since a refresh token can be used once.
type session struct {
	sync.Mutex
	current atomic.Pointer[Session]
}

var (
	login          = operation{limit: policy.Login, build: api.NewLoginRequestWithBody, fields: policy.LoginResponse}
	refreshSession = operation{limit: policy.RefreshSession, build: api.NewRefreshSessionRequestWithBody, once: true, fields: policy.RefreshSessionResponse}
	logout         = operation{bearer: byAccessToken, fields: policy.LogoutResponse}
)

// Login opens a session, which the client remembers.
func (client *Client) Login(ctx context.Context, email, password string) (*Session, error) {
	client.session.Lock()
	defer client.session.Unlock()
	return client.open(ctx, login, api.LoginRequest(struct{ Email, Password string }{email, password}))
}

// Refresh changes the tokens of the session for fresh ones. It is not sent again after a broken connection: the old refresh
// token may be used up.
func (client *Client) Refresh(ctx context.Context) (*Session, error) {
	client.session.Lock()
	defer client.session.Unlock()
	current := client.session.current.Load()
	if current == nil {
		return nil, noSession()
	}
	return client.open(ctx, refreshSession, api.RefreshRequest{RefreshToken: current.RefreshToken})
}

// Logout ends the session. An access token that has expired is changed for a fresh one first.
func (client *Client) Logout(ctx context.Context) error {
	client.session.Lock()
	defer client.session.Unlock()
	if current := client.session.current.Load(); current != nil && current.ExpiresAt <= client.now().Unix() {
		if _, err := client.open(ctx, refreshSession, api.RefreshRequest{RefreshToken: current.RefreshToken}); err != nil {
			return err
		}
	}
	request, err := api.NewLogoutRequest(client.server)
	if _, err = call[api.LogoutResult](ctx, client, logout, request, err); err != nil {
		return err
	}
	client.session.current.Store(nil)
	return nil
}

func (client *Client) open(ctx context.Context, op operation, value any) (*Session, error) {
	response, err := post[opened](ctx, client, op, value)
	if err != nil {
		return nil, err
	}
	given := response.session
	client.session.current.Store(&response.session)
	return &given, nil
}

// byAccessToken is the access token of the session.
func byAccessToken(client *Client) (string, error) {
	current := client.session.current.Load()
	if current == nil {
		return "", noSession()
	}
	return current.AccessToken, nil
}

func noSession() *APIError {
	return notSent(KindUnauthorized, policy.CodeInvalidAccessToken, "there is no session; expected a Login before")
}

// opened is the response of a login: a session whose tokens a header can hold.
type opened struct{ session Session }

func (response *opened) UnmarshalJSON(body []byte) error {
	result, err := unmarshal[api.SessionResult](body)
	if err != nil {
		return err
	}
	if response.session = result.Data; !isSendable(result.Data.AccessToken + result.Data.RefreshToken) {
		return errors.New("its tokens hold what no header can")
	}
	return nil
}
