//go:build !unix

package queue

// folderLock does nothing where the system has no such lock.
type folderLock struct{}

func lockFolder(string) (*folderLock, error) { return &folderLock{}, nil }

func (l *folderLock) release() {}
