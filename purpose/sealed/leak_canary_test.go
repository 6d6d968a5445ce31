package sealed_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/purposebound/purposebound/purpose/sealed"
)

// plain is the negative control: what a wrapper with a private field and no methods gives away.
type plain[T any] struct{ v T }

type (
	exported[W any]  struct{ Name W }
	hidden[W any]    struct{ name W }
	attribute[W any] struct {
		Name W `xml:"name,attr"`
	}
	chardata[W any] struct {
		Name W `xml:",chardata"`
	}
	innerxml[W any] struct {
		Name W `xml:",innerxml"`
	}
	comment[W any] struct {
		Name W `xml:",comment"`
	}
)

// carrier is one wrapped canary, and another one to differ from, in the shapes in which programs hold values.
type carrier struct {
	value, other                           any
	exported, otherExported                any
	hidden, otherHidden                    any
	attribute, chardata, innerxml, comment any
	pointer, pointerPointer                any
	slice, otherSlice, array, dict, anys   any
	deep                                   any
}

func carry[W any](w, other W) carrier {
	p := &w
	return carrier{
		value: w, other: other,
		exported: exported[W]{w}, otherExported: exported[W]{other},
		hidden: hidden[W]{w}, otherHidden: hidden[W]{other},
		attribute: attribute[W]{w}, chardata: chardata[W]{w}, innerxml: innerxml[W]{w}, comment: comment[W]{w},
		pointer: p, pointerPointer: &p,
		slice: []W{w}, otherSlice: []W{other}, array: [1]W{w}, dict: map[string]W{"name": w}, anys: []any{w},
		deep: hidden[any]{[]hidden[map[string]W]{{map[string]W{"name": w}}}},
	}
}

// shapes are the parts of a carrier that print without a heap address at depth.
func (c carrier) shapes() map[string]any {
	return map[string]any{
		"value": c.value, "exported": c.exported, "hidden": c.hidden, "slice": c.slice, "array": c.array,
		"map": c.dict, "anys": c.anys, "deep": c.deep,
	}
}

// kind is one value type: the same canary sealed and plain, the mirror image with the canaries swapped, and every
// spelling of the canary to search for.
type kind struct {
	name                 string
	sealed, sealedMirror carrier
	plain, plainMirror   carrier
	needles              []string
	crash, crashPlain    func(form string)
}

func kindOf[T any](name string, canary, other T, leaves ...any) kind {
	var needles []string
	for _, leaf := range leaves {
		needles = append(needles, spellings(leaf)...)
	}
	closed := sealed.Of(canary)
	return kind{
		name:         name,
		sealed:       carry(closed, sealed.Of(other)),
		sealedMirror: carry(sealed.Of(other), sealed.Of(canary)),
		plain:        carry(plain[T]{canary}, plain[T]{other}),
		plainMirror:  carry(plain[T]{other}, plain[T]{canary}),
		needles:      needles,
		crash:        func(form string) { crash(form, closed) },
		crashPlain:   func(form string) { crash(form, plain[T]{canary}) },
	}
}

type (
	iban   string
	person struct {
		Name string
		Born time.Time
		Pay  int64
	}
)

const (
	canaryText = "QzXvWkJpCanary"
	otherText  = "FinchesBgHyTrM"
	canaryInt  = int64(7284619350728461935)
	otherInt   = int64(5913847260591384726)
	canary32   = int32(1739485261)
	other32    = int32(1928374655)
	canaryReal = 86420.97531
	otherReal  = 97531.86420
)

