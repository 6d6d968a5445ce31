package purposebound

import rego.v1

permit contains "x" if input.a
