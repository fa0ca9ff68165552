package google

import (
	"slices"
	"strings"
	"time"

	"headgate/event"
	"headgate/event/keys"
	"headgate/event/wire"
	"headgate/sources/reading"
)

// containerEvent is an event on the way from the event data of a server container.
type containerEvent struct {
	e        event.Event
	believed bool
	stated   time.Time
	rest     event.Map // what becomes params.data_client
}

// containerNames are Google's common names for the other spellings that the Data Client takes for them.
var containerNames = map[string]string{
	"eventName": "event_name", "event": "event_name",
	"data_client_id": "client_id", "_dcid": "client_id", "dtclid": "client_id", "userId": "user_id",
	"pageHostname": "page_hostname", "hostname": "page_hostname", "pageLocation": "page_location", "url": "page_location", "href": "page_location",
	"pagePath": "page_path", "pageReferrer": "page_referrer", "referrer": "page_referrer", "urlref": "page_referrer",
	"pageTitle": "page_title", "pageEncoding": "page_encoding", "screenResolution": "screen_resolution", "viewportSize": "viewport_size",
	"ip": "ip_override", "ipOverride": "ip_override", "userAgent": "user_agent",
	"userEmail": "email_address", "email": "email_address", "mail": "email_address",
	"userPhoneNumber": "phone_number", "phoneNumber": "phone_number", "phone": "phone_number",
	"userFirstName": "first_name", "firstName": "first_name", "nameFirst": "first_name", "FirstName": "first_name",
	"userLastName": "last_name", "lastName": "last_name", "LastName": "last_name", "surname": "last_name", "family_name": "last_name", "familyName": "last_name",
	"state": "region", "postalCode": "postal_code", "zip": "postal_code", "countryCode": "country",
	"x-ga-gcs": "gcs", "x-ga-gcd": "gcd", "x-fb-ck-fbp": "_fbp", "x-fb-ck-fbc": "_fbc",
}

// read sets what an object says; why says what is wrong with it. Google's own names take precedence over the other spellings.
func (d *containerEvent) read(m event.Map) (why string) {
	for _, p := range m {
		name := containerNames[p.Key]
		switch said := m.Get(name); {
		case name == "":
			name = p.Key
		case said.IsEmpty():
		case said.Equal(p.Value):
			continue
		default: // it says something else
			d.keep(p.Key, p.Value)
			continue
		}
		if why := d.set(name, p.Value); why != "" {
			return why
		}
	}
	return ""
}

// finish completes the event.
func (d *containerEvent) finish(h *event.Hit) {
	if d.e.Name == "" {
		d.e.Name = "Data" // as the Data Client has it
	}
	if id, ok := h.CookieValue("_dcid"); ok && d.e.User.ClientID == "" && !d.believed {
		d.e.User.ClientID = wire.Unescape(id)
	}
	d.worth()
	if len(d.rest) > 0 {
		d.e.Params.Set("data_client", event.ObjectOf(d.rest))
	}
}

func (d *containerEvent) set(name string, v event.Value) (why string) {
	e := &d.e
	if v.IsEmpty() {
		return ""
	}
	if field := d.field(name); field != nil {
		*field = v.Text()
		return ""
	}
	switch name {
	case "v", "data_tag", "protocol_version":
	case "event_id":
		reading.SetID(e, v.Text())
	case "timestamp":
		d.stated = reading.Time(v)
	case "ga_session_number":
		if n, ok := reading.Number(v); ok && n == float64(int64(n)) {
			e.Session.Number = int64(n)
		}
	case "user_data":
		d.person("", v.Object())
	case "name": // of a person, where an event has a name of its own
		e.User.Traits.Set(name, v)
	case "consent_state":
		d.keep(name, event.ObjectOf(reading.StateConsent(e, v.Object())))
	case "common_cookie", "important_cookie_values":
		d.cookies(name, v.Object())
	case "_fbp", "_fbc":
		e.Cookies.Set(name, v)
	case "event_location":
		d.location(v)
	case "data_tag_custom_data":
		return d.custom(v)
	case "ecommerce":
		return d.commerce(v)
	case "items":
		items, why := reading.Items(v.List())
		e.Items = items
		return why
	default:
		d.other(name, v)
	}
	return ""
}

// other keeps what has no field: click ids where they belong, what is the container's own in the block, the rest as params.
func (d *containerEvent) other(name string, v event.Value) {
	id := keys.FindClickID(name)
	switch {
	case id != nil && v.Text() != "":
		d.e.Campaign.ClickIDs.Set(id.Name, event.String(v.Text()))
	case slices.Contains([]string{"ip_override", "user_agent", "page_encoding", "request_data", "client_hints", "unique_event_id", "data_client"}, name),
		strings.HasPrefix(name, "x-"), strings.HasPrefix(name, "gtm."):
		d.keep(name, v)
	default:
		d.e.Params.Set(name, reading.Amount(name, v))
	}
}

