package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// The link-local addresses at which credentials are found. No destination can be pointed at them.
const (
	containerAddress = "http://169.254.170.2"
	instanceAddress  = "http://169.254.169.254"
)

const (
	tokenLife   = "21600"  // seconds that a session with the instance's metadata may last
	answerLimit = 64 << 10 // bytes of an answer that are read
)

// found is the answer of both. Code is "Success" where an instance says it, and left out by containers.
type found struct {
	Code            string
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	Token           string
	Expiration      time.Time
}

func (f *found) keys() (Keys, error) {
	if f.AccessKeyID == "" || f.SecretAccessKey == "" || f.Code != "" && f.Code != "Success" {
		return Keys{}, refused("the answer with credentials has none: %s", cmp.Or(f.Code, "no AccessKeyId"))
	}
	return Keys{ID: f.AccessKeyID, Secret: f.SecretAccessKey, Session: f.Token, Expires: f.Expiration}, nil
}

// container asks the agent of ECS, or that of EKS Pod Identity.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
func (o *Options) container(ctx context.Context) (Keys, error) {
	address := containerAddress + o.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
	if o.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") == "" {
		address = o.env("AWS_CONTAINER_CREDENTIALS_FULL_URI")
		if !isAgent(address) {
			return Keys{}, refused("AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine")
		}
	}
	token := o.env("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if file := o.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		data, err := o.ReadFile(file)
		if err != nil {
			return Keys{}, refused("the container's authorization token cannot be read: %v", err)
		}
		token = strings.TrimSpace(string(data))
	}
	headers := map[string]string{}
	if token != "" {
		headers["Authorization"] = token
	}
	return o.ask(ctx, address, headers)
}

// isAgent reports whether an address may be asked: over TLS, or without leaving the machine.
func isAgent(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if u.Scheme == "https" && u.Host != "" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && (ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip == netip.MustParseAddr("fd00:ec2::23")))
}

// instance asks the metadata service of an EC2 instance, version 2. hadKeys says that it has given some: where it does not answer then,
// it is failing rather than absent.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
func (o *Options) instance(ctx context.Context, hadKeys bool) (Keys, error) {
	const nowhere = "no AWS credentials: neither in the settings, nor in the environment, a credentials file, a container or an instance's role"
	if strings.EqualFold(o.env("AWS_EC2_METADATA_DISABLED"), "true") {
		return Keys{}, refused(nowhere)
	}
	base := strings.TrimSuffix(cmp.Or(o.env("AWS_EC2_METADATA_SERVICE_ENDPOINT"), instanceAddress), "/")
	session, status, err := o.get(ctx, http.MethodPut, base+"/latest/api/token", map[string]string{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": tokenLife})
	switch {
	case ctx.Err() != nil:
		return Keys{}, ctx.Err()
	case hadKeys && err != nil:
		return Keys{}, fmt.Errorf("the instance's metadata service does not answer: %w", err)
	case hadKeys && status != http.StatusOK:
		return Keys{}, fmt.Errorf("the instance's metadata service does not answer: status %d", status)
	case err != nil || status != http.StatusOK:
		return Keys{}, refused(nowhere) // nothing listens there on machines that are not Amazon's
	}
	headers := map[string]string{"X-Aws-Ec2-Metadata-Token": string(session)}
	const path = "/latest/meta-data/iam/security-credentials/"
	role, status, err := o.get(ctx, http.MethodGet, base+path, headers)
	switch {
	case err != nil:
		return Keys{}, fmt.Errorf("ask for the instance's role: %w", err)
	case status == http.StatusNotFound:
		return Keys{}, refused("no AWS credentials: this instance has no role")
	case status != http.StatusOK:
		return Keys{}, fmt.Errorf("ask for the instance's role: status %d", status)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(string(role)), "\n")
	return o.ask(ctx, base+path+url.PathEscape(name), headers)
}

// ask fetches credentials as JSON.
func (o *Options) ask(ctx context.Context, address string, headers map[string]string) (Keys, error) {
	data, status, err := o.get(ctx, http.MethodGet, address, headers)
	switch {
	case err != nil:
		return Keys{}, fmt.Errorf("fetch AWS credentials: %w", err)
	case status == http.StatusTooManyRequests, status >= 500:
		return Keys{}, fmt.Errorf("fetch AWS credentials: status %d", status)
	case status != http.StatusOK:
		return Keys{}, refused("AWS credentials are refused: status %d", status)
	}
	var answer found
	if err := json.Unmarshal(data, &answer); err != nil {
		return Keys{}, fmt.Errorf("fetch AWS credentials: the answer is not JSON")
	}
	return answer.keys()
}

func (o *Options) get(ctx context.Context, method, address string, headers map[string]string) ([]byte, int, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, 0, err
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	return answerOf(o.Metadata.Do(r))
}

func answerOf(answer *http.Response, err error) ([]byte, int, error) {
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	return data, answer.StatusCode, err
}
