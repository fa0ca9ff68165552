package queue

// Abandon ends a log as if its process had been killed: nothing is settled, checkpointed or given back.
func Abandon(l *Log) {
	l.halt()
	l.mu.Lock()
	l.closing = true
	l.leases = newLeases()
	l.mu.Unlock()
	l.store.close()
}
