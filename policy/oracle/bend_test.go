package oracle_test

// bend is one rule that an oracle gets wrong on purpose, to show that the comparison would see it.
type bend int

const (
	straight bend = iota
	withdrawalIgnored
	untilIncluded
	marketingAsOwn
	ownAsAbsolute
	consentOpensBan
	prohibitionIgnored
	restrictionIgnored
	restrictionStopsStore
	exceptionIgnored
	lockIgnored
	permitSiblings
	refuseExact
	scopeGrows
	scopeAsTree
	knowledgeIgnored
	recordedForValid
	throughExcluded
	anyOf
	narrowingIgnored
	refusalIgnored
	upheldIgnored
	qualityIgnored
	explicitIgnored
	consentForAll
	contractOutlives
	capacityIgnored
	lawAnytime
	assessmentAnytime
	incidentForever
	tagPurposeIgnored
	tagBasisIgnored
	tagRuleIgnored
	noticeIgnored
	noticesIgnored
	actionIgnored
	factsUnchecked
	missingFactPasses
	mainPersonOnly
	rawAddDate
	eventDayCounts
	activityRestartsNot
	retentionIgnored
	transientStored
	overlayIgnored
	automationIgnored
	specialAutomated
	decisiveIgnored
	provenanceIgnored
	anyPurposeServes
	compatibleTransitive
	grantIgnored
	maskIgnored
	statuteIgnored
	agreementAnytime
	instructionIgnored
	ledgerAgreementIgnored
	organisationIgnored
	datasetIgnored
	areaIgnored
	remoteIgnored
	transferIgnored
	mechanismUnnamed
	safeguardAnytime
	permitWins
	bends
)
