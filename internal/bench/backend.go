package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// A backend keeps Terraform's state over HTTP, in memory.
type backend struct {
	server *httptest.Server
	mutex  sync.Mutex
	states map[string][]byte // by path
	writes int
}

func newBackend() *backend {
	b := &backend{states: map[string][]byte{}}
	b.server = httptest.NewServer(b)
	return b
}

// ServeHTTP is the protocol of Terraform's http backend, without locks.
func (b *backend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	at := request.URL.Path
	switch request.Method {
	case http.MethodGet:
		state, ok := b.states[at]
		if !ok {
			response.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = response.Write(state) // a reader that went away is no fault
	case http.MethodPost:
		state, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		b.states[at] = state
		b.writes++
	case http.MethodDelete:
		delete(b.states, at)
	default:
		response.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// size is how many bytes the state at a path has.
func (b *backend) size(at string) int64 {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return int64(len(b.states[at]))
}

func (b *backend) url(at string) string { return b.server.URL + at }
