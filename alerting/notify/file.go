package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// File is the channel that appends each page as one line of JSON to a file, and
// its full text to the same path with .txt appended. Both are on the disk
// before Send returns.
type File struct {
	path string
	mu   sync.Mutex // one message at a time, so that lines stay whole
}

// NewFile makes the channel; the file and its folder are made when needed.
func NewFile(path string) *File { return &File{path: path} }

// Name is "file".
func (*File) Name() string { return "file" }

// Send appends the message.
func (f *File) Send(_ context.Context, m Message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return Permanent{fmt.Errorf("encode page %s: %w", m.Key, err)}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(f.path), 0o750); err != nil {
		return fmt.Errorf("make the folder of pages: %w", err)
	}
	text := fmt.Sprintf("[%s]\n%s\n\n", m.Key, m.Text)
	return errors.Join(appendTo(f.path+".txt", []byte(text)), appendTo(f.path, append(line, '\n')))
}

// appendTo writes at the end and waits for the disk.
func appendTo(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("append a page: %w", err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("append a page to %s: %w", path, err)
	}
	return nil
}
