package queue

// Abandon ends a log as if its process had been killed: nothing is settled, checkpointed or given back.
func Abandon(l *Log) {
	l.mu.Lock()
	l.closing = true
	books := l.books
	l.mu.Unlock()
	l.store.close()
	l.halt()
	<-l.tended
	l.pen.close()
	for _, b := range books {
		close(b.stop)
		<-b.done
	}
}
