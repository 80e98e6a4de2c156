//go:build unix

package signer

import (
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// endGroup gives a command a process group of its own, and has the end of its
// context end the whole group: a script's own programs, too. First they are asked
// to, so that a session with a token can be closed, and after patience they are
// killed. The function that is returned is to be called once the command is over.
func endGroup(command *exec.Cmd, patience time.Duration) (over func()) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(command.SysProcAttr)
	var mutex sync.Mutex
	var kill *time.Timer
	command.Cancel = func() error {
		group := -command.Process.Pid
		mutex.Lock()
		kill = time.AfterFunc(patience, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
		mutex.Unlock()
		return syscall.Kill(group, syscall.SIGTERM)
	}
	return func() {
		mutex.Lock()
		defer mutex.Unlock()
		if kill != nil && kill.Stop() {
			// It ended in time; what it started may not have.
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		}
	}
}
