package grid

// Problem is one thing that is wrong with a configuration, told so that the
// reader knows what to do. Field is the dotted path below the part that
// reports it, such as "retry.every"; app adds the file and the line.
type Problem struct {
	Field string
	Text  string
}
