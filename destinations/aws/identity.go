package aws

import (
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Host is where a service of a region listens.
func Host(service, region string) string {
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	return service + "." + region + "." + domain
}

func (o *Options) tokenService() string {
	return cmp.Or(o.env("AWS_ENDPOINT_URL_STS"), "https://"+Host("sts", o.Region))
}

// sessionName is shown in the account's audit log.
const sessionName = "headgate"

// assumed is the answer to AssumeRoleWithWebIdentity.
type assumed struct {
	Result struct {
		Credentials struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string
			SessionToken    string
			Expiration      time.Time
		}
	} `xml:"AssumeRoleWithWebIdentityResult"`
}

// refusal is the answer when it gives none.
type refusal struct {
	Error struct{ Code, Message string }
}

// webIdentity takes the role that a token stands for, as pods of Kubernetes do. The request is not signed: the token is the proof.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (o *Options) webIdentity(ctx context.Context) (Keys, error) {
	token, err := o.ReadFile(o.env("AWS_WEB_IDENTITY_TOKEN_FILE"))
	if err != nil {
		return Keys{}, refused("the web identity token cannot be read: %v", err)
	}
	role := o.env("AWS_ROLE_ARN")
	if role == "" {
		return Keys{}, refused("AWS_WEB_IDENTITY_TOKEN_FILE is set in the environment and AWS_ROLE_ARN is not")
	}
	form := url.Values{"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {role},
		"RoleSessionName": {cmp.Or(o.env("AWS_ROLE_SESSION_NAME"), sessionName)}, "WebIdentityToken": {strings.TrimSpace(string(token))}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.tokenService()+"/", strings.NewReader(form.Encode()))
	if err != nil {
		return Keys{}, refused("the address of the Security Token Service is not valid")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	data, status, err := answerOf(o.Client.Do(r))
	if err != nil {
		return Keys{}, fmt.Errorf("take the role of the web identity: %w", err)
	}
	if status != http.StatusOK {
		var answer refusal
		_ = xml.Unmarshal(data, &answer) // without its words the status has to do
		if code := answer.Error.Code; status == http.StatusTooManyRequests || status >= 500 || code == "IDPCommunicationError" || code == "Throttling" {
			return Keys{}, fmt.Errorf("take the role of the web identity: status %d %s", status, code)
		}
		return Keys{}, refused("the web identity may not take its role: status %d %s %s", status, answer.Error.Code, answer.Error.Message)
	}
	var answer assumed
	if err := xml.Unmarshal(data, &answer); err != nil {
		return Keys{}, fmt.Errorf("take the role of the web identity: the answer is not XML")
	}
	got := answer.Result.Credentials
	return (&found{AccessKeyID: got.AccessKeyID, SecretAccessKey: got.SecretAccessKey, Token: got.SessionToken, Expiration: got.Expiration}).keys()
}
