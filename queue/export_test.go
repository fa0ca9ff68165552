package queue

// Measure is measure, for the tests that do not wait for it.
var Measure = (*Log).measure

// Abandon ends a log as if its process had been killed: nothing is settled, checkpointed or given back.
func Abandon(l *Log) {
	l.mu.Lock()
	l.closing = true
	ledgers := l.ledgers
	l.mu.Unlock()
	l.store.Close()
	l.halt()
	<-l.tended
	l.appender.close()
	for _, led := range ledgers {
		close(led.stop)
		<-led.done
	}
	l.appender.mark.Close()
}
