package erasure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strconv"
	"sync"
)

// FileJournal is a journal in one file of lines, each with a checksum, each synced before it counts. It is safe for
// concurrent use.
type FileJournal struct {
	mu   sync.Mutex
	path string
	file *os.File
	size int64
	open []Intent
	err  error // it can no longer promise durability
}

var _ Journal = (*FileJournal)(nil)

const (
	maxJournal     = 1 << 20  // bytes, beyond which closed orders are dropped
	maxJournalLine = 64 << 20 // bytes
)

// journalLine is an intent, or the batch of one that is closed.
type journalLine struct {
	Intent *Intent `json:"intent,omitempty"`
	Done   string  `json:"done,omitempty"`
}

// OpenJournal opens the journal at path, and makes it with mode 0600 if there is none. A last line that a crash cut short
// never counted and is dropped.
func OpenJournal(path string) (*FileJournal, error) {
	f, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	j := &FileJournal{path: path, file: f}
	if err := j.load(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

func (j *FileJournal) load() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() > 2*maxJournalLine {
		return fmt.Errorf("%w: the journal is too long", ErrDamaged)
	}
	text, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	open, whole, err := parseJournal(text)
	if err != nil {
		return err
	}
	j.open, j.size = open, int64(whole)
	if whole < len(text) {
		if err := j.cut(j.size); err != nil {
			return err
		}
	}
	return j.forget()
}

// parseJournal returns the open intents and how many bytes were whole lines. Only behind the last newline may anything
// be amiss: a write that was cut short has none.
func parseJournal(text []byte) (open []Intent, whole int, err error) {
	for n := 1; ; n++ {
		i := bytes.IndexByte(text[whole:], '\n')
		if i < 0 {
			return open, whole, nil
		}
		line, err := parseJournalLine(text[whole : whole+i])
		if err != nil {
			return nil, 0, fmt.Errorf("%w: journal line %d: %s", ErrDamaged, n, err)
		}
		if line.Intent != nil {
			open = append(open, *line.Intent)
		} else {
			open = slices.DeleteFunc(open, func(o Intent) bool { return o.Batch == line.Done })
		}
		whole += i + 1
	}
}

// parseJournalLine reads "checksum json". Its errors repeat nothing.
func parseJournalLine(text []byte) (line journalLine, err error) {
	sum, body, found := bytes.Cut(text, []byte{' '})
	want, bad := strconv.ParseUint(string(sum), 16, 32)
	if !found || bad != nil || len(sum) != 8 || crc32.ChecksumIEEE(body) != uint32(want) {
		return line, errors.New("checksum differs")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if dec.Decode(&line) != nil || dec.InputOffset() != int64(len(body)) {
		return line, errors.New("malformed")
	}
	if (line.Intent == nil) == (line.Done == "") || line.Intent != nil && (line.Intent.Batch == "" || len(line.Intent.Keys) == 0) {
		return line, errors.New("incomplete")
	}
	return line, nil
}

// Begin implements [Journal].
func (j *FileJournal) Begin(ctx context.Context, i Intent) error {
	if i.Batch == "" || len(i.Keys) == 0 {
		return errors.New("erasure: intent without batch or keys")
	}
	i.Keys = slices.Clone(i.Keys)
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.ContainsFunc(j.open, func(o Intent) bool { return o.Batch == i.Batch }) {
		return errors.New("erasure: the batch has begun already")
	}
	if err := j.append(ctx, journalLine{Intent: &i}); err != nil {
		return err
	}
	j.open = append(j.open, i)
	return nil
}

// Done implements [Journal].
func (j *FileJournal) Done(ctx context.Context, batch string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.ContainsFunc(j.open, func(o Intent) bool { return o.Batch == batch }) {
		return j.usable(ctx)
	}
	if err := j.append(ctx, journalLine{Done: batch}); err != nil {
		return err
	}
	j.open = slices.DeleteFunc(j.open, func(o Intent) bool { return o.Batch == batch })
	if j.size > maxJournal {
		return j.forget()
	}
	return nil
}

// Open implements [Journal].
func (j *FileJournal) Open(ctx context.Context) ([]Intent, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.usable(ctx); err != nil {
		return nil, err
	}
	open := slices.Clone(j.open)
	for i := range open {
		open[i].Keys = slices.Clone(open[i].Keys)
	}
	return open, nil
}

// Close drops the keys of closed orders and gives the file free. It may be called twice.
func (j *FileJournal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	err := j.err
	if err == nil {
		err = j.forget()
	}
	err = errors.Join(err, j.file.Close())
	j.file, j.err = nil, ErrClosed
	return err
}

func (j *FileJournal) usable(ctx context.Context) error {
	if j.err != nil {
		return j.err
	}
	return ctx.Err()
}

// append makes a line durable. After a failure nobody knows what the file holds, until it is opened anew.
func (j *FileJournal) append(ctx context.Context, line journalLine) error {
	if err := j.usable(ctx); err != nil {
		return err
	}
	body, err := json.Marshal(line)
	if err != nil {
		return errors.New("erasure: the intent has no written form")
	}
	if len(body) > maxJournalLine {
		return errors.New("erasure: the batch is too large for the journal")
	}
	text := append(fmt.Appendf(nil, "%08x ", crc32.ChecksumIEEE(body)), body...)
	text = append(text, '\n')
	if _, err = j.file.WriteAt(text, j.size); err == nil {
		err = j.file.Sync()
	}
	if err == nil {
		err = sameFile(j.file, j.path)
	}
	if err != nil {
		j.err = failed(ErrRecord, err)
		return j.err
	}
	j.size += int64(len(text))
	return nil
}

// forget empties the file when nothing is open.
func (j *FileJournal) forget() error {
	if len(j.open) > 0 || j.size == 0 {
		return nil
	}
	if err := j.cut(0); err != nil {
		j.err = failed(ErrRecord, err)
		return j.err
	}
	j.size = 0
	return nil
}

func (j *FileJournal) cut(size int64) error {
	if err := j.file.Truncate(size); err != nil {
		return err
	}
	return j.file.Sync()
}
