package aws

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// file reads the profile of the shared credentials file: none when there is no such file, or no such profile and none was named.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
func (o *Options) file() (Keys, error) {
	name := o.env("AWS_SHARED_CREDENTIALS_FILE")
	named := name != ""
	if !named {
		home := o.env("HOME")
		if home == "" {
			return Keys{}, nil
		}
		name = filepath.Join(home, ".aws", "credentials")
	}
	profile := o.env("AWS_PROFILE")
	data, err := o.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named && profile == "":
		return Keys{}, nil
	case err != nil:
		return Keys{}, refused("the credentials file cannot be read: %v", err)
	}
	values := readProfile(string(data), cmp.Or(profile, "default"))
	k := Keys{ID: values["aws_access_key_id"], Secret: values["aws_secret_access_key"], Session: values["aws_session_token"]}
	if k.ID != "" && k.Secret != "" {
		return k, nil
	}
	if profile == "" && values == nil {
		return Keys{}, nil
	}
	return Keys{}, refused("the profile %s of the credentials file %s has no aws_access_key_id with its aws_secret_access_key", cmp.Or(profile, "default"), name)
}

// readProfile returns the values of one section of an INI file, nil when it is not there.
func readProfile(text, profile string) (values map[string]string) {
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if section, ok := strings.CutPrefix(line, "["); ok {
			section, _, _ = strings.Cut(section, "]")
			inside = strings.TrimSpace(section) == profile
			if inside && values == nil {
				values = map[string]string{}
			}
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok && inside {
			values[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		}
	}
	return values
}
