package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// MaxQuestion is the length of a body that asks.
const MaxQuestion = 2 << 20

// errTooLarge is a body that is longer than it may be.
var errTooLarge = errors.New("the body is too large")

// ReadAll reads a body of at most limit bytes.
func ReadAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return nil, errTooLarge
	}
	return body, err
}

// ReadJSON reads a JSON body strictly: an unknown key is a typing error.
func ReadJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	body, err := ReadAll(w, r, limit)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the body is not the JSON that was expected: %w", err)
	}
	if d.More() {
		return errors.New("the body is more than one JSON value")
	}
	return nil
}

// StatusOf is the status of an error of ReadAll and ReadJSON.
func StatusOf(err error) int {
	if errors.Is(err, errTooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}
