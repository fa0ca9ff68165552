package editing

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"headgate/config/edit"
	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/console/versions"
	"headgate/proxy/status"
)

// maxConfiguration is the length of one file; the loader takes no longer one.
const maxConfiguration = 1 << 20

// Reload answers with the configuration in force afterwards.
func (e *Editor) Reload(w http.ResponseWriter, r *http.Request) {
	if err := e.service.Reload(r.Context()); err != nil {
		failure.Answer(w, err, http.StatusUnprocessableEntity)
		return
	}
	status, err := e.service.Status(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	exchange.Answer(w, http.StatusOK, status.Config)
}

// Configuration answers with the text of a file, or, of a folder without file=, with the names in it. The ETag is that of
// all files together: a change of any of them makes a later PUT fail.
func (e *Editor) Configuration(w http.ResponseWriter, r *http.Request) {
	c, err := e.service.Configuration(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	w.Header().Set("ETag", etag(c.Version))
	name := r.URL.Query().Get("file")
	if name == "" && len(c.Files) != 1 {
		exchange.Answer(w, http.StatusOK, map[string][]string{"files": names(c)})
		return
	}
	file, err := pickFile(c, name)
	if err != nil {
		exchange.Refuse(w, http.StatusNotFound, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("X-File", file.Name)
	if slices.Contains(tags(r.Header.Get("If-None-Match")), c.Version) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(file.Text) // the client is gone
}

// Configure replaces a file. If-Match must name the version that was edited: so two people never overwrite each other.
func (e *Editor) Configure(w http.ResponseWriter, r *http.Request) {
	text, err := exchange.ReadAll(w, r, maxConfiguration)
	if err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	c, ok := e.edited(w, r)
	if !ok {
		return
	}
	file, err := pickFile(c, r.URL.Query().Get("file"))
	if err != nil {
		exchange.Refuse(w, http.StatusNotFound, err.Error())
		return
	}
	e.save(w, r, change{c, file, text, r.URL.Query().Get("reason")}, nil)
}

// edited is the configuration that a change is made to, which If-Match must name.
func (e *Editor) edited(w http.ResponseWriter, r *http.Request) (c edit.Configuration, ok bool) {
	match := r.Header.Get("If-Match")
	if match == "" {
		exchange.Refuse(w, http.StatusPreconditionRequired, "If-Match is missing: send the ETag of the configuration that you have changed")
		return c, false
	}
	c, err := e.service.Configuration(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return c, false
	}
	if match != "*" && !slices.Contains(tags(match), c.Version) {
		failure.Answer(w, edit.ErrStale, http.StatusPreconditionFailed)
		return c, false
	}
	return c, true
}

// change is a new text for one file.
type change struct {
	of   edit.Configuration
	file edit.File // as it is
	text []byte    // as it is to be
	why  string
}

// saved is the answer of a change: what is in force, and which version it is.
type saved struct {
	status.Config
	Version string `json:"version"`
}

// save makes a change, keeps it as a version, and answers: with what wrap makes of the answer, if it is not nil. Where the files
// cannot be written the answer is the patch.
func (e *Editor) save(w http.ResponseWriter, r *http.Request, ch change, wrap func(saved) any) {
	access.About(r.Context(), ch.file.Name)
	access.Why(r.Context(), ch.why)
	if err := e.versions.Seen(ch.file.Name, ch.file.Text); err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	c, err := e.service.Configure(r.Context(), ch.file.Name, ch.text, ch.of.Version)
	if errors.Is(err, edit.ErrReadOnly) {
		exchange.Answer(w, http.StatusConflict, struct {
			exchange.Refusal
			ReadOnly bool   `json:"read_only"`
			Patch    string `json:"patch"`
		}{exchange.Refusal{Error: err.Error()}, true, versions.Patch(ch.file.Name, ch.file.Text, ch.text)})
		return
	}
	if err != nil {
		failure.Answer(w, err, http.StatusUnprocessableEntity)
		return
	}
	v, err := e.versions.Note(access.Of(r.Context()).Name, ch.why, ch.file.Name, ch.text)
	if err != nil {
		failure.Answer(w, fmt.Errorf("the configuration was saved and is in force, but not kept as a version: %w", err), http.StatusInternalServerError)
		return
	}
	access.Detail(r.Context(), "version", v.ID)
	w.Header().Set("ETag", etag(c.Version))
	status, err := e.service.Status(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	out := saved{status.Config, v.ID}
	if wrap != nil {
		exchange.Answer(w, http.StatusOK, wrap(out))
		return
	}
	exchange.Answer(w, http.StatusOK, out)
}

// pickFile returns the file of that name; "" is the only one.
func pickFile(c edit.Configuration, name string) (edit.File, error) {
	if name == "" && len(c.Files) == 1 {
		return c.Files[0], nil
	}
	for _, f := range c.Files {
		if f.Name == name {
			return f, nil
		}
	}
	switch {
	case len(c.Files) == 0:
		return edit.File{}, fmt.Errorf("it runs without a configuration file, with the defaults")
	case name == "":
		return edit.File{}, fmt.Errorf("say which file: file=%s", strings.Join(names(c), " or file="))
	}
	return edit.File{}, fmt.Errorf("no file %q; there are %s", name, strings.Join(names(c), ", "))
}

func names(c edit.Configuration) []string {
	out := make([]string, len(c.Files))
	for i, f := range c.Files {
		out[i] = f.Name
	}
	return out
}

func etag(version string) string { return `"` + version + `"` }

// tags are the versions in an If-Match or If-None-Match.
func tags(header string) (versions []string) {
	for tag := range strings.SplitSeq(header, ",") {
		versions = append(versions, strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`))
	}
	return versions
}
