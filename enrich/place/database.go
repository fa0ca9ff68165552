package place

import (
	"fmt"
	"net/netip"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/oschwald/maxminddb-golang/v2"

	"headgate/event"
	"headgate/event/wire"
)

// Database finds places by address in a MaxMind DB file. No data ships with Headgate.
type Database struct {
	reader *maxminddb.Reader
	known  *lru.Cache[netip.Addr, event.Geo]
}

// knownPlaces bounds the memory of places already looked up: about 1 MB.
const knownPlaces = 4096

// record is the part of a GeoIP2 record that is wanted: https://dev.maxmind.com/geoip/docs/databases/city-and-country
type record struct {
	Continent struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"continent"`
	Country struct {
		ISO string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	Subdivisions []struct {
		ISO string `maxminddb:"iso_code"`
	} `maxminddb:"subdivisions"`
	City struct {
		Names struct {
			English string `maxminddb:"en"`
		} `maxminddb:"names"`
	} `maxminddb:"city"`
	Postal struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"postal"`
}

// Open opens a database file of places.
func Open(file string) (*Database, error) {
	reader, err := maxminddb.Open(file)
	if err != nil {
		return nil, err
	}
	kind := strings.ToLower(reader.Metadata.DatabaseType)
	if !strings.Contains(kind, "city") && !strings.Contains(kind, "country") && !strings.Contains(kind, "enterprise") {
		_ = reader.Close() // it was only read
		return nil, fmt.Errorf("it is a %s database; expected a City or Country one", reader.Metadata.DatabaseType)
	}
	known, err := lru.New[netip.Addr, event.Geo](knownPlaces)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &Database{reader, known}, nil
}

// Find returns the place of an address, the zero Geo when it is unknown or the database is damaged there.
func (d *Database) Find(a netip.Addr) event.Geo {
	if !a.IsValid() {
		return event.Geo{}
	}
	if geo, ok := d.known.Get(a); ok {
		return geo
	}
	var r record
	var geo event.Geo
	if err := d.reader.Lookup(a).Decode(&r); err == nil {
		geo = event.Geo{
			Country:    wire.Country(r.Country.ISO),
			City:       r.City.Names.English,
			PostalCode: r.Postal.Code,
			Continent:  continent(r.Continent.Code),
		}
		if len(r.Subdivisions) > 0 && geo.Country != "" {
			geo.Region = region(r.Subdivisions[0].ISO, geo.Country)
		}
	}
	d.known.Add(a, geo)
	return geo
}

// Close releases the file.
func (d *Database) Close() error { return d.reader.Close() }
