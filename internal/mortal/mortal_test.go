package mortal

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

const mode = "PURPOSEBOUND_TEST_MODE"

func TestMain(m *testing.M) {
	switch os.Getenv(mode) {
	case "ends":
		fmt.Print("one\ntwo\ncut")
		os.Exit(0)
	case "lives":
		fmt.Println("one")
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

func TestWhatAProcessPrintedBeforeItsEnd(t *testing.T) {
	if got := Kill(t, time.Hour, mode+"=ends"); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q", got)
	}
	if got := Kill(t, time.Millisecond, mode+"=lives"); !slices.Equal(got, []string{"one"}) {
		t.Errorf("%q", got)
	}
}
