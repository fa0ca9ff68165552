package stream

import "github.com/nats-io/nats-server/v2/server"

// checkedServer is the release of nats-server whose private details this package relies on, because the server offers no public
// way to learn or do the same:
//
//   - blocks.go reads and repairs the server's block files. The server allocates memory for sequence numbers it has not
//     verified, so that one flipped bit can use up all memory at every start, before anything of its API can be called.
//   - serverlog.go recognises two lines of the server's log. After a failed write the server no longer answers, and reports it
//     nowhere else.
//   - errorOf and publishError recognise two errors by their text, since their codes are shared with others.
//   - layout.go sets no limit per subject on local disks: the server can loop for ever when it enforces one in a damaged file.
//
// A test fails when go.mod moves to another release. Compare msgBlock.indexCacheBuf and msgBlock.writeMsgRecordLocked in
// filestore.go, the lines serverlog.go looks for, and errors.json with those of this release; run the damage, crash and full-disk
// tests of queue; then change the constant. Until then RepairBlocks leaves files alone.
const checkedServer = "2.15.2"

func serverIsChecked() bool { return server.VERSION == checkedServer }
