//go:build !unix

package socket

import (
	"context"
	"errors"
)

// ErrNobody says that no process offers its sockets.
var ErrNobody = errors.New("no process is running on this data folder")

// Offer is never taken where the system cannot pass sockets on.
type Offer struct{}

// NewOffer offers nothing.
func NewOffer(string, Set) (*Offer, error) { return &Offer{}, nil }

// Taken never happens.
func (*Offer) Taken() <-chan struct{} { return nil }

// Close does nothing.
func (*Offer) Close() error { return nil }

// Take finds nobody.
func Take(context.Context, string) (Set, error) { return Set{}, ErrNobody }