func (d *containerEvent) keep(name string, v event.Value) {
	if !v.IsEmpty() {
		d.rest.Set(name, v)
	}
}

// field is where a text of the event data goes, nil when it has no field.
func (d *containerEvent) field(name string) *string {
	e := &d.e
	switch name {
	case "event_name":
		return &e.Name
	case "client_id":
		return &e.User.ClientID
	case "user_id":
		return &e.User.UserID
	case "ga_session_id":
		return &e.Session.ID
	case "page_location":
		return &e.Page.URL
	case "page_hostname":
		return &e.Page.Host
	case "page_path":
		return &e.Page.Path
	case "page_referrer":
		return &e.Page.Referrer
	case "page_title":
		return &e.Page.Title
	case "language":
		return &e.Device.Language
	case "screen_resolution":
		return &e.Device.Screen
	case "viewport_size":
		return &e.Device.Viewport
	case "email_address":
		return &e.User.Email
	case "phone_number":
		return &e.User.Phone
	}
	return addressField(&e.User, name)
}

// person reads user_data, in clear or hashed. What has no field goes to the traits, which are guarded like the fields.
func (d *containerEvent) person(above string, m event.Map) {
	for _, p := range m {
		switch field := contactField(&d.e.User, above+p.Key); {
		case p.Key == "address" && p.Value.Kind() == event.Object:
			d.person("address.", p.Value.Object())
		case p.Key == "address" && len(p.Value.List()) > 0:
			d.person("address.", p.Value.List()[0].Object())
		case field != nil && p.Value.Text() != "":
			*field = p.Value.Text()
		default:
			reading.SetTrait(&d.e.User, p.Key, p.Value)
		}
	}
}

// cookies takes the cookies that destinations need. The tag sends lists, since a browser may have several of a name.
func (d *containerEvent) cookies(name string, m event.Map) {
	var left event.Map
	for _, p := range m {
		v := p.Value
		if list := v.List(); len(list) > 0 {
			v = list[0]
		}
		switch {
		case v.IsEmpty():
		case p.Key == "_dcid":
			reading.FillText(&d.e.User.ClientID, v.Text())
		case strings.HasPrefix(p.Key, "_ga"), strings.HasPrefix(p.Key, "_gcl_"), slices.Contains([]string{"_fbp", "_fbc", "_ttp", "_scid", "_rdt_uuid", "_uetmsclkid", "li_fat_id"}, p.Key):
			d.e.Cookies.Set(p.Key, event.String(v.Text()))
		default:
			left.Add(p.Key, v)
		}
	}
	d.keep(name, event.ObjectOf(left))
}

// location is trusted from servers only.
func (d *containerEvent) location(v event.Value) {
	if !d.believed {
		d.rest.Set("event_location", v)
		return
	}
	d.e.Geo.Country = strings.ToUpper(v.Object().Text("country"))
	d.e.Geo.Region = v.Object().Text("region")
	d.e.Geo.City = v.Object().Text("city")
}

// custom reads what a tag adds by hand: a list, or an object, of names and values.
func (d *containerEvent) custom(v event.Value) (why string) {
	entries := v.List()
	for _, p := range v.Object() {
		entries = append(entries, p.Value)
	}
	if len(entries) > reading.MaxKeys {
		return "data_tag_custom_data has too many entries"
	}
	for _, entry := range entries {
		name, value := entry.Object().Text("name"), entry.Object().Get("value")
		if ours := containerNames[name]; ours != "" {
			name = ours
		}
		if name == "" || name == "data_tag_custom_data" || name == "ecommerce" && value.Kind() != event.Object {
			continue
		}
		if why := d.set(name, value); why != "" {
			return why
		}
	}
	return ""
}

// commerce reads the object that a page pushes into its data layer for GA4.
func (d *containerEvent) commerce(v event.Value) (why string) {
	if v.Kind() != event.Object {
		d.keep("ecommerce", v)
		return ""
	}
	for _, p := range v.Object() {
		if p.Key == "ecommerce" {
			continue
		}
		if why := d.set(p.Key, p.Value); why != "" {
			return why
		}
	}
	return ""
}

// worth finds value and currency in the items where an event does not say them, as the Data Client does.
func (d *containerEvent) worth() {
	e := &d.e
	if len(e.Items) == 0 {
		return
	}
	if currency := e.Items[0].Params.Text("currency"); currency != "" && e.Params.Get("currency").IsNull() {
		e.Params.Set("currency", event.String(currency))
	}
	sum := 0.0
	for i := range e.Items {
		quantity := 1.0
		if e.Items[i].Quantity.Known {
			quantity = e.Items[i].Quantity.Float
		}
		sum += e.Items[i].Price.Float * quantity
	}
	if sum != 0 && e.Params.Get("value").IsNull() {
		e.Params.Set("value", event.Float(reading.Cents(sum)))
	}
}
