package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"phutai/db"
)

// manifestName is the file that makes a folder a backup.
const manifestName = "manifest.json"

// manifestFormat is the version of the manifest; a program refuses a later one.
const manifestFormat = 1

// manifest says what is in a backup.
type manifest struct {
	Format  int           `json:"format"`
	TakenAt time.Time     `json:"taken_at"` // what was committed before is in it
	Files   []backedUp    `json:"files"`
	Took    time.Duration `json:"took_ns"`
}

// backedUp is one file of a backup.
type backedUp struct {
	Name     string         `json:"name"`
	Bytes    int64          `json:"bytes"`
	SHA256   string         `json:"sha256"`
	Versions map[string]int `json:"schema_versions"` // by component
}

// describe reads a copy through for the manifest.
func describe(ctx context.Context, path string) (backedUp, error) {
	b := backedUp{Name: filepath.Base(path)}
	f, err := os.Open(path)
	if err != nil {
		return b, err
	}
	defer f.Close()
	sum := sha256.New()
	if b.Bytes, err = io.Copy(sum, f); err != nil {
		return b, err
	}
	b.SHA256 = hex.EncodeToString(sum.Sum(nil))
	b.Versions, err = db.Versions(ctx, path)
	return b, err
}

func (m *manifest) write(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(dir, manifestName), append(text, '\n'))
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func readManifest(dir string) (*manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is no backup of phutai: it has no %s; name a folder that phutai store backup wrote", dir, manifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	m := &manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("read backup: %s: %w", filepath.Join(dir, manifestName), err)
	}
	if m.Format != manifestFormat {
		return nil, fmt.Errorf("backup %s has format %d, this program knows %d: use the program that wrote it", dir, m.Format, manifestFormat)
	}
	for _, f := range m.Files {
		if f.Name != filepath.Base(f.Name) {
			return nil, fmt.Errorf("backup %s names a file %q outside itself", dir, f.Name)
		}
	}
	return m, nil
}

// file gives the file of that name; nil where the backup has none.
func (m *manifest) file(name string) *backedUp {
	for i := range m.Files {
		if m.Files[i].Name == name {
			return &m.Files[i]
		}
	}
	return nil
}
