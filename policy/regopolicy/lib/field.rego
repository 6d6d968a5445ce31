package purposebound.lib

import rego.v2

# METADATA
# title: A requested field lies in a category or below it
# description: The field is a path, a key of input.fields.
# scope: document
# custom:
#  stated: always
within(field, category) if category in input.fields[field].within

# METADATA
# title: A requested field lies in one of the categories or below
# scope: document
# custom:
#  stated: always
within_any(field, categories) if {
	some category in categories
	within(field, category)
}

# METADATA
# title: A requested field is of a class
# scope: document
# custom:
#  stated: always
of_class(field, class) if input.fields[field].class == class

# METADATA
# title: The mask that leaves nothing
# scope: document
# custom:
#  stated: always
mask_remove := "remove"

# METADATA
# title: The mask that leaves the last four characters
# scope: document
# custom:
#  stated: always
mask_last_four := "last-four"

# METADATA
# title: The mask that leaves the year
# scope: document
# custom:
#  stated: always
mask_year := "year"

# METADATA
# title: The mask that leaves initials
# scope: document
# custom:
#  stated: always
mask_initials := "initials"
