package app

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// secretFolder gives secrets by name: one file each, readable by its owner only.
type secretFolder string

var secretName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// judgeSecretName says what keeps a name from being that of a file in the
// secret folder; nil: nothing does.
func judgeSecretName(name string) error {
	if !secretName.MatchString(name) {
		return fmt.Errorf("secret %q: use letters, digits, dot, dash and underscore only", name)
	}
	return nil
}

// Secret reads the secret of that name, without the line's end. An empty name
// is no secret and gives nil.
func (d secretFolder) Secret(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	if err := judgeSecretName(name); err != nil {
		return nil, err
	}
	path := filepath.Join(string(d), name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("secret %s: there is no file %s; write the secret into it and chmod 600 it", name, path)
	}
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("secret %s: others can read %s; chmod 600 it", name, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	return trimLine(text), nil
}

// trimLine takes the end of the line away that editors put behind a secret.
func trimLine(text []byte) []byte { return bytes.TrimRight(text, "\r\n") }
