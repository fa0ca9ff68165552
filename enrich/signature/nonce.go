package signature

import (
	"crypto/sha256"
	"sync"
)

// Nonces remembers which nonces were seen, up to mostNonces of the newest: about 10 MB when it is full. A signature cannot be used
// again by somebody who has read it as long as its nonce is remembered.
type Nonces struct {
	mu          sync.Mutex
	young, aged map[[16]byte]struct{}
}

const mostNonces = 128 << 10

// Again reports whether a nonce of a key was seen before, and remembers it.
func (n *Nonces) Again(key, nonce string) bool {
	sum := sha256.Sum256([]byte(key + "\x00" + nonce))
	id := [16]byte(sum[:16])
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, seen := n.young[id]; seen {
		return true
	}
	if _, seen := n.aged[id]; seen {
		return true
	}
	if n.young == nil || len(n.young) >= mostNonces/2 {
		n.young, n.aged = map[[16]byte]struct{}{}, n.young
	}
	n.young[id] = struct{}{}
	return false
}
