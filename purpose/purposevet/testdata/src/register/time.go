package register

import "time"

var at time.Time
