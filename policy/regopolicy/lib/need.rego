# METADATA
# title: Building blocks for policies
# description: >-
#  What policies ask for most: need to know, recipients, working hours, four eyes, incidents, fields and masks.
#  A part of the input that a request may leave out is asked plainly in permit, and under not in deny, redact and
#  obligations; then its absence permits nothing. The annotation stated says which function asks for such a part
#  (optional) and which may stand anywhere (always). An argument counts where it is written.
# scope: subpackages
package purposebound.lib

import rego.v2

# METADATA
# title: The principal holds a role
# scope: document
# custom:
#  stated: optional
has_role(role) if role in input.principal.roles

# METADATA
# title: The principal holds one of the roles
# scope: document
# custom:
#  stated: optional
has_any_role(roles) if {
	some role in roles
	has_role(role)
}

# METADATA
# title: The principal works on a task or case
# scope: document
# custom:
#  stated: optional
has_task(task) if task in input.principal.tasks

# METADATA
# title: The principal works on one of the tasks or cases
# scope: document
# custom:
#  stated: optional
has_any_task(tasks) if {
	some task in tasks
	has_task(task)
}

# METADATA
# title: The principal needs to know by role, task and case
# description: The case is most often a fact, input.facts["case-id"], and must be among the tasks of the principal.
# scope: document
# custom:
#  stated: optional
needs_to_know(role, task, case) if {
	has_role(role)
	has_task(task)
	has_task(case)
}

# METADATA
# title: The principal needs a field, after a table
# description: >-
#  The table is a list of {"purpose": ..., "role": ..., "category": ...} from a base document, some with a "task".
#  A row holds for its purpose and all below, and for its category and all below.
# scope: document
# custom:
#  stated: optional
needs_field(table, field) if {
	some row in table
	row.purpose in input.purposes
	within(field, row.category)
	has_role(row.role)
	_has_task_of(row)
}

_has_task_of(row) if object.get(row, "task", "") == ""

_has_task_of(row) if has_task(row.task)
