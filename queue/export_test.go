package queue

// Measure is measure, for the tests that do not wait for it.
var Measure = (*Log).measure

// Abandon ends a log as if its process had been killed: nothing is settled, checkpointed or given back.
func Abandon(l *Log) {
	l.ledgers.BeginClose()
	l.closeStore()
	l.halt()
	<-l.tended
	l.appender.close()
	l.ledgers.Close()
	l.appender.mark.Close()
}
