package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"headgate/config"
)

// TokenFile returns the path of the generated admin token, which holds where the configuration sets none.
func TokenFile(c *config.Config) string { return filepath.Join(c.Data.Value, "admin-token") }

// EnsureToken returns the admin token of the process that serves: the configured one, else the one in the data folder, which
// is generated on the first start. The file is readable by its owner only.
func EnsureToken(c *config.Config) (string, error) {
	token, err := ReadToken(c)
	if err != nil || token != "" {
		return token, err
	}
	token = rand.Text()
	f, err := os.OpenFile(TokenFile(c), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("write the admin token: %w", err)
	}
	_, err = f.WriteString(token + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("write the admin token: %w", err), os.Remove(TokenFile(c)))
	}
	return token, nil
}

// ReadToken returns the admin token as a command on the same machine finds it, "" when none has been generated yet.
func ReadToken(c *config.Config) (string, error) {
	if token := c.Admin.Token.Reveal(); token != "" {
		return token, nil
	}
	path := TokenFile(c)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("read the admin token: %w", err)
	case !info.Mode().IsRegular():
		return "", Wrong("%s is not a regular file; delete it and start headgate serve again, which generates a new token", path)
	case info.Mode().Perm()&0o077 != 0:
		return "", Wrong("other users can read %s (mode %04o); delete it and start headgate serve again, which generates a new token", path, info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrPermission) {
		return "", Wrong("%s belongs to another user: run the command as the user that runs headgate serve, or set admin.token", path)
	}
	if err != nil {
		return "", fmt.Errorf("read the admin token: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if token == "" {
		return "", Wrong("%s is empty; delete it and start headgate serve again, which generates a new token", path)
	}
	return token, nil
}
