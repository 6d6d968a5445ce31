package export

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/purposebound/purposebound/audit"
)

// OCSFVersion is the version of the Open Cybersecurity Schema Framework that [OCSF] writes.
const OCSFVersion = "1.6.0"

// Classes and activities of OCSF.
const (
	datastoreActivity = 6005 // of category 6, Application Activity
	applicationClass  = 6
	activityRead      = 1
	activityDelete    = 7
	activityUpdate    = 2
	activityOther     = 99
)

// ocsf is an event of class 6005, or a base event.
type ocsf struct {
	ActivityID   int             `json:"activity_id"`
	ActivityName string          `json:"activity_name,omitempty"` // of activity 99, which OCSF has no name for
	CategoryUID  int             `json:"category_uid"`
	ClassUID     int             `json:"class_uid"`
	TypeUID      int             `json:"type_uid"`
	SeverityID   int             `json:"severity_id"`
	Time         int64           `json:"time"` // ms
	StatusID     int             `json:"status_id"`
	StatusCode   string          `json:"status_code,omitempty"`
	StatusDetail string          `json:"status_detail,omitempty"`
	Metadata     metadata        `json:"metadata"`
	Actor        *actor          `json:"actor,omitempty"`
	SrcEndpoint  *endpoint       `json:"src_endpoint,omitempty"`
	Database     *database       `json:"database,omitempty"`
	Unmapped     json.RawMessage `json:"unmapped"`
}

type metadata struct {
	Version        string  `json:"version"`
	Product        product `json:"product"`
	UID            string  `json:"uid"`
	EventCode      string  `json:"event_code"`
	LogName        string  `json:"log_name"`
	LogVersion     string  `json:"log_version"`
	OriginalTime   string  `json:"original_time"`
	Sequence       uint64  `json:"sequence"`
	CorrelationUID string  `json:"correlation_uid,omitempty"`
}

type product struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
}

type actor struct {
	User   *user  `json:"user,omitempty"`
	AppUID string `json:"app_uid,omitempty"`
}

type user struct {
	UID string `json:"uid"`
}

type endpoint struct {
	UID string `json:"uid"`
}

type database struct {
	UID    string `json:"uid"`
	TypeID int    `json:"type_id"` // 0: unknown
}

// mapped are the keys that have a place of their own; all others are in unmapped.
var mapped = []string{"v", "stream", "seq", "id", "time", "event.name", "outcome", "reason", "decision.id"}

// OCSF writes an event that a trail has placed in the form of OCSF 1.6.0: what was done with personal data, or refused, as
// Datastore Activity (6005), and everything else as a base event, whose class has no place for an actor. The class demands
// an endpoint and a database, which no event names: both get the stream, the writer that stands before them. What has no
// attribute of OCSF is in unmapped, under the keys of [Attributes]. The time is cut to milliseconds, with the whole of it
// in metadata.original_time. Its error is an [audit.FieldError].
func OCSF(e *audit.Event) ([]byte, error) {
	if err := valid(e); err != nil {
		return nil, err
	}
	out := ocsf{
		ActivityID: activityOther, SeverityID: ocsfSeverity(e), Time: e.Time.UnixMilli(),
		StatusID: ocsfStatus(e.Outcome), StatusCode: e.Reason, StatusDetail: string(e.Outcome),
		Metadata: metadata{
			Version: OCSFVersion, Product: product{"purposebound", "purposebound"}, UID: e.ID, EventCode: string(e.Name),
			LogName: e.Stream, LogVersion: "1", OriginalTime: e.Time.UTC().Format(timeForm), Sequence: e.Seq,
			CorrelationUID: e.DecisionID,
		},
	}
	keys := mapped
	if onData(e.Name) {
		keys = append(slices.Clone(mapped), "principal.ref")
		out.ClassUID, out.CategoryUID, out.ActivityID = datastoreActivity, applicationClass, ocsfActivity(e)
		out.SrcEndpoint, out.Database = &endpoint{e.Stream}, &database{UID: e.Stream}
		out.Actor = &actor{AppUID: e.Stream}
		if e.PrincipalRef != "" {
			out.Actor = &actor{User: &user{e.PrincipalRef}}
		}
	}
	if out.ActivityID == activityOther {
		out.ActivityName = string(e.Name)
	}
	out.TypeUID = out.ClassUID*100 + out.ActivityID
	rest := slices.DeleteFunc(attributes(e), func(a Attribute) bool { return slices.Contains(keys, a.Key[len(Prefix):]) })
	out.Unmapped = appendObject(nil, rest)
	text, err := json.Marshal(&out)
	if err != nil {
		return nil, errors.New("export: the event has no OCSF form")
	}
	return text, nil
}

// onData reports whether an event is about reading, sharing or erasing data itself.
func onData(n audit.Name) bool {
	switch n {
	case audit.AccessRead, audit.AccessShare, audit.AccessDenied, audit.AccessBreakGlass, audit.ShareDelivered,
		audit.ReleaseAborted, audit.RetentionErased, audit.DataSubjectErased:
		return true
	}
	return false
}

func ocsfActivity(e *audit.Event) int {
	switch e.Name {
	case audit.AccessRead, audit.AccessShare, audit.AccessDenied, audit.AccessBreakGlass:
		return activityRead
	case audit.DataSubjectErased:
		return activityDelete
	case audit.RetentionErased:
		if e.Action == "" || e.Action == "erase" {
			return activityDelete
		}
		return activityUpdate // anonymised or restricted
	}
	return activityOther
}

// ocsfStatus returns 1 for success, 2 for failure, 0 where nothing is said.
func ocsfStatus(o audit.Outcome) int {
	switch o {
	case audit.Permitted, audit.Partial, audit.Done:
		return 1
	case audit.Denied, audit.Aborted, audit.Failed:
		return 2
	}
	return 0
}

// ocsfSeverity returns 1 informational, 3 medium, 4 high.
func ocsfSeverity(e *audit.Event) int {
	switch s := Severity(e); {
	case s >= 17:
		return 4
	case s >= 13:
		return 3
	}
	return 1
}
