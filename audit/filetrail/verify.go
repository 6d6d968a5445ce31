package filetrail

import (
	"context"
	"errors"
	"io"

	"github.com/purposebound/purposebound/audit"
)

// Verify checks all lines of the trail in dir, without an anchor. It takes no lock and changes nothing; while somebody
// writes, the last line may look torn.
func Verify(dir string) (audit.Report, error) {
	return VerifyWith(context.Background(), dir, audit.Check{})
}

// VerifyWith checks all lines of the trail in dir against c, whose Pruned it takes from the directory.
func VerifyWith(ctx context.Context, dir string, c audit.Check) (audit.Report, error) {
	root, err := openExisting(dir)
	if err != nil {
		return audit.Report{}, err
	}
	l, err := look(root)
	if err != nil {
		return audit.Report{}, errors.Join(err, root.Close())
	}
	c.Pruned = l.pruned
	all := &concat{disk: root, names: l.segments}
	rep, err := c.Verify(ctx, all)
	return rep, errors.Join(err, all.close(), root.Close())
}

// concat reads segments one after the other, with one of them open at a time.
type concat struct {
	disk  disk
	names []string
	file  file
}

func (c *concat) Read(p []byte) (int, error) {
	for {
		if c.file == nil {
			if len(c.names) == 0 {
				return 0, io.EOF
			}
			f, err := c.disk.OpenFile(c.names[0], forReading)
			if err != nil {
				return 0, err
			}
			c.file, c.names = f, c.names[1:]
		}
		n, err := c.file.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := c.close(); n > 0 || err != nil {
			return n, err
		}
	}
}

func (c *concat) close() error {
	if c.file == nil {
		return nil
	}
	f := c.file
	c.file = nil
	return f.Close()
}
