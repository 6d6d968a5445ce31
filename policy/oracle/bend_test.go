package oracle_test

// bend is one rule that an oracle gets wrong on purpose, to show that the comparison would see it.
type bend string

// The bends. The empty one is straight.
const (
	collectionUnstated     bend = "collection unstated"
	redactionIgnored       bend = "redaction ignored"
	obligationsIgnored     bend = "obligations ignored"
	claimsBackwards        bend = "claims backwards"
	withdrawalIgnored      bend = "withdrawal ignored"
	untilIncluded          bend = "until included"
	marketingAsOwn         bend = "marketing as own"
	ownAsAbsolute          bend = "own as absolute"
	consentOpensBan        bend = "consent opens ban"
	prohibitionIgnored     bend = "prohibition ignored"
	restrictionIgnored     bend = "restriction ignored"
	restrictionStopsStore  bend = "restriction stops store"
	exceptionIgnored       bend = "exception ignored"
	lockIgnored            bend = "lock ignored"
	permitSiblings         bend = "permit siblings"
	refuseExact            bend = "refuse exact"
	scopeGrows             bend = "scope grows"
	scopeAsTree            bend = "scope as tree"
	knowledgeIgnored       bend = "knowledge ignored"
	recordedForValid       bend = "recorded for valid"
	throughExcluded        bend = "through excluded"
	anyOf                  bend = "any of"
	narrowingIgnored       bend = "narrowing ignored"
	refusalIgnored         bend = "refusal ignored"
	upheldIgnored          bend = "upheld ignored"
	qualityIgnored         bend = "quality ignored"
	explicitIgnored        bend = "explicit ignored"
	consentForAll          bend = "consent for all"
	contractOutlives       bend = "contract outlives"
	capacityIgnored        bend = "capacity ignored"
	lawAnytime             bend = "law anytime"
	assessmentAnytime      bend = "assessment anytime"
	incidentForever        bend = "incident forever"
	filingIgnored          bend = "filing ignored"
	derogationIgnored      bend = "derogation ignored"
	tagPurposeIgnored      bend = "tag purpose ignored"
	tagBasisIgnored        bend = "tag basis ignored"
	tagRuleIgnored         bend = "tag rule ignored"
	noticeIgnored          bend = "notice ignored"
	noticesIgnored         bend = "notices ignored"
	actionIgnored          bend = "action ignored"
	factsUnchecked         bend = "facts unchecked"
	missingFactPasses      bend = "missing fact passes"
	mainPersonOnly         bend = "main person only"
	rawAddDate             bend = "raw add date"
	eventDayCounts         bend = "event day counts"
	activityRestartsNot    bend = "activity restarts not"
	retentionIgnored       bend = "retention ignored"
	transientStored        bend = "transient stored"
	overlayIgnored         bend = "overlay ignored"
	automationIgnored      bend = "automation ignored"
	machineForPerson       bend = "machine for person"
	boundIgnored           bend = "bound ignored"
	viaIgnored             bend = "via ignored"
	recordIgnored          bend = "record ignored"
	anyLawNamed            bend = "any law named"
	namedObjectionIgnored  bend = "named objection ignored"
	dutiesIgnored          bend = "duties ignored"
	specialAutomated       bend = "special automated"
	decisiveIgnored        bend = "decisive ignored"
	provenanceIgnored      bend = "provenance ignored"
	anyPurposeServes       bend = "any purpose serves"
	compatibleTransitive   bend = "compatible transitive"
	grantIgnored           bend = "grant ignored"
	maskIgnored            bend = "mask ignored"
	statuteIgnored         bend = "statute ignored"
	agreementAnytime       bend = "agreement anytime"
	instructionIgnored     bend = "instruction ignored"
	ledgerAgreementIgnored bend = "ledger agreement ignored"
	organisationIgnored    bend = "organisation ignored"
	datasetIgnored         bend = "dataset ignored"
	areaIgnored            bend = "area ignored"
	remoteIgnored          bend = "remote ignored"
	transferIgnored        bend = "transfer ignored"
	mechanismUnnamed       bend = "mechanism unnamed"
	safeguardAnytime       bend = "safeguard anytime"
	permitWins             bend = "permit wins"
)

var bends = []bend{
	collectionUnstated, redactionIgnored, obligationsIgnored, claimsBackwards,
	withdrawalIgnored, untilIncluded, marketingAsOwn, ownAsAbsolute, consentOpensBan, prohibitionIgnored,
	restrictionIgnored, restrictionStopsStore, exceptionIgnored, lockIgnored, permitSiblings, refuseExact, scopeGrows,
	scopeAsTree, knowledgeIgnored, recordedForValid, throughExcluded, anyOf, narrowingIgnored, refusalIgnored,
	upheldIgnored, qualityIgnored, explicitIgnored, consentForAll, contractOutlives, capacityIgnored, lawAnytime,
	assessmentAnytime, incidentForever, filingIgnored, derogationIgnored, tagPurposeIgnored, tagBasisIgnored,
	tagRuleIgnored, noticeIgnored, noticesIgnored, actionIgnored, factsUnchecked, missingFactPasses, mainPersonOnly,
	rawAddDate, eventDayCounts, activityRestartsNot, retentionIgnored, transientStored, overlayIgnored, automationIgnored,
	machineForPerson, boundIgnored, viaIgnored, recordIgnored, anyLawNamed, namedObjectionIgnored, dutiesIgnored,
	specialAutomated, decisiveIgnored, provenanceIgnored, anyPurposeServes, compatibleTransitive, grantIgnored, maskIgnored,
	statuteIgnored, agreementAnytime, instructionIgnored, ledgerAgreementIgnored, organisationIgnored, datasetIgnored,
	areaIgnored, remoteIgnored, transferIgnored, mechanismUnnamed, safeguardAnytime, permitWins,
}
