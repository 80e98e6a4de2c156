package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// A store keeps objects as files of JSON, TYPE/ID.json with the ID escaped as
// in a URL's path, each as long as it exists. Beside them the file journal has
// one line for each change, "created", "updated" or "deleted", the type and the
// ID, in the order in which they happened.
type store struct {
	folder string
	watch  Watcher
}

func (s store) file(kind, id string) (string, error) {
	if s.folder == "" {
		return "", errors.New("STANDIN_STORE names no folder to keep uploads in")
	}
	return filepath.Join(s.folder, kind, url.PathEscape(id)+".json"), nil
}

// put keeps an object, whether there was one of that ID or not.
func (s store) put(action, kind, id string, object map[string]any) error {
	file, err := s.file(kind, id)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return err
	}
	// Servers read the store while it changes: never half of an object.
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return err
	}
	return s.note(action, kind, id)
}

// get finds an object; nil if there is none.
func (s store) get(kind, id string) (map[string]any, error) {
	file, err := s.file(kind, id)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var object map[string]any
	err = json.Unmarshal(text, &object)
	return object, err
}

// list finds all objects of a type.
func (s store) list(kind string) ([]map[string]any, error) {
	files, err := filepath.Glob(filepath.Join(s.folder, kind, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []map[string]any
	for _, file := range files {
		id, err := url.PathUnescape(strings.TrimSuffix(filepath.Base(file), ".json"))
		if err != nil {
			return nil, err
		}
		object, err := s.get(kind, id)
		if err != nil {
			return nil, err
		}
		if object != nil {
			all = append(all, object)
		}
	}
	return all, nil
}

func (s store) remove(kind, id string) error {
	file, err := s.file(kind, id)
	if err != nil {
		return err
	}
	if err := os.Remove(file); err != nil {
		return err
	}
	return s.note("deleted", kind, id)
}

func (s store) note(action, kind, id string) error {
	journal, err := os.OpenFile(filepath.Join(s.folder, "journal"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(journal, action, kind, id)
	return errors.Join(err, journal.Close())
}
