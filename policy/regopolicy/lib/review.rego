package purposebound.lib

import rego.v2

# METADATA
# title: A second person reviews
# description: A reviewer is stated, and is not the principal.
# scope: document
# custom:
#  stated: optional
four_eyes if {
	input.reviewer != ""
	input.reviewer != input.principal.id
}