func kinds() []kind {
	text, otherT := canaryText, otherText
	born, otherBorn := time.Date(2093, 7, 19, 21, 43, 56, 0, time.UTC), time.Date(2087, 5, 13, 23, 37, 49, 0, time.UTC)
	var digest, otherDigest [16]byte
	copy(digest[:], canaryText)
	copy(otherDigest[:], otherText)
	return []kind{
		kindOf("string", text, otherT, text),
		kindOf("named string", iban(text), iban(otherT), text),
		kindOf("[]byte", []byte(text), []byte(otherT), text),
		kindOf("[16]byte", digest, otherDigest, text),
		kindOf("int64", canaryInt, otherInt, canaryInt),
		kindOf("int32", canary32, other32, int64(canary32)),
		kindOf("uint64", uint64(canaryInt), uint64(otherInt), canaryInt),
		kindOf("float64", canaryReal, otherReal, canaryReal),
		kindOf("bool", true, false, true),
		kindOf("time.Time", born, otherBorn, born),
		kindOf("struct", person{text, born, canaryInt}, person{otherT, otherBorn, otherInt}, text, born, canaryInt),
		kindOf("*string", &text, &otherT, text),
		kindOf("[]string", []string{text}, []string{otherT}, text),
		kindOf("map", map[string]string{text: text}, map[string]string{otherT: otherT}, text),
		kindOf("*big.Int", big.NewInt(canaryInt), big.NewInt(otherInt), canaryInt),
		kindOf("any", any(text), any(otherT), text),
	}
}

// spellings lists the ways in which a leaf could be written, each long enough not to appear by chance.
func spellings(leaf any) []string {
	switch v := leaf.(type) {
	case string:
		return textSpellings(v)
	case int64:
		return intSpellings(v)
	case float64:
		s := []string{fmt.Sprintf("%.3f", v), fmt.Sprintf("%.3e", v), fmt.Sprintf("%.6g", v), fmt.Sprintf("%b", v), fmt.Sprintf("%.4x", v)}
		return append(s, intSpellings(int64(math.Float64bits(v)))...)
	case bool:
		return []string{"true"}
	case time.Time:
		s := []string{v.Format(time.DateOnly), v.Format("02 Jan 2006"), v.Format("Jan _2"), v.Format(time.TimeOnly)}
		s = append(s, intSpellings(v.Unix())...)
		s = append(s, intSpellings(v.UnixNano())...)
		return append(s, intSpellings(v.Unix()+62135596800)...) // seconds since year 1, as package time keeps them
	}
	panic(fmt.Sprintf("no spellings for %T", leaf))
}

func textSpellings(s string) []string {
	head := []byte(s[:8])
	sum := sha256.Sum256([]byte(s))
	found := []string{
		s[:6], s[len(s)-8:], fmt.Sprintf("% x", head), fmt.Sprintf("%# x", head), fmt.Sprintf("%#v", head)[7:20],
		fmt.Sprintf("%c", head)[1:8], fmt.Sprintf("%q", head), fmt.Sprintf("%q", []rune(s))[1:12],
		hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(sum[:]), base64.RawURLEncoding.EncodeToString(sum[:]),
	}
	for _, verb := range []string{"%x", "%X", "% X", "%b", "%o", "%O", "%U"} {
		found = append(found, strings.Trim(fmt.Sprintf(verb, head), "[]"))
	}
	list := strings.Trim(fmt.Sprint(head), "[]")
	found = append(found, list, strings.ReplaceAll(list, " ", ","), strings.ReplaceAll(list, " ", ", "))
	for shift := range 3 { // base64 of the text at any offset in a longer message
		shifted := base64.StdEncoding.EncodeToString(append(make([]byte, shift), s...))
		found = append(found, shifted[4:12])
	}
	return found
}

func intSpellings(n int64) []string {
	var found []string
	for _, verb := range []string{"%d", "%x", "%X", "%o", "%b", "%U"} {
		found = append(found, fmt.Sprintf(verb, n))
	}
	big, little := binary.BigEndian.AppendUint64(nil, uint64(n)), binary.LittleEndian.AppendUint64(nil, uint64(n))
	sum := sha256.Sum256([]byte(fmt.Sprint(n)))
	return append(found, hex.EncodeToString(little), base64.RawStdEncoding.EncodeToString(big),
		base64.RawStdEncoding.EncodeToString(little), hex.EncodeToString(sum[:]))
}
