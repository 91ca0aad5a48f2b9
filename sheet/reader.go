package sheet

// Reader reads tables. The zero value reads Unicode and tells nobody how far it
// has come.
type Reader struct {
	Encoding Encoding
	// Progress is told now and then how many rows have been read of all tables
	// so far; nil: nobody asks.
	Progress func(rows int)
}

// progressEvery is after how many rows Progress is told.
const progressEvery = 500

// rows counts for one call of the reader.
type rows struct {
	read int
	tell func(rows int)
}

func (c *rows) add() {
	if c.read++; c.tell != nil && c.read%progressEvery == 0 {
		c.tell(c.read)
	}
}
