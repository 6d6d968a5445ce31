package sealed_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/purpose/sealed"
)

type Lessee struct {
	ID   string               `json:"id" subject:"id"`
	Name sealed.Value[string] `json:"name" personal:"contact.name"`
	IBAN sealed.Value[string] `json:"iban" personal:"finance.iban"`
}

// A domain struct takes plaintext in and shows none of it: only the guard of package policy reads a sealed field.
func Example() {
	var lessee Lessee
	err := json.Unmarshal([]byte(`{"id":"p-17","name":"Hedda Gabler","iban":null}`), &lessee)
	fmt.Println(err, lessee.Name.IsSet(), lessee.IBAN.IsSet())

	fmt.Printf("%+v\n", lessee)

	_, err = json.Marshal(lessee)
	fmt.Println(errors.Is(err, sealed.ErrSealed))

	fmt.Println(lessee.Name.Equal(sealed.Of("Hedda Gabler")))
	// Output:
	// <nil> true false
	// {ID:p-17 Name:[sealed] IBAN:[sealed]}
	// true
	// true
}

// A source that does not convert is named by its type and never quoted.
func ExampleValue_Scan() {
	var pay sealed.Value[int64]
	err := pay.Scan("Hedda Gabler")
	fmt.Println(err)
	fmt.Println(errors.Is(err, sealed.ErrConvert), pay.IsSet())
	// Output:
	// sealed: no conversion: string to int64
	// true false
}
