# DF-2.9: cameras record by themselves; nobody but the partner holds what they recorded.
package purposebound

import rego.v2

import data.purposebound.lib

permit contains {"rule": "cameras-record", "category": "footage"} if {
	input.purpose == "df.cctv_crime_prevention"
	input.action in {"collect", "store"}
	lib.has_role("system")
}

permit contains {"rule": "partner-keeps", "category": "footage"} if {
	input.purpose == "df.cctv_crime_prevention"
	lib.shared_with("cctv_partner")
	lib.has_role("system")
}
