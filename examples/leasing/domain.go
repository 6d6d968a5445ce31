package main

import "github.com/purposebound/purposebound/purpose/sealed"

// Lessee is a person who leases a car.
type Lessee struct {
	ID        string               `subject:"id"`
	Name      sealed.Value[string] `personal:"contact.name"`
	Address   sealed.Value[string] `personal:"contact.address"`
	Email     sealed.Value[string] `personal:"contact.email"`
	Phone     sealed.Value[string] `personal:"contact.phone"`
	CPR       sealed.Value[string] `personal:"national-id.cpr" purpose:"fx.kyc,fx.aml" basis:"legal-obligation"`
	KYCRecord sealed.Value[string] `personal:"aml.kyc_record"`
	IBAN      sealed.Value[string] `personal:"finance.iban"`
	Income    sealed.Value[int64]  `personal:"finance.income"`
}

// Contract is about two people: the lessee and who stands surety.
type Contract struct {
	Lessee
	Number    string               `personal:"-"`
	Vehicle   sealed.Value[string] `personal:"vehicle.data"`
	Guarantor *Guarantor
}

// Guarantor has an id, and with it consents, objections and restrictions of their own.
type Guarantor struct {
	ID     string               `subject:"id"`
	Name   sealed.Value[string] `personal:"contact.name"`
	Income sealed.Value[int64]  `personal:"finance.income"`
}

// SiteVisitor is known by a cookie.
type SiteVisitor struct {
	ID              string               `subject:"id"`
	IPAddress       sealed.Value[string] `personal:"visit.ip_address"`
	BrowserType     sealed.Value[string] `personal:"visit.browser_type"`
	SearchTopics    sealed.Value[string] `personal:"visit.search_topics"`
	WebsitesVisited sealed.Value[string] `personal:"cookies.websites_visited"`
	Purchases       sealed.Value[string] `personal:"cookies.purchases"`
	AdsSeen         sealed.Value[string] `personal:"cookies.ads_seen"`
	SiteUsage       sealed.Value[string] `personal:"cookies.site_usage"`
}

// Views are the need to know: their fields leave the guard, and nothing else.
type (
	ContactView  struct{ Name, Address, Email, Phone string }
	PhoneView    struct{ Phone string }
	DebitView    struct{ Name, IBAN string }
	MailingView  struct{ Name, Email string }
	IdentityView struct{ Name, CPR, KYCRecord string }
	RepairView   struct{ Name, Phone, Vehicle string }

	WholeFileView struct {
		Name, Email, CPR, KYCRecord string
		Income                      int64
	}
	SuretyView struct {
		Income    int64
		Guarantor struct{ Income int64 }
	}

	SearchView struct{ SearchTopics string }
	AdView     struct {
		IPAddress, BrowserType, WebsitesVisited, Purchases, AdsSeen, SiteUsage string
	}
)
