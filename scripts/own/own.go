// Package own holds Headgate's browser script as it was built: the core, its parts, and the adapters that take the calls of other
// scripts. It promises that a file is the same for every page and visitor, so that caches and digests may rely on it.
//
// `make build` makes the files (dev/pages); a binary built without them has a file that says so in the browser's console.
package own

import (
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"io/fs"
	"slices"
)

//go:embed built
var built embed.FS

// Files returns the text of each file by its name below the script's path: "" is the core, "vitals.js" a part, "gtag.js" the core with
// an adapter.
func Files() map[string][]byte {
	core := read("unbuilt.js")
	if Built() {
		core = read("headgate.js")
	}
	files := map[string][]byte{"": core}
	for _, name := range Parts() {
		files[name] = read("parts/" + name)
	}
	for _, name := range Adapters() {
		files[name] = slices.Concat(core, read("adapters/"+name))
	}
	return files
}

// Built reports whether the binary was built with the script.
func Built() bool {
	_, err := fs.Stat(built, "built/headgate.js")
	return err == nil
}

// Parts are the names of the parts' files.
func Parts() []string { return names("parts") }

// Adapters are the names of the adapters' files.
func Adapters() []string { return names("adapters") }

// Integrity is the digest that a page can check a text by: https://www.w3.org/TR/SRI/
func Integrity(text []byte) string {
	sum := sha512.Sum384(text)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

func names(folder string) (out []string) {
	entries, err := built.ReadDir("built/" + folder)
	if err != nil {
		return nil // it was not built
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func read(name string) []byte {
	text, err := built.ReadFile("built/" + name)
	if err != nil {
		panic("BUG: " + err.Error()) // it is embedded
	}
	return text
}
