package e2e

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"
	"time"
)

// A tally counts what became of every connection of every data plane.
type tally struct {
	mutex    sync.Mutex
	accepted int
	refused  int
	// first says why the first refused connection was.
	first error
	// served counts the accepted connections by the certificate presented.
	served map[string]int
}

func (c *tally) count(presented string, err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err != nil {
		c.refused++
		if c.first == nil {
			c.first = err
		}
		return
	}
	c.accepted++
	if c.served == nil {
		c.served = map[string]int{}
	}
	c.served[presented]++
}

// saw reports whether a connection with that certificate was accepted.
func (c *tally) saw(presented string) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.served[presented] > 0
}

func (c *tally) String() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return fmt.Sprintf("%d connections, %d accepted, %d refused, %d different certificates",
		c.accepted+c.refused, c.accepted, c.refused, len(c.served))
}

// A dataPlane presents what its secret says, and takes up a changed secret late:
// as a process does that must be restarted for it.
type dataPlane struct {
	plane  controlPlane
	secret func() (tls.Certificate, error)
	late   time.Duration // from the change of the secret on
	pause  time.Duration // between connections
	// changes counts what was done to secrets and uploads: whenever it has, a
	// connection waits for no pause. Nil: nothing counts that.
	changes func() int64
	counted int64 // when it last waited for no pause
	tally   *tally
}

// start connects again and again until stop is closed.
func (d *dataPlane) start(t *testing.T, running *sync.WaitGroup, stop <-chan struct{}) {
	running.Go(func() {
		presented, err := d.secret()
		changed := time.Time{} // zero: the secret says what is presented
		for err == nil {
			if !d.rest(stop) {
				return
			}
			var said tls.Certificate
			if said, err = d.secret(); err != nil {
				break
			}
			switch {
			case bytes.Equal(said.Certificate[0], presented.Certificate[0]):
				changed = time.Time{}
			case d.late > 0 && changed.IsZero():
				changed = time.Now()
			case time.Since(changed) >= d.late:
				presented = said
			}
			d.plane.connect(func(address string) {
				d.tally.count(string(presented.Certificate[0]), reach(address, presented))
			})
		}
		t.Errorf("data plane: %v", err)
	})
}

// looks is how often a data plane that rests looks for changes.
const looks = 2 * time.Millisecond

// rest returns when the next connection is due, or false once stop is closed.
func (d *dataPlane) rest(stop <-chan struct{}) bool {
	until := time.Now().Add(d.pause)
	for {
		next := d.pause
		if d.changes != nil {
			next = looks
		}
		select {
		case <-stop:
			return false
		case <-time.After(next):
		}
		if d.changes == nil || !time.Now().Before(until) {
			return true
		}
		if now := d.changes(); now != d.counted {
			d.counted = now
			return true
		}
	}
}

func readSecret(file string) (tls.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(text, text)
}

// reach connects and asks for an answer. With TLS 1.3 a refusal comes after the
// client takes the handshake for done, so that only an answer is acceptance.
func reach(address string, identity tls.Certificate) error {
	connection, err := tls.Dial("tcp", address, &tls.Config{ //nolint:noctx // bounded by the deadline below
		// Presented whatever issuers the server names.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &identity, nil },
		InsecureSkipVerify:   true, // the client is on trial here
	})
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(connection, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return err
	}
	answer, err := io.ReadAll(connection)
	if len(answer) > 0 {
		return nil
	}
	if err == nil {
		err = errors.New("closed without an answer")
	}
	return err
}
