package config

import (
	"crypto/sha256"
	"io"
	"os"
)

// inputs lists the files that the sections take values from, besides what ${file:} reads.
func (c *Config) inputs() []string {
	files := c.TableFiles()
	if c.TLS != nil && c.TLS.Cert != "" {
		files = append(files, c.TLS.Cert, c.TLS.Key)
	}
	if c.Enrich.Geo.Database.Value != "" {
		files = append(files, c.Enrich.Geo.Database.Value)
	}
	if c.Insight != nil && c.Insight.Costs.File.Value != "" {
		files = append(files, c.Insight.Costs.Path())
	}
	return append(files, c.Enrich.Traffic.Files()...)
}

// digests returns the SHA-256 of each file under its name. For a file that cannot be read the error is hashed, so that the
// hash changes when it can be read again.
func digests(files []string) []text {
	all := make([]text, len(files))
	for i, name := range files {
		all[i] = text{name, digest(name)}
	}
	return all
}

func digest(name string) []byte {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return []byte("not a file")
	}
	f, err := os.Open(name)
	if err != nil {
		return []byte(reason(err))
	}
	defer func() { _ = f.Close() }() // it is only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return []byte(reason(err))
	}
	return h.Sum(nil)
}
