package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"headgate/proxy"
)

// maxConfiguration is the length of one file; the loader takes no longer one.
const maxConfiguration = 1 << 20

// reload answers with the configuration in force afterwards.
func (a *api) reload(w http.ResponseWriter, r *http.Request) {
	if err := a.service.Reload(r.Context()); err != nil {
		fail(w, err, http.StatusUnprocessableEntity)
		return
	}
	status, err := a.service.Status(r.Context())
	if err != nil {
		fail(w, err, http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, status.Config)
}

// configuration answers with the text of a file, or, of a folder without file=, with the names in it. The ETag is that of
// all files together: a change of any of them makes a later PUT fail.
func (a *api) configuration(w http.ResponseWriter, r *http.Request) {
	c, err := a.service.Configuration(r.Context())
	if err != nil {
		fail(w, err, http.StatusInternalServerError)
		return
	}
	w.Header().Set("ETag", etag(c.Version))
	name := r.URL.Query().Get("file")
	if name == "" && len(c.Files) != 1 {
		answer(w, http.StatusOK, map[string][]string{"files": names(c)})
		return
	}
	file, err := pickFile(c, name)
	if err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	if slices.Contains(tags(r.Header.Get("If-None-Match")), c.Version) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(file.Text) // the client is gone
}

// configure replaces a file. If-Match must name the version that was edited: so two people never overwrite each other.
func (a *api) configure(w http.ResponseWriter, r *http.Request) {
	match := r.Header.Get("If-Match")
	if match == "" {
		refuse(w, http.StatusPreconditionRequired, "If-Match is missing: send the ETag of the configuration that you have changed")
		return
	}
	text, err := readAll(w, r, maxConfiguration)
	if err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	c, err := a.service.Configuration(r.Context())
	if err != nil {
		fail(w, err, http.StatusInternalServerError)
		return
	}
	file, err := pickFile(c, r.URL.Query().Get("file"))
	if err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	if match != "*" && !slices.Contains(tags(match), c.Version) {
		fail(w, proxy.ErrStale, http.StatusPreconditionFailed)
		return
	}
	c, err = a.service.Configure(r.Context(), file.Name, text, c.Version)
	if err != nil {
		fail(w, err, http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("ETag", etag(c.Version))
	status, err := a.service.Status(r.Context())
	if err != nil {
		fail(w, err, http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, status.Config)
}

// pickFile returns the file of that name; "" is the only one.
func pickFile(c proxy.Configuration, name string) (proxy.File, error) {
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
		return proxy.File{}, fmt.Errorf("it runs without a configuration file, with the defaults")
	case name == "":
		return proxy.File{}, fmt.Errorf("say which file: file=%s", strings.Join(names(c), " or file="))
	}
	return proxy.File{}, fmt.Errorf("no file %q; there are %s", name, strings.Join(names(c), ", "))
}

func names(c proxy.Configuration) []string {
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

// forget drops what the log holds for a removed destination, and answers with what that was.
func (a *api) forget(w http.ResponseWriter, r *http.Request) {
	lost, err := a.service.Forget(r.Context(), r.PathValue("name"))
	if err != nil {
		fail(w, err, http.StatusBadRequest)
		return
	}
	answer(w, http.StatusOK, lost)
}

// switchDestination pauses or resumes a destination, and answers with its status.
func (a *api) switchDestination(do func(context.Context, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		if err := do(r.Context(), name); err != nil {
			fail(w, err, http.StatusBadRequest)
			return
		}
		status, err := a.service.Status(r.Context())
		if err != nil {
			fail(w, err, http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusOK, status.Destinations[name])
	}
}
