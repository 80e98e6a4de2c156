package e2e

import (
	"bytes"
	"io"
	"net"
	"sync"
	"time"
)

// A wire is a connection within the process that holds what was written until it
// is read, as a socket does: with net.Pipe, a side that refuses in the middle of
// what the other one writes would wait for it for ever.
type wire struct {
	net.Conn // for addresses and deadlines, which nothing here asks for
	in, out  *flow
}

// newWire is both ends of a connection.
func newWire() (a, b net.Conn) {
	there, back := newFlow(), newFlow()
	return &wire{in: back, out: there}, &wire{in: there, out: back}
}

func (w *wire) Read(into []byte) (int, error)  { return w.in.read(into) }
func (w *wire) Write(from []byte) (int, error) { return w.out.write(from) }
func (w *wire) Close() error                   { w.in.close(); w.out.close(); return nil }
func (w *wire) SetDeadline(time.Time) error    { return nil }

// SetWriteDeadline is what crypto/tls asks for before it sends an alert.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// A flow is one direction.
type flow struct {
	mutex   sync.Mutex
	changed sync.Cond
	held    bytes.Buffer
	closed  bool
}

func newFlow() *flow {
	f := &flow{}
	f.changed.L = &f.mutex
	return f
}

func (f *flow) read(into []byte) (int, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for f.held.Len() == 0 {
		if f.closed {
			return 0, io.EOF
		}
		f.changed.Wait()
	}
	return f.held.Read(into)
}

func (f *flow) write(from []byte) (int, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.closed {
		return 0, io.ErrClosedPipe
	}
	f.changed.Broadcast()
	return f.held.Write(from)
}

func (f *flow) close() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.closed = true
	f.changed.Broadcast()
}
