package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A sample is what one command took.
type sample struct {
	wall      time.Duration
	processor time.Duration // of the command and what it started
	memory    int64         // bytes, the most of the command and what it started at one moment; 0 where /proc is missing
	state     int64         // bytes, after it
}

const changesPlanned = 2 // the exit code of terraform plan -detailed-exitcode

// execute runs one command to its end.
func execute(ctx context.Context, folder string, environment []string, name string, arguments ...string) (sample, error) {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir, command.Env = folder, environment
	// Terraform ends its providers when it is interrupted, not when it is killed.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = time.Minute
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	begin := time.Now()
	if err := command.Start(); err != nil {
		return sample{}, err
	}
	ended, highest := make(chan struct{}), make(chan int64, 1)
	go func() { highest <- watchMemory(command.Process.Pid, ended) }()
	err := command.Wait()
	result := sample{wall: time.Since(begin)}
	close(ended)
	result.memory = <-highest
	result.processor = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if err != nil {
		return result, &commandError{command: strings.Join(arguments, " "), said: said.String(), err: err}
	}
	return result, nil
}

// A commandError is a command that failed, with what it said.
type commandError struct {
	command string
	said    string
	err     error
}

func (e *commandError) Error() string {
	return fmt.Sprintf("terraform %s: %v\n%s", e.command, e.err, e.said)
}

func (e *commandError) Unwrap() error { return e.err }

// exitCode is that of a command that ran; -1 if it did not.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return -1
}

// watchMemory looks at a process and what it started until it has ended: the
// most that they took together at one moment.
func watchMemory(pid int, ended <-chan struct{}) int64 {
	var highest int64
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var sum int64
		for _, member := range family(pid) {
			sum += resident(member)
		}
		highest = max(highest, sum)
		select {
		case <-ended:
			return highest
		case <-tick.C:
		}
	}
}

// family is a process and what its threads started.
func family(pid int) []int {
	members := []int{pid}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for word := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				members = append(members, family(child)...)
			}
		}
	}
	return members
}

// resident is the memory that a process has resident, in bytes.
func resident(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
