package main

import "github.com/purposebound/purposebound/purpose/sealed"

// Tenant rents a dwelling, or was offered one.
type Tenant struct {
	ID         string                 `subject:"id"`
	Name       sealed.Value[string]   `personal:"contact.name"`
	Address    sealed.Value[string]   `personal:"contact.address"`
	PostalCode sealed.Value[string]   `personal:"contact.postal_code"`
	City       sealed.Value[string]   `personal:"contact.city"`
	Phone      sealed.Value[string]   `personal:"contact.phone"`
	Email      sealed.Value[string]   `personal:"contact.email"`
	Household  sealed.Value[[]string] `personal:"household.household_member_names"`
}

// Mail is a message that came in. Whatever it holds besides, the number is not stored.
type Mail struct {
	ID    string               `subject:"id"`
	Email sealed.Value[string] `personal:"contact.email"`
	CPR   sealed.Value[string] `personal:"national-id.cpr_number"`
}

// Job is a task in a dwelling, for whoever solves it.
type Job struct {
	Tenant
	Description sealed.Value[string] `personal:"task.task_description"`
	NoEntry     sealed.Value[string] `personal:"task.no_entry_dates"`
	Why         sealed.Value[string] `personal:"task-health.no_entry_reason"`
}

// Sublet is an application to sublet the whole dwelling. It is about the tenant and about who moves in.
type Sublet struct {
	ID        string               `subject:"id"`
	Absence   sealed.Value[string] `personal:"sublet.absence_documentation"`
	Health    sealed.Value[string] `personal:"sublet-health.health_data"`
	Subtenant Subtenant
}

// Subtenant has an id, and with it objections and restrictions of their own.
type Subtenant struct {
	ID   string               `subject:"id"`
	Name sealed.Value[string] `personal:"sublet.subtenant_names"`
}

// Resident is who is registered at an address.
type Resident struct {
	ID         string               `subject:"id"`
	Name       sealed.Value[string] `personal:"residency.population_register_name"`
	Registered sealed.Value[string] `personal:"residency.registration_date"`
}

// Complaint is about a resident.
type Complaint struct {
	ID   string               `subject:"id"`
	Text sealed.Value[string] `personal:"complaint.complaint_case_data"`
}

// LogEntry says that a key opened a door.
type LogEntry struct {
	Holder string               `subject:"id"`
	Key    sealed.Value[string] `personal:"key.transponder_id"`
	Door   sealed.Value[string] `personal:"key-log.key_log_where"`
	Time   sealed.Value[string] `personal:"key-log.key_log_when"`
}

// Recording is what a camera saw of somebody.
type Recording struct {
	ID      string               `subject:"id"`
	Footage sealed.Value[string] `personal:"footage.cctv_footage"`
}

// Enquiry is a letter. It begins unchecked; whoever reads it sets down what is in it.
type Enquiry struct {
	Sender    string               `subject:"id"`
	Unchecked sealed.Value[string] `personal:"enquiry-unchecked.enquiry_text"`
	Text      sealed.Value[string] `personal:"enquiry.enquiry_text"`
	Sensitive sealed.Value[string] `personal:"enquiry-sensitive.enquiry_text"`
}

// Views are the need to know: their fields leave the guard, and nothing else.
type (
	LeaseView     struct{ Name, Address, PostalCode, City, Phone, Email string }
	NameView      struct{ Name string }
	MailingView   struct{ Name, Email string }
	TaskView      struct{ Description, Name, Phone, NoEntry string }
	SickTaskView  struct{ Description, NoEntry, Why string }
	SubletView    struct{ Absence, Health string }
	SignView      struct{ Subtenant struct{ Name string } }
	RegisterView  struct{ Name, Registered string }
	ComplaintView struct{ Text string }
	LogView       struct{ Key, Door, Time string }
	FootageView   struct{ Footage string }
	UncheckedView struct{ Unchecked string }
	EnquiryView   struct{ Text string }
	LetterView    struct{ Sensitive string }
)
