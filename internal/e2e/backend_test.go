package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// An httpBackend keeps a state as Terraform's backend "http" expects it, with a
// lock, in memory.
type httpBackend struct {
	mutex sync.Mutex
	state []byte
	lock  []byte
	// outage makes it refuse to take a state.
	outage bool
}

// startHTTPBackend serves a backend until the test is over. It returns the block
// that names it.
func startHTTPBackend(t *testing.T) (backend *httpBackend, block string) {
	t.Helper()
	backend = &httpBackend{}
	server := httptest.NewServer(backend)
	t.Cleanup(server.Close)
	return backend, `terraform {
  backend "http" {
    address        = "` + server.URL + `"
    lock_address   = "` + server.URL + `"
    unlock_address = "` + server.URL + `"
    retry_max      = 0
  }
}
`
}

func (b *httpBackend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	body, err := io.ReadAll(request.Body)
	switch {
	case err != nil:
		response.WriteHeader(http.StatusBadRequest)
	case request.Method == "LOCK" && b.lock != nil:
		response.WriteHeader(http.StatusLocked)
		_, _ = response.Write(b.lock)
	case request.Method == "LOCK":
		b.lock = body
	case request.Method == "UNLOCK":
		b.lock = nil
	case request.Method == http.MethodPost && b.outage:
		response.WriteHeader(http.StatusServiceUnavailable)
	case request.Method == http.MethodPost:
		b.state = body
	case request.Method == http.MethodGet && b.state == nil:
		response.WriteHeader(http.StatusNoContent)
	case request.Method == http.MethodGet:
		_, _ = response.Write(b.state)
	default:
		response.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// breaksDown makes the backend refuse to take a state, or take it again.
func (b *httpBackend) breaksDown(outage bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.outage = outage
}
