package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// soundParts reads the parts of a workbook that hold rows through to their
// ends. The library takes a part that breaks off, or that unpacks to more than
// it claims, for one that ends there: rows would be missed without a word.
func soundParts(path string) (err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	var total uint64
	for _, f := range z.File {
		total += f.UncompressedSize64
		if f.UncompressedSize64 > maxUnpack || total > maxUnpack {
			return fmt.Errorf("it unpacks to more than %d MiB", maxUnpack>>20)
		}
	}
	for _, f := range z.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		if !strings.HasSuffix(name, ".xml") || !strings.HasPrefix(name, "xl/worksheets/") && name != "xl/sharedstrings.xml" {
			continue
		}
		if err := wellFormed(f); err != nil {
			return fmt.Errorf("%s is damaged: %w", f.Name, err)
		}
	}
	return nil
}

// wellFormed reads one part, no further than it claims to go.
func wellFormed(f *zip.File) (err error) {
	part, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	d := xml.NewDecoder(part)
	elements := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && elements > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
}
