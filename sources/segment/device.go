package segment

import (
	"headgate/event"
	"headgate/sources/reading"
)

// deviceKey reads a part of a call's context that is about the app or the device; known is false for the others. What has a
// name of its own in the vocabulary goes there, the rest to params.app and params.device.
// https://segment.com/docs/connections/spec/common/#context
func (c *segmentCall) deviceKey(key string, v event.Value) (known bool) {
	e := c.e
	switch key {
	case "locale":
		e.Device.Language = v.Text()
	case "timezone":
		c.device.Set("timezone", v)
	case "os":
		c.keep(key, osKeys(&e.Device, v))
		if e.Device.OSVersion != "" {
			c.device.Set("os_version", event.String(e.Device.OSVersion))
		}
	case "screen":
		c.keep(key, reading.Rename(&c.device, screenKeys(&e.Device, v), screenParam))
	case "device":
		c.keep(key, reading.Rename(&c.device, v, deviceParam))
	case "network":
		c.keep(key, reading.Rename(&c.device, v, networkParam))
	case "app":
		c.keep(key, reading.Rename(&c.app, v, reading.AppParam))
	default:
		return false
	}
	return true
}

func deviceParam(key string) string {
	switch key {
	case "advertisingId", "idfa", "gaid":
		return "advertising_id"
	case "adTrackingEnabled":
		return "tracking"
	case "id", "idfv", "model", "manufacturer", "name", "type":
		return key
	}
	return ""
}

func networkParam(key string) string {
	if key == "carrier" {
		return key
	}
	return ""
}

func screenParam(key string) string {
	if key == "density" {
		return "screen_density"
	}
	return ""
}

// screenKeys sets the size of the screen, which the vocabulary has as one text, and returns what is left.
func screenKeys(device *event.Device, v event.Value) event.Value {
	width, height := v.Object().Text("width"), v.Object().Text("height")
	if width == "" || height == "" {
		return v
	}
	device.Screen = width + "x" + height
	left := v.Object().Clone()
	left.Delete("width")
	left.Delete("height")
	return event.ObjectOf(left)
}

func osKeys(device *event.Device, v event.Value) event.Value {
	var left event.Map
	for _, p := range v.Object() {
		switch text := p.Value.Text(); p.Key {
		case "name":
			device.OS = text
		case "version":
			device.OSVersion = text
		default:
			left.Add(p.Key, p.Value)
		}
	}
	return event.ObjectOf(left)
}
