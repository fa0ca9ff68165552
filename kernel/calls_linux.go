package kernel

import (
	"io"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// All that needs addresses is in this file.

// transferOnce reads or writes a socket that does not block.
func transferOnce(call, fd uintptr, b []byte) (int, syscall.Errno) {
	n, _, no := syscall.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), no
}

// WriteAt writes b to a file whose space is set aside, without giving the thread away: it is for a disk that was quick just now.
func WriteAt(f *os.File, b []byte, off int64) error {
	fd := f.Fd()
	for len(b) > 0 {
		n, _, no := syscall.RawSyscall6(syscall.SYS_PWRITE64, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), uintptr(off), 0, 0)
		switch {
		case no == syscall.EINTR:
		case no != 0:
			return &os.PathError{Op: "write", Path: f.Name(), Err: no}
		case n == 0:
			return io.ErrShortWrite
		default:
			b, off = b[n:], off+int64(n)
		}
	}
	return nil
}

// request and answer have the layout of linux/aio_abi.h on little-endian machines; what differs on others is zero here.
type request struct {
	_      uint64 // data
	_      uint64 // key and flags
	op     uint16
	_      int16 // priority
	fd     uint32
	_      [4]uint64 // what is read or written
	result uint32    // how it is told
	event  uint32    // that is written to then
}

type answer struct {
	_, _   uint64 // data and request
	result int64
	_      int64
}

const (
	opDatasync    = 3 // IOCB_CMD_FDSYNC
	resultToEvent = 1 // IOCB_FLAG_RESFD
)

// ring is a queue of the kernel for one request at a time.
type ring uintptr

func newRing() (r ring, no syscall.Errno) {
	_, _, no = syscall.Syscall(unix.SYS_IO_SETUP, 1, uintptr(unsafe.Pointer(&r)), 0)
	return r, no
}

func (r ring) destroy() { _, _, _ = syscall.Syscall(unix.SYS_IO_DESTROY, uintptr(r), 0, 0) }

// submit hands a request over, which must stay where it is until its answer was taken.
func (r ring) submit(one *[1]*request) syscall.Errno {
	_, _, no := syscall.RawSyscall(unix.SYS_IO_SUBMIT, uintptr(r), 1, uintptr(unsafe.Pointer(one)))
	return no
}

// take returns the result of the request whose event has come.
func (r ring) take() (result int64, ok bool) {
	var a answer
	var none unix.Timespec
	n, _, no := syscall.RawSyscall6(unix.SYS_IO_GETEVENTS, uintptr(r), 1, 1, uintptr(unsafe.Pointer(&a)), uintptr(unsafe.Pointer(&none)), 0)
	return a.result, no == 0 && n == 1
}
