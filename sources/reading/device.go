package reading

import "headgate/event"

// Rename moves the keys of an object that have a name of ours and returns what is left.
func Rename(into *event.Map, v event.Value, ours func(key string) string) event.Value {
	if v.Kind() != event.Object {
		return v
	}
	var left event.Map
	for _, p := range v.Object() {
		if name := ours(p.Key); name != "" && !p.Value.IsEmpty() {
			into.Set(name, p.Value)
			continue
		}
		left.Add(p.Key, p.Value)
	}
	return event.ObjectOf(left)
}

// AppParam is what params.app calls a property of an app, "" when it has no name there.
func AppParam(key string) string {
	switch key {
	case "id", "name", "version", "build", "namespace":
		return key
	}
	return ""
}

// Device takes a property of an app about the device it runs on. What a page says of its browser is known better from the browser.
func Device(d *event.Device, key, text string) bool {
	switch key {
	case "$os", "$os_name", "os_name":
		d.OS = text
	case "$os_version", "os_version":
		d.OSVersion = text
	default:
		return false
	}
	return true
}

// Size is the size of a screen as the vocabulary has it, "" when one of its sides is unknown.
func Size(width, height event.Value) string {
	w, wok := Number(width)
	h, hok := Number(height)
	if !wok || !hok || w <= 0 || h <= 0 {
		return ""
	}
	return width.Text() + "x" + height.Text()
}

// KeepDevice keeps what is known of the app and of the device it runs on, before the site's properties, which then keep apart
// what they call the same.
func KeepDevice(e *event.Event, app, device event.Map) {
	if len(app) > 0 {
		e.Params.Set("app", event.ObjectOf(app))
	}
	if len(device) > 0 {
		e.Params.Set("device", event.ObjectOf(device))
	}
}
